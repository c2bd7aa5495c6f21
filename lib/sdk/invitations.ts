import { checkNullableString } from '../checks.js';
import type { LOCAL_INVITATION_STATE, REMOTE_INVITATION_STATE } from '../enums.js';
import { invalidArgType } from '../errors.js';
import type { LocalInvitation, RemoteInvitation } from '../session/invitation.js';

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
