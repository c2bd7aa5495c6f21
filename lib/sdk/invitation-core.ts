import {
  type INVITATION_API_CALL_ERR_CODE,
  type LOCAL_INVITATION_ERR_CODE,
  LOCAL_INVITATION_STATE,
  REMOTE_INVITATION_STATE,
} from '../enums.js';
import type { LocalCallSink } from '../native/event-kinds.js';
import type { CallsCore } from './calls-core.js';

const {
  LOCAL_INVITATION_STATE_IDLE,
  LOCAL_INVITATION_STATE_SENT_TO_REMOTE,
  LOCAL_INVITATION_STATE_RECEIVED_BY_REMOTE,
  LOCAL_INVITATION_STATE_ACCEPTED_BY_REMOTE,
  LOCAL_INVITATION_STATE_REFUSED_BY_REMOTE,
  LOCAL_INVITATION_STATE_CANCELED,
  LOCAL_INVITATION_STATE_FAILURE,
} = LOCAL_INVITATION_STATE;

/**
 * What stands behind a caller's invitation, and the sink of its events. Its state is that of the calls made and the
 * events delivered, so that a callback sees the state that it tells of.
 */
export class LocalInvitationCore implements LocalCallSink {
  readonly manager: CallsCore;
  readonly calleeId: string;
  content = '';
  channelId = '';
  response = '';
  state: LOCAL_INVITATION_STATE = LOCAL_INVITATION_STATE_IDLE;
  /** The public object: the same in all callbacks. */
  facade: object | undefined;
  /** 0 once it is released. */
  #handle: number;

  constructor(manager: CallsCore, handle: number, calleeId: string) {
    this.manager = manager;
    this.#handle = handle;
    this.calleeId = calleeId;
  }

  get isIdle(): boolean {
    return this.state === LOCAL_INVITATION_STATE_IDLE;
  }

  send(): INVITATION_API_CALL_ERR_CODE {
    const code = this.manager.port.invitationSend(this.#handle, this.content, this.channelId);
    if (code === 0) {
      this.state = LOCAL_INVITATION_STATE_SENT_TO_REMOTE;
      this.manager.opened(this);
    }
    return code as INVITATION_API_CALL_ERR_CODE;
  }

  cancel(): INVITATION_API_CALL_ERR_CODE {
    const code = this.manager.port.invitationCancel(this.#handle);
    if (code === 0) this.state = LOCAL_INVITATION_STATE_CANCELED;
    return code as INVITATION_API_CALL_ERR_CODE;
  }

  release(): void {
    if (this.#handle === 0) return;
    const handle = this.#handle;
    this.#handle = 0;
    this.manager.forget(this, handle);
  }

  onLocalCallReceived(): void {
    // It may have been canceled while this event was on its way.
    if (this.state === LOCAL_INVITATION_STATE_SENT_TO_REMOTE) this.state = LOCAL_INVITATION_STATE_RECEIVED_BY_REMOTE;
    this.manager.emit((handler) => handler.onLocalReceived(this));
  }

  onLocalCallCanceled(): void {
    this.#end(LOCAL_INVITATION_STATE_CANCELED);
    this.manager.emit((handler) => handler.onLocalCanceled(this));
  }

  onLocalCallFailure(code: LOCAL_INVITATION_ERR_CODE): void {
    this.#end(LOCAL_INVITATION_STATE_FAILURE);
    this.manager.emit((handler) => handler.onLocalFailure(this, code));
  }

  onLocalCallAccepted(response: string): void {
    this.response = response;
    this.#end(LOCAL_INVITATION_STATE_ACCEPTED_BY_REMOTE);
    this.manager.emit((handler) => handler.onLocalAccepted(this));
  }

  onLocalCallRefused(response: string): void {
    this.response = response;
    this.#end(LOCAL_INVITATION_STATE_REFUSED_BY_REMOTE);
    this.manager.emit((handler) => handler.onLocalRefused(this));
  }

  #end(state: LOCAL_INVITATION_STATE): void {
    this.state = state;
    this.manager.closed(this);
  }
}

/** What stands behind a callee's invitation. */
export class RemoteInvitationCore {
  readonly manager: CallsCore;
  /** By which the addon knows it, while it is open. */
  readonly number: number;
  readonly callerId: string;
  readonly content: string;
  readonly channelId: string;
  response = '';
  state: REMOTE_INVITATION_STATE = REMOTE_INVITATION_STATE.REMOTE_INVITATION_STATE_INVITATION_RECEIVED;
  /** The public object: the same in all callbacks. */
  facade: object | undefined;

  constructor(manager: CallsCore, number: number, callerId: string, content: string, channelId: string) {
    this.manager = manager;
    this.number = number;
    this.callerId = callerId;
    this.content = content;
    this.channelId = channelId;
  }

  get isUnanswered(): boolean {
    return this.state === REMOTE_INVITATION_STATE.REMOTE_INVITATION_STATE_INVITATION_RECEIVED;
  }
}
