import { checkNullableString } from '../checks.js';
import type {
  INVITATION_API_CALL_ERR_CODE,
  LOCAL_INVITATION_ERR_CODE,
  LOCAL_INVITATION_STATE,
  REMOTE_INVITATION_ERR_CODE,
  REMOTE_INVITATION_STATE,
} from '../enums.js';
import { invalidArgType } from '../errors.js';
import type { LocalInvitation, RemoteInvitation } from '../session/invitation.js';
import type { InvitationEvents, SessionInvitations } from '../session/invitations.js';

/**
 * An invitation, caller's side (docs/spec/api.md §12, docs/spec/semantics.md §7). Made by
 * `RtmCallManager.createLocalCallInvitation`; good for one call. All callbacks of an invitation carry the same object,
 * which may be kept as long as one likes.
 */
export class RtmLocalCallInvitation {
  readonly #invitation: LocalInvitation;

  private constructor(invitation: LocalInvitation) {
    this.#invitation = invitation;
  }

  /** @internal The one object of an invitation. */
  static of(invitation: LocalInvitation): RtmLocalCallInvitation {
    invitation.facade ??= new RtmLocalCallInvitation(invitation);
    return invitation.facade as RtmLocalCallInvitation;
  }

  /** @internal The session's invitation behind it; undefined for null. */
  static sessionObject(invitation: RtmLocalCallInvitation | null): LocalInvitation | undefined {
    if (invitation === null) return undefined;
    if (!(invitation instanceof RtmLocalCallInvitation)) {
      throw invalidArgType('invitation', 'an RtmLocalCallInvitation', invitation);
    }
    return invitation.#invitation;
  }

  /** User who is called. */
  getCalleeId(): string {
    return this.#invitation.calleeId;
  }

  /**
   * Sets a text for the callee, up to 8 KB of UTF-8 without NUL, which is checked when sending; null means "". Without
   * effect once it is sent.
   *
   * @throws TypeError `ERR_RTM_INVALID_ARG_TYPE` if it is neither a string nor null
   */
  setContent(content: string | null): void {
    checkNullableString(content, 'content');
    if (this.#invitation.isIdle) this.#invitation.content = content ?? '';
  }

  /** Text for the callee. */
  getContent(): string {
    return this.#invitation.content;
  }

  /**
   * Sets the id of a channel for the call; null means "", which is none. Without effect once it is sent. Nobody is put
   * into that channel.
   *
   * @throws TypeError `ERR_RTM_INVALID_ARG_TYPE` if it is neither a string nor null
   */
  setChannelId(channelId: string | null): void {
    checkNullableString(channelId, 'channelId');
    if (this.#invitation.isIdle) this.#invitation.channelId = channelId ?? '';
  }

  /** The id of the channel; "" if there is none. */
  getChannelId(): string {
    return this.#invitation.channelId;
  }

  /** The callee's response, once it has accepted or refused; "" before. */
  getResponse(): string {
    return this.#invitation.response;
  }

  /** Where the invitation stands, as of the calls made and the callbacks that have come. */
  getState(): LOCAL_INVITATION_STATE {
    return this.#invitation.state;
  }

  /**
   * Gives the invitation up: no callback tells of it any more, and the manager's calls refuse it. The callee is not
   * told; cancel before. Not necessary: the garbage collector frees what has ended.
   */
  release(): void {
    this.#invitation.release();
  }
}

/** The C++ name of {@link RtmLocalCallInvitation}. */
export interface ILocalCallInvitation extends RtmLocalCallInvitation {}

/**
 * An invitation, callee's side (docs/spec/api.md §12, docs/spec/semantics.md §7); handed to
 * `onRemoteInvitationReceived`. All callbacks of an invitation carry the same object, which may be kept as long as one
 * likes.
 */
export class RtmRemoteCallInvitation {
  readonly #invitation: RemoteInvitation;

  private constructor(invitation: RemoteInvitation) {
    this.#invitation = invitation;
  }

  /** @internal The one object of an invitation. */
  static of(invitation: RemoteInvitation): RtmRemoteCallInvitation {
    invitation.facade ??= new RtmRemoteCallInvitation(invitation);
    return invitation.facade as RtmRemoteCallInvitation;
  }

  /** @internal The session's invitation behind it; undefined for null. */
  static sessionObject(invitation: RtmRemoteCallInvitation | null): RemoteInvitation | undefined {
    if (invitation === null) return undefined;
    if (!(invitation instanceof RtmRemoteCallInvitation)) {
      throw invalidArgType('invitation', 'an RtmRemoteCallInvitation', invitation);
    }
    return invitation.#invitation;
  }

  /** User who calls. */
  getCallerId(): string {
    return this.#invitation.callerId;
  }

  /** The caller's text; "" if there is none. */
  getContent(): string {
    return this.#invitation.content;
  }

  /**
   * Sets a text for the caller, up to 8 KB of UTF-8 without NUL, which is checked when answering; null means "".
   * Without effect once it is answered.
   *
   * @throws TypeError `ERR_RTM_INVALID_ARG_TYPE` if it is neither a string nor null
   */
  setResponse(response: string | null): void {
    checkNullableString(response, 'response');
    if (this.#invitation.isUnanswered) this.#invitation.response = response ?? '';
  }

  /** Text for the caller. */
  getResponse(): string {
    return this.#invitation.response;
  }

  /** Id of a channel for the call, as the caller set it; "" if there is none. */
  getChannelId(): string {
    return this.#invitation.channelId;
  }

  /** Where the invitation stands, as of the calls made and the callbacks that have come. */
  getState(): REMOTE_INVITATION_STATE {
    return this.#invitation.state;
  }

  /** Here for ported programs; does nothing. The SDK keeps an invitation until its end. */
  release(): void {}
}

/** The C++ name of {@link RtmRemoteCallInvitation}. */
export interface IRemoteCallInvitation extends RtmRemoteCallInvitation {}

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
  /** Callee: the own refusal is done; end. */
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
  static of(invitations: SessionInvitations, handler: IRtmCallEventHandler): RtmCallManager {
    invitations.facade ??= new RtmCallManager(invitations);
    invitations.events = eventsOf(handler);
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
