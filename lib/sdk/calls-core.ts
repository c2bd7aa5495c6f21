import {
  INVITATION_API_CALL_ERR_CODE,
  type LOCAL_INVITATION_ERR_CODE,
  type REMOTE_INVITATION_ERR_CODE,
  REMOTE_INVITATION_STATE,
} from '../enums.js';
import type { RawPort } from '../native/environment.js';
import type { RemoteCallsSink } from '../native/event-kinds.js';
import type { Registry } from '../native/registry.js';
import { nullableText } from './arguments.js';
import { HandlerList } from './handler-list.js';
import { LocalInvitationCore, RemoteInvitationCore } from './invitation-core.js';

const { INVITATION_API_CALL_ERR_OK, INVITATION_API_CALL_ERR_INVALID_ARGUMENT, INVITATION_API_CALL_ERR_ALREADY_END } =
  INVITATION_API_CALL_ERR_CODE;

/** What a call manager needs of its service. */
export interface CallsOwner {
  readonly runtime: {
    readonly port: RawPort;
    readonly report: (error: unknown) => void;
    readonly objects: Pick<Registry<object>, 'add' | 'delete'>;
  };
  accepted(code: number): number;
  concluded(): void;
  forgetCalls(): void;
}

/** The callbacks, with what stands behind the invitations; `RtmCallManager` turns these into the public objects. */
export interface CallsHandler {
  onLocalReceived(invitation: LocalInvitationCore): void;
  onLocalCanceled(invitation: LocalInvitationCore): void;
  onLocalFailure(invitation: LocalInvitationCore, code: LOCAL_INVITATION_ERR_CODE): void;
  onLocalAccepted(invitation: LocalInvitationCore): void;
  onLocalRefused(invitation: LocalInvitationCore): void;
  onRemoteReceived(invitation: RemoteInvitationCore): void;
  onRemoteAccepted(invitation: RemoteInvitationCore): void;
  onRemoteRefused(invitation: RemoteInvitationCore): void;
  onRemoteCanceled(invitation: RemoteInvitationCore): void;
  onRemoteFailure(invitation: RemoteInvitationCore, code: REMOTE_INVITATION_ERR_CODE): void;
}

/**
 * What stands behind an `RtmCallManager`. Every open invitation counts as a call whose result is still to come, so that
 * its last callback arrives although the login has ended before; and it is held here, since a program may have no other
 * reference to it than its handler.
 */
export class CallsCore implements RemoteCallsSink {
  /** The public object, so that a service has one. */
  facade: object | undefined;
  readonly #owner: CallsOwner;
  readonly #handlers: HandlerList<CallsHandler>;
  readonly #locals = new Set<LocalInvitationCore>();
  readonly #remotes = new Map<number, RemoteInvitationCore>();
  #handle: number;

  constructor(owner: CallsOwner, handle: number) {
    this.#owner = owner;
    this.#handle = handle;
    this.#handlers = new HandlerList(owner.runtime.report);
    const { port, objects } = owner.runtime;
    objects.add(handle, this, (collected) => port.callManagerRelease(collected));
  }

  get port(): RawPort {
    return this.#owner.runtime.port;
  }

  /** A call manager has one handler at a time, as in C++. */
  setHandler(handler: CallsHandler): void {
    this.#handlers.replace(handler);
  }

  create(calleeId: string | null): LocalInvitationCore | null {
    nullableText(calleeId, 'calleeId');
    const handle = this.#handle === 0 ? 0 : this.port.createInvitation(this.#handle, calleeId);
    if (handle === 0) return null;
    const invitation = new LocalInvitationCore(this, handle, calleeId as string);
    const { port, objects } = this.#owner.runtime;
    objects.add(handle, invitation, (collected) => port.invitationRelease(collected));
    return invitation;
  }

  send(invitation: LocalInvitationCore | undefined): INVITATION_API_CALL_ERR_CODE {
    return this.#owns(invitation) ? invitation.send() : INVITATION_API_CALL_ERR_INVALID_ARGUMENT;
  }

  cancel(invitation: LocalInvitationCore | undefined): INVITATION_API_CALL_ERR_CODE {
    return this.#owns(invitation) ? invitation.cancel() : INVITATION_API_CALL_ERR_INVALID_ARGUMENT;
  }

  answer(invitation: RemoteInvitationCore | undefined, accept: boolean): INVITATION_API_CALL_ERR_CODE {
    if (!this.#owns(invitation)) return INVITATION_API_CALL_ERR_INVALID_ARGUMENT;
    if (this.#remotes.get(invitation.number) !== invitation) return INVITATION_API_CALL_ERR_ALREADY_END;
    const { number, response } = invitation;
    const code = this.port.remoteInvitationAnswer(this.#handle, number, accept, response);
    if (code === INVITATION_API_CALL_ERR_OK) {
      invitation.state = accept
        ? REMOTE_INVITATION_STATE.REMOTE_INVITATION_STATE_ACCEPT_SENT_TO_LOCAL
        : REMOTE_INVITATION_STATE.REMOTE_INVITATION_STATE_REFUSED;
    }
    return code as INVITATION_API_CALL_ERR_CODE;
  }

  release(): void {
    if (this.#handle === 0) return;
    const handle = this.#handle;
    this.#handle = 0;
    this.#handlers.replace();
    for (const invitation of [...this.#locals]) this.closed(invitation);
    for (const number of [...this.#remotes.keys()]) this.#take(number);
    this.#owner.runtime.objects.delete(handle);
    this.#owner.forgetCalls();
    this.port.callManagerRelease(handle);
  }

  #owns<T extends LocalInvitationCore | RemoteInvitationCore>(invitation: T | undefined): invitation is T {
    return this.#handle !== 0 && invitation?.manager === this;
  }

  emit(call: (handler: CallsHandler) => void): void {
    this.#handlers.emit(call);
  }

  /** An invitation was sent: callbacks are to be expected. */
  opened(invitation: LocalInvitationCore): void {
    this.#locals.add(invitation);
    this.#owner.accepted(0);
  }

  /** No callback is to be expected any more. */
  closed(invitation: LocalInvitationCore): void {
    if (this.#locals.delete(invitation)) this.#owner.concluded();
  }

  /** The user has released an invitation. */
  forget(invitation: LocalInvitationCore, handle: number): void {
    this.closed(invitation);
    this.#owner.runtime.objects.delete(handle);
    this.port.invitationRelease(handle);
  }

  onRemoteCallReceived(number: number, callerId: string, content: string, channelId: string): void {
    const invitation = new RemoteInvitationCore(this, number, callerId, content, channelId);
    this.#remotes.set(number, invitation);
    this.#owner.accepted(0);
    this.emit((handler) => handler.onRemoteReceived(invitation));
  }

  onRemoteCallAccepted(number: number): void {
    const invitation = this.#take(number, REMOTE_INVITATION_STATE.REMOTE_INVITATION_STATE_ACCEPTED);
    if (invitation) this.emit((handler) => handler.onRemoteAccepted(invitation));
  }

  onRemoteCallRefused(number: number): void {
    const invitation = this.#take(number, REMOTE_INVITATION_STATE.REMOTE_INVITATION_STATE_REFUSED);
    if (invitation) this.emit((handler) => handler.onRemoteRefused(invitation));
  }

  onRemoteCallCanceled(number: number): void {
    const invitation = this.#take(number, REMOTE_INVITATION_STATE.REMOTE_INVITATION_STATE_CANCELED);
    if (invitation) this.emit((handler) => handler.onRemoteCanceled(invitation));
  }

  onRemoteCallFailure(number: number, code: REMOTE_INVITATION_ERR_CODE): void {
    const invitation = this.#take(number, REMOTE_INVITATION_STATE.REMOTE_INVITATION_STATE_FAILURE);
    if (invitation) this.emit((handler) => handler.onRemoteFailure(invitation, code));
  }

  /** Takes out an invitation that has ended, in that state. */
  #take(number: number, state?: REMOTE_INVITATION_STATE): RemoteInvitationCore | undefined {
    const invitation = this.#remotes.get(number);
    if (!invitation) return undefined;
    this.#remotes.delete(number);
    this.#owner.concluded();
    if (state !== undefined) invitation.state = state;
    return invitation;
  }
}
