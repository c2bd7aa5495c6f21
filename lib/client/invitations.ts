import { checkString } from '../checks.js';
import { INVITATION_API_CALL_ERR_CODE } from '../enums.js';
import { RtmError } from '../errors.js';
import type { LocalInvitation, RemoteInvitation } from '../session/invitation.js';
import type { SessionInvitations } from '../session/invitations.js';
import { type Abortable, type CallOptions, unwatch, watch } from './abort.js';
import type { ClientScope } from './client-scope.js';
import { checkCallOptions } from './options.js';
import { PendingRequest } from './pending-requests.js';

const { INVITATION_API_CALL_ERR_ALREADY_END, INVITATION_API_CALL_ERR_INVALID_ARGUMENT } = INVITATION_API_CALL_ERR_CODE;

/** How an invitation ended. */
export type InvitationEnd =
  | {
      /** The callee has answered. */
      readonly outcome: 'accepted' | 'refused';
      /** The callee's text for the caller; empty if it gave none. */
      readonly response: string;
    }
  | {
      /** The caller has canceled. */
      readonly outcome: 'canceled';
    }
  | {
      /** Nobody has answered, or the answer or the login was lost. */
      readonly outcome: 'failed';
      /**
       * For the caller `ERR_RTM_PEER_OFFLINE`, `ERR_RTM_PEER_NO_RESPONSE`, `ERR_RTM_INVITATION_EXPIRE`,
       * `ERR_RTM_NOT_LOGGED_IN`; for the callee `ERR_RTM_PEER_OFFLINE` (its own login ended), `ERR_RTM_ACCEPT_FAILURE`,
       * `ERR_RTM_INVITATION_EXPIRE`.
       */
      readonly error: RtmError;
    };

/** The common part of both sides of an invitation: a text, a channel, and an end. */
abstract class Invitation {
  /** The caller's text for the callee; empty if there is none. */
  readonly content: string;
  /** Id of a channel for the call, as the caller set it; empty if there is none. Nobody is put into it. */
  readonly channelId: string;
  /** Resolves when the invitation has ended, however that was; never rejects. */
  readonly ended: Promise<InvitationEnd>;
  #resolve!: (end: InvitationEnd) => void;
  #end: InvitationEnd | undefined;

  /** @internal */
  constructor(content: string, channelId: string) {
    this.content = content;
    this.channelId = channelId;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** How it ended; undefined while it is open. */
  get end(): InvitationEnd | undefined {
    return this.#end;
  }

  /** @internal */
  finish(end: InvitationEnd): void {
    this.#end ??= end;
    this.#resolve(this.#end);
  }
}

/**
 * An invitation of this user to another one; from `client.calls.invite()`, which hands it out once the callee's client
 * has it. It is good for one call.
 */
export class OutgoingInvitation extends Invitation {
  /** The user who is called. */
  readonly calleeId: string;
  readonly #invitations: SessionInvitations;
  readonly #local: LocalInvitation;
  readonly #scope: ClientScope;
  readonly #signal: AbortSignal | undefined;
  readonly #delivery: PendingRequest<OutgoingInvitation>;
  /** Registered with the signal once the invitation is delivered. */
  readonly #ringing: Abortable = { abort: () => this.#giveUp() };

  /** @internal See `Calls.invite()`. */
  constructor(
    scope: ClientScope,
    invitations: SessionInvitations,
    local: LocalInvitation,
    options: CallOptions | undefined,
  ) {
    super(local.content, local.channelId);
    this.calleeId = local.calleeId;
    this.#invitations = invitations;
    this.#local = local;
    this.#scope = scope;
    this.#signal = options?.signal;
    this.#delivery = new PendingRequest(
      { operation: 'localInvitation', request: true },
      options,
      this.#scope.userId,
      () => {
        this.#giveUp();
        return undefined;
      },
    );
  }

  /** @internal Settles when the callee's client has it, or when that will not happen. */
  get delivery(): Promise<OutgoingInvitation> {
    return this.#delivery.promise;
  }

  /** `'open'`: the callee has not answered yet; then how it ended. */
  get state(): 'open' | InvitationEnd['outcome'] {
    return this.end?.outcome ?? 'open';
  }

  /**
   * Cancels it. Resolves when that is done; the callee hears of it.
   *
   * @throws TypeError at once, for options of the wrong type
   * @throws RtmError `ERR_RTM_ALREADY_END` if it had ended, perhaps with an answer that crossed the cancellation
   */
  cancel(options?: CallOptions): Promise<void> {
    checkCallOptions(options);
    if (options?.signal?.aborted) return Promise.reject(options.signal.reason);
    // The session's object is released with the end.
    const code = this.end ? INVITATION_API_CALL_ERR_ALREADY_END : this.#invitations.cancel(this.#local);
    if (code !== 0) return Promise.reject(callError(code, `to ${JSON.stringify(this.calleeId)}`));
    const done = this.ended.then(() => {});
    return this.#scope.limit(done, { operation: 'invitationCall' }, options);
  }

  /** @internal The callee's client has it. */
  received(): void {
    if (this.#delivery.settled) return; // given up, and canceled
    this.#delivery.resolve(this);
    if (this.#signal) watch(this.#signal, this.#ringing);
  }

  /** @internal */
  override finish(end: InvitationEnd): void {
    super.finish(end);
    if (this.#signal) unwatch(this.#signal, this.#ringing);
    if (end.outcome === 'failed') this.#delivery.reject(end.error);
    else this.#delivery.resolve(this); // the answer may overtake the event that the callee has it
  }

  /** Its signal fired, or the time to deliver it is over. */
  #giveUp(): void {
    if (!this.end) this.#invitations.cancel(this.#local);
  }
}

/** An invitation of another user to this one; from the event `'invitation'`. It waits 60 s for an answer. */
export class IncomingInvitation extends Invitation {
  /** The user who calls. */
  readonly callerId: string;
  readonly #invitations: SessionInvitations;
  readonly #remote: RemoteInvitation;
  readonly #scope: ClientScope;

  /** @internal */
  constructor(scope: ClientScope, invitations: SessionInvitations, remote: RemoteInvitation) {
    super(remote.content, remote.channelId);
    this.callerId = remote.callerId;
    this.#invitations = invitations;
    this.#remote = remote;
    this.#scope = scope;
  }

  /** `'open'`: neither answered nor over; `'answered'`: an answer is on its way; then how it ended. */
  get state(): 'open' | 'answered' | InvitationEnd['outcome'] {
    if (this.end) return this.end.outcome;
    return this.#remote.isUnanswered ? 'open' : 'answered';
  }

  /**
   * Accepts, with a text for the caller of up to 8 KB. Resolves when the caller's client has confirmed it: both sides
   * know then that the call takes place.
   *
   * @throws TypeError at once, for arguments of the wrong type
   * @throws RtmError `ERR_RTM_ACCEPT_FAILURE` (not confirmed within 10 s), `ERR_RTM_ALREADY_END` (also if the caller
   * canceled meanwhile), `ERR_RTM_ALREADY_ACCEPT`, `ERR_RTM_INVALID_ARGUMENT` (response), `ERR_RTM_PEER_OFFLINE` (this
   * user's login ended)
   */
  accept(response = '', options?: CallOptions): Promise<void> {
    return this.#answer('accepted', response, options);
  }

  /**
   * Refuses, with a text for the caller of up to 8 KB.
   *
   * @throws TypeError at once, for arguments of the wrong type
   * @throws RtmError `ERR_RTM_ALREADY_END`, `ERR_RTM_ALREADY_ACCEPT`, `ERR_RTM_INVALID_ARGUMENT` (response)
   */
  refuse(response = '', options?: CallOptions): Promise<void> {
    return this.#answer('refused', response, options);
  }

  #answer(wanted: 'accepted' | 'refused', response: string, options: CallOptions | undefined): Promise<void> {
    checkString(response, 'response');
    checkCallOptions(options);
    if (options?.signal?.aborted) return Promise.reject(options.signal.reason);
    const about = `of ${JSON.stringify(this.callerId)}`;
    if (this.#remote.isUnanswered) this.#remote.response = response;
    const code = this.#invitations.answer(this.#remote, wanted === 'accepted');
    if (code !== 0) return Promise.reject(callError(code, about));
    const done = this.ended.then((end) => {
      if (end.outcome === wanted) return;
      if (end.outcome === 'failed') throw end.error;
      throw callError(INVITATION_API_CALL_ERR_ALREADY_END, `${about}: it was ${end.outcome} meanwhile`);
    });
    return this.#scope.limit(done, { operation: 'remoteInvitation' }, options);
  }
}

function callError(code: INVITATION_API_CALL_ERR_CODE, about: string): RtmError {
  const expected =
    code === INVITATION_API_CALL_ERR_INVALID_ARGUMENT
      ? ': expected at most 8 KB (or what the server allows) without NUL'
      : '';
  return RtmError.from('invitationCall', code, `invitation ${about}${expected}`);
}
