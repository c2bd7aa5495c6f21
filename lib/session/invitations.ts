import {
  INVITATION_API_CALL_ERR_CODE,
  type LOCAL_INVITATION_ERR_CODE,
  type REMOTE_INVITATION_ERR_CODE,
  REMOTE_INVITATION_STATE,
} from '../enums.js';
import type { NativeEnvironment } from '../native/environment.js';
import type { RemoteInvitationsSink } from '../native/event-kinds.js';
import type { Runtime } from '../native/runtime.js';
import type { Activity } from './activity.js';
import { LocalInvitation, RemoteInvitation } from './invitation.js';

const { INVITATION_API_CALL_ERR_OK, INVITATION_API_CALL_ERR_INVALID_ARGUMENT, INVITATION_API_CALL_ERR_ALREADY_END } =
  INVITATION_API_CALL_ERR_CODE;

/** The events of a session's invitations for their owner. All events of one invitation carry the same object. */
export interface InvitationEvents {
  onLocalReceived(invitation: LocalInvitation): void;
  onLocalCanceled(invitation: LocalInvitation): void;
  onLocalFailure(invitation: LocalInvitation, code: LOCAL_INVITATION_ERR_CODE): void;
  onLocalAccepted(invitation: LocalInvitation): void;
  onLocalRefused(invitation: LocalInvitation): void;
  onRemoteReceived(invitation: RemoteInvitation): void;
  onRemoteAccepted(invitation: RemoteInvitation): void;
  onRemoteRefused(invitation: RemoteInvitation): void;
  onRemoteCanceled(invitation: RemoteInvitation): void;
  onRemoteFailure(invitation: RemoteInvitation, code: REMOTE_INVITATION_ERR_CODE): void;
}

/**
 * The invitations to calls of one session. Every open invitation counts as a call whose result is still to come, so
 * that its last event arrives although the login has ended before. It is also held here, because a program may have no
 * other reference to it than its handler.
 */
export class SessionInvitations implements RemoteInvitationsSink {
  /** The owner, which hears of everything. */
  events: InvitationEvents | undefined;
  /** The object that the program sees, so that a session has one. */
  facade: object | undefined;
  readonly #environment: NativeEnvironment;
  readonly #objects: Runtime['objects'];
  readonly #activity: Activity;
  readonly #onRelease: () => void;
  readonly #locals = new Set<LocalInvitation>();
  readonly #remotes = new Map<number, RemoteInvitation>();
  /** 0 once it is released. */
  #handle: number;

  constructor(handle: number, shared: Runtime, activity: Activity, onRelease: () => void) {
    const { environment, objects } = shared;
    this.#handle = handle;
    this.#environment = environment;
    this.#objects = objects;
    this.#activity = activity;
    this.#onRelease = onRelease;
    objects.add(handle, this, (collected) => environment.callManagerRelease(collected));
  }

  /** Makes a caller's invitation; null for a bad user id, and after the release. */
  create(calleeId: string | null): LocalInvitation | null {
    const environment = this.#environment;
    const handle = this.#handle === 0 ? 0 : environment.createInvitation(this.#handle, calleeId);
    if (handle === 0) return null;
    const invitation = new LocalInvitation(this, environment, handle, calleeId as string);
    this.#objects.add(handle, invitation, (collected) => environment.invitationRelease(collected));
    return invitation;
  }

  send(invitation: LocalInvitation | undefined): INVITATION_API_CALL_ERR_CODE {
    return this.#owns(invitation) ? invitation.send() : INVITATION_API_CALL_ERR_INVALID_ARGUMENT;
  }

  cancel(invitation: LocalInvitation | undefined): INVITATION_API_CALL_ERR_CODE {
    return this.#owns(invitation) ? invitation.cancel() : INVITATION_API_CALL_ERR_INVALID_ARGUMENT;
  }

  /** Accepts or refuses, with the invitation's `response`. */
  answer(invitation: RemoteInvitation | undefined, accept: boolean): INVITATION_API_CALL_ERR_CODE {
    if (!this.#owns(invitation)) return INVITATION_API_CALL_ERR_INVALID_ARGUMENT;
    if (this.#remotes.get(invitation.number) !== invitation) return INVITATION_API_CALL_ERR_ALREADY_END;
    const { number, response } = invitation;
    const code = this.#environment.remoteInvitationAnswer(this.#handle, number, accept, response);
    if (code === INVITATION_API_CALL_ERR_OK) {
      invitation.state = accept
        ? REMOTE_INVITATION_STATE.REMOTE_INVITATION_STATE_ACCEPT_SENT_TO_LOCAL
        : REMOTE_INVITATION_STATE.REMOTE_INVITATION_STATE_REFUSED;
    }
    return code as INVITATION_API_CALL_ERR_CODE;
  }

  /** Ends all invitations without events. Invitations that arrive later are not taken. */
  release(): void {
    if (this.#handle === 0) return;
    const handle = this.#handle;
    this.#handle = 0;
    this.events = undefined;
    for (const invitation of [...this.#locals]) this.closed(invitation);
    for (const number of [...this.#remotes.keys()]) this.#take(number);
    this.#objects.delete(handle);
    this.#onRelease();
    this.#environment.callManagerRelease(handle);
  }

  #owns<T extends LocalInvitation | RemoteInvitation>(invitation: T | undefined): invitation is T {
    return this.#handle !== 0 && invitation?.owner === this;
  }

  /** @internal An invitation was sent: events are to be expected. */
  opened(invitation: LocalInvitation): void {
    this.#locals.add(invitation);
    this.#activity.accepted(0);
  }

  /** @internal No event is to be expected any more. */
  closed(invitation: LocalInvitation): void {
    if (this.#locals.delete(invitation)) this.#activity.concluded();
  }

  /** @internal The program has released an invitation. */
  forget(invitation: LocalInvitation, handle: number): void {
    this.closed(invitation);
    this.#objects.delete(handle);
    this.#environment.invitationRelease(handle);
  }

  onRemoteInvitationReceived(number: number, callerId: string, content: string, channelId: string): void {
    const invitation = new RemoteInvitation(this, number, callerId, content, channelId);
    this.#remotes.set(number, invitation);
    this.#activity.accepted(0);
    this.events?.onRemoteReceived(invitation);
  }

  onRemoteInvitationAccepted(number: number): void {
    const invitation = this.#take(number, REMOTE_INVITATION_STATE.REMOTE_INVITATION_STATE_ACCEPTED);
    if (invitation) this.events?.onRemoteAccepted(invitation);
  }

  onRemoteInvitationRefused(number: number): void {
    const invitation = this.#take(number, REMOTE_INVITATION_STATE.REMOTE_INVITATION_STATE_REFUSED);
    if (invitation) this.events?.onRemoteRefused(invitation);
  }

  onRemoteInvitationCanceled(number: number): void {
    const invitation = this.#take(number, REMOTE_INVITATION_STATE.REMOTE_INVITATION_STATE_CANCELED);
    if (invitation) this.events?.onRemoteCanceled(invitation);
  }

  onRemoteInvitationFailure(number: number, code: REMOTE_INVITATION_ERR_CODE): void {
    const invitation = this.#take(number, REMOTE_INVITATION_STATE.REMOTE_INVITATION_STATE_FAILURE);
    if (invitation) this.events?.onRemoteFailure(invitation, code);
  }

  /** Takes out an invitation that has ended, in that state. */
  #take(number: number, state?: REMOTE_INVITATION_STATE): RemoteInvitation | undefined {
    const invitation = this.#remotes.get(number);
    if (!invitation) return undefined;
    this.#remotes.delete(number);
    this.#activity.concluded();
    if (state !== undefined) invitation.state = state;
    return invitation;
  }
}
