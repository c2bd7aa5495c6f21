import { checkNullableString } from '../checks.js';
import type { INVITATION_API_CALL_ERR_CODE, LOCAL_INVITATION_ERR_CODE, REMOTE_INVITATION_ERR_CODE } from '../enums.js';
import type { InvitationEvents, SessionInvitations } from '../session/invitations.js';
import type { CallbackContext } from './callback-context.js';
import { RtmLocalCallInvitation, RtmRemoteCallInvitation } from './invitations.js';

/**
 * What a call manager reports (docs/spec/api.md §12). Every method is optional; objects may be kept after the callback.
 */
export interface IRtmCallEventHandler {
  /** Caller: the SDK of the callee has the invitation. */
  onLocalInvitationReceivedByPeer?(localInvitation: RtmLocalCallInvitation): void;
  /** Caller: the cancellation is done; end. */
  onLocalInvitationCanceled?(localInvitation: RtmLocalCallInvitation): void;
  /** Caller: the invitation failed; end. */
  onLocalInvitationFailure?(localInvitation: RtmLocalCallInvitation, errorCode: LOCAL_INVITATION_ERR_CODE): void;
  /** Caller: the callee accepted; end. */
  onLocalInvitationAccepted?(localInvitation: RtmLocalCallInvitation, response: string): void;
  /** Caller: the callee refused; end. */
  onLocalInvitationRefused?(localInvitation: RtmLocalCallInvitation, response: string): void;
  /** Callee: the callee's refusal has reached the server; the invitation has ended. */
  onRemoteInvitationRefused?(remoteInvitation: RtmRemoteCallInvitation): void;
  /** Callee: the caller's SDK has the acceptance; end. */
  onRemoteInvitationAccepted?(remoteInvitation: RtmRemoteCallInvitation): void;
  /** Callee: a new invitation, to be accepted or refused within 60 s. */
  onRemoteInvitationReceived?(remoteInvitation: RtmRemoteCallInvitation): void;
  /** Callee: the invitation failed; end. */
  onRemoteInvitationFailure?(remoteInvitation: RtmRemoteCallInvitation, errorCode: REMOTE_INVITATION_ERR_CODE): void;
  /** Callee: the caller cancelled; end. */
  onRemoteInvitationCanceled?(remoteInvitation: RtmRemoteCallInvitation): void;
}

/** {@link IRtmCallEventHandler} by its TypeScript name. */
export type RtmCallEventHandler = IRtmCallEventHandler;

/**
 * Call invitations of one service (docs/spec/api.md §12, docs/spec/semantics.md §7). From
 * `RtmService.getRtmCallManager`. It carries invite, cancel, accept and refuse; ringing, busy handling and the call
 * itself are the application's.
 *
 * Calls return 0 when they were accepted, and then the callbacks tell how it goes on; otherwise an
 * `INVITATION_API_CALL_ERR_CODE`: INVALID_ARGUMENT for null, another manager's or a released invitation, a released
 * manager or service, and a content, response or channel id that cannot be sent.
 */
export class RtmCallManager {
  readonly #invitations: SessionInvitations;

  private constructor(invitations: SessionInvitations) {
    this.#invitations = invitations;
  }

  /** @internal The one object of a service, with this handler from now on. */
  static of(invitations: SessionInvitations, handler: IRtmCallEventHandler, context: CallbackContext): RtmCallManager {
    invitations.facade ??= new RtmCallManager(invitations);
    invitations.events = context.bind(eventsOf(handler));
    return invitations.facade as RtmCallManager;
  }

  /**
   * Sends an invitation, once. Then `onLocalInvitationReceivedByPeer` and one of the caller's end callbacks. The
   * callee's SDK has 30 s to take it, also by logging in meanwhile; then somebody has to act within 60 s of the send.
   * Without a login it returns 0 and fails with `LOCAL_INVITATION_ERR_NOT_LOGGEDIN` (docs/spec/api.md §12.1).
   *
   * @throws TypeError `ERR_RTM_INVALID_ARG_TYPE` if it is neither such an invitation nor null
   */
  sendLocalInvitation(invitation: RtmLocalCallInvitation | null): INVITATION_API_CALL_ERR_CODE {
    return this.#invitations.send(RtmLocalCallInvitation.sessionObject(invitation));
  }

  /**
   * Accepts, with the response that was set. Then `onRemoteInvitationAccepted`, or `onRemoteInvitationFailure` if the
   * caller's SDK does not confirm within 10 s; `onRemoteInvitationCanceled` if the caller was first (docs/spec/api.md
   * §12.2).
   *
   * @throws TypeError `ERR_RTM_INVALID_ARG_TYPE` if it is neither such an invitation nor null
   */
  acceptRemoteInvitation(invitation: RtmRemoteCallInvitation | null): INVITATION_API_CALL_ERR_CODE {
    return this.#invitations.answer(RtmRemoteCallInvitation.sessionObject(invitation), true);
  }

  /**
   * Refuses, with the response that was set. Then `onRemoteInvitationRefused` (docs/spec/api.md §12.3).
   *
   * @throws TypeError `ERR_RTM_INVALID_ARG_TYPE` if it is neither such an invitation nor null
   */
  refuseRemoteInvitation(invitation: RtmRemoteCallInvitation | null): INVITATION_API_CALL_ERR_CODE {
    return this.#invitations.answer(RtmRemoteCallInvitation.sessionObject(invitation), false);
  }

  /**
   * Cancels an invitation that was sent. Then `onLocalInvitationCanceled` (docs/spec/api.md §12.4).
   *
   * @throws TypeError `ERR_RTM_INVALID_ARG_TYPE` if it is neither such an invitation nor null
   */
  cancelLocalInvitation(invitation: RtmLocalCallInvitation | null): INVITATION_API_CALL_ERR_CODE {
    return this.#invitations.cancel(RtmLocalCallInvitation.sessionObject(invitation));
  }

  /**
   * Makes an invitation, before or after `login`; the network is not asked. Null for a bad user id (docs/spec/api.md
   * §12.5).
   */
  createLocalCallInvitation(calleeId: string | null): RtmLocalCallInvitation | null {
    checkNullableString(calleeId, 'calleeId');
    const invitation = this.#invitations.create(calleeId);
    return invitation === null ? null : RtmLocalCallInvitation.of(invitation);
  }

  /**
   * Ends all invitations without callbacks, and the manager; invitations that arrive later are not taken
   * (docs/spec/api.md §12.6).
   */
  release(): void {
    this.#invitations.release();
  }

  /** {@link release}, for `using`. */
  [Symbol.dispose](): void {
    this.#invitations.release();
  }
}

/** The C++ name of {@link RtmCallManager}. */
export interface IRtmCallManager extends RtmCallManager {}

/** The events of a session's invitations as callbacks of a handler. */
function eventsOf(handler: IRtmCallEventHandler): InvitationEvents {
  const local = RtmLocalCallInvitation.of;
  const remote = RtmRemoteCallInvitation.of;
  return {
    onLocalReceived: (invitation) => handler.onLocalInvitationReceivedByPeer?.(local(invitation)),
    onLocalCanceled: (invitation) => handler.onLocalInvitationCanceled?.(local(invitation)),
    onLocalFailure: (invitation, code) => handler.onLocalInvitationFailure?.(local(invitation), code),
    onLocalAccepted: (invitation) => handler.onLocalInvitationAccepted?.(local(invitation), invitation.response),
    onLocalRefused: (invitation) => handler.onLocalInvitationRefused?.(local(invitation), invitation.response),
    onRemoteReceived: (invitation) => handler.onRemoteInvitationReceived?.(remote(invitation)),
    onRemoteAccepted: (invitation) => handler.onRemoteInvitationAccepted?.(remote(invitation)),
    onRemoteRefused: (invitation) => handler.onRemoteInvitationRefused?.(remote(invitation)),
    onRemoteCanceled: (invitation) => handler.onRemoteInvitationCanceled?.(remote(invitation)),
    onRemoteFailure: (invitation, code) => handler.onRemoteInvitationFailure?.(remote(invitation), code),
  };
}
