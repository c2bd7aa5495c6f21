import {
  type INVITATION_API_CALL_ERR_CODE,
  type LOCAL_INVITATION_ERR_CODE,
  LOCAL_INVITATION_STATE,
  REMOTE_INVITATION_STATE,
} from '../enums.js';
import type { NativeEnvironment } from '../native/environment.js';
import type { LocalInvitationSink } from '../native/event-kinds.js';
import type { SessionInvitations } from './invitations.js';

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
 * An invitation of this user to another one, and the sink of its events. Its state follows the calls made and the
 * events delivered, so that a callback sees the state that it tells of.
 */
export class LocalInvitation implements LocalInvitationSink {
  readonly owner: SessionInvitations;
  readonly calleeId: string;
  content = '';
  channelId = '';
  response = '';
  state: LOCAL_INVITATION_STATE = LOCAL_INVITATION_STATE_IDLE;
  /** The object that the program sees: the same in all events. */
  facade: object | undefined;
  readonly #environment: NativeEnvironment;
  /** 0 once it is released. */
  #handle: number;

  constructor(owner: SessionInvitations, environment: NativeEnvironment, handle: number, calleeId: string) {
    this.owner = owner;
    this.#environment = environment;
    this.#handle = handle;
    this.calleeId = calleeId;
  }

  get isIdle(): boolean {
    return this.state === LOCAL_INVITATION_STATE_IDLE;
  }

  send(): INVITATION_API_CALL_ERR_CODE {
    const code = this.#environment.invitationSend(this.#handle, this.content, this.channelId);
    if (code === 0) {
      this.state = LOCAL_INVITATION_STATE_SENT_TO_REMOTE;
      this.owner.opened(this);
    }
    return code as INVITATION_API_CALL_ERR_CODE;
  }

  cancel(): INVITATION_API_CALL_ERR_CODE {
    const code = this.#environment.invitationCancel(this.#handle);
    if (code === 0) this.state = LOCAL_INVITATION_STATE_CANCELED;
    return code as INVITATION_API_CALL_ERR_CODE;
  }

  release(): void {
    if (this.#handle === 0) return;
    const handle = this.#handle;
    this.#handle = 0;
    this.owner.forget(this, handle);
  }

  onLocalInvitationReceived(): void {
    // The invitation may have been canceled while this event was on its way.
    if (this.state === LOCAL_INVITATION_STATE_SENT_TO_REMOTE) this.state = LOCAL_INVITATION_STATE_RECEIVED_BY_REMOTE;
    this.owner.events?.onLocalReceived(this);
  }

  onLocalInvitationCanceled(): void {
    this.#end(LOCAL_INVITATION_STATE_CANCELED);
    this.owner.events?.onLocalCanceled(this);
  }

  onLocalInvitationFailure(code: LOCAL_INVITATION_ERR_CODE): void {
    this.#end(LOCAL_INVITATION_STATE_FAILURE);
    this.owner.events?.onLocalFailure(this, code);
  }

  onLocalInvitationAccepted(response: string): void {
    this.response = response;
    this.#end(LOCAL_INVITATION_STATE_ACCEPTED_BY_REMOTE);
    this.owner.events?.onLocalAccepted(this);
  }

  onLocalInvitationRefused(response: string): void {
    this.response = response;
    this.#end(LOCAL_INVITATION_STATE_REFUSED_BY_REMOTE);
    this.owner.events?.onLocalRefused(this);
  }

  #end(state: LOCAL_INVITATION_STATE): void {
    this.state = state;
    this.owner.closed(this);
  }
}

/** An invitation of another user to this one. */
export class RemoteInvitation {
  readonly owner: SessionInvitations;
  /** The addon knows an open invitation by this number. */
  readonly number: number;
  readonly callerId: string;
  readonly content: string;
  readonly channelId: string;
  response = '';
  state: REMOTE_INVITATION_STATE = REMOTE_INVITATION_STATE.REMOTE_INVITATION_STATE_INVITATION_RECEIVED;
  /** The object that the program sees: the same in all events. */
  facade: object | undefined;

  constructor(owner: SessionInvitations, number: number, callerId: string, content: string, channelId: string) {
    this.owner = owner;
    this.number = number;
    this.callerId = callerId;
    this.content = content;
    this.channelId = channelId;
  }

  get isUnanswered(): boolean {
    return this.state === REMOTE_INVITATION_STATE.REMOTE_INVITATION_STATE_INVITATION_RECEIVED;
  }
}
