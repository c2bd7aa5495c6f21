import { EventEmitter } from 'node:events';
import { checkString } from '../checks.js';
import { INVITATION_API_CALL_ERR_CODE, LOCAL_INVITATION_ERR_CODE, REMOTE_INVITATION_ERR_CODE } from '../enums.js';
import { RtmError } from '../errors.js';
import type { LocalInvitation, RemoteInvitation } from '../session/invitation.js';
import type { InvitationEvents, SessionInvitations } from '../session/invitations.js';
import type { Session } from '../session/session.js';
import type { ClientScope } from './client-scope.js';
import { idFault } from './faults.js';
import { IncomingInvitation, type InvitationEnd, OutgoingInvitation } from './invitations.js';
import { onNewListener } from './new-listeners.js';
import { checkInviteOptions, type InviteOptions } from './options.js';

const { INVITATION_API_CALL_ERR_INVALID_ARGUMENT } = INVITATION_API_CALL_ERR_CODE;
const { LOCAL_INVITATION_ERR_NOT_LOGGEDIN } = LOCAL_INVITATION_ERR_CODE;
const { REMOTE_INVITATION_ERR_PEER_OFFLINE } = REMOTE_INVITATION_ERR_CODE;

/** The events of `client.calls`. */
export interface CallsEvents {
  /**
   * Another user invites this user. Invitations that came while nobody listened are kept for the first listener as long
   * as they are open.
   */
  invitation: [invitation: IncomingInvitation];
}

/**
 * Invitations to calls, out and in; `client.calls`. It carries invite, cancel, accept and refuse; ringing, busy
 * handling and the call itself are the program's.
 *
 * ```ts
 * client.calls.on('invitation', (invitation) => void invitation.accept('coming'));
 *
 * const invitation = await client.calls.invite('bob', { content: 'lunch?' });  // bob's client has it
 * const end = await invitation.ended;
 * if (end.outcome === 'accepted') console.log(end.response);
 * ```
 */
export class Calls extends EventEmitter<CallsEvents> {
  readonly #scope: ClientScope;
  readonly #outgoing = new Map<LocalInvitation, OutgoingInvitation>();
  readonly #incoming = new Map<RemoteInvitation, IncomingInvitation>();
  /** Open invitations that no listener has heard of; oldest first. */
  readonly #unheard = new Set<IncomingInvitation>();
  #flushing = false;
  #invitations: SessionInvitations | undefined;

  /** @internal See `RtmClient.calls`. */
  constructor(scope: ClientScope) {
    super();
    this.#scope = scope;
    onNewListener(this, 'invitation', () => this.#flushLater());
  }

  /** @internal The session is initialised. */
  start(session: Session): void {
    const invitations = session.invitations();
    if (invitations === null) return;
    invitations.events = this.#listener(invitations);
    this.#invitations = invitations;
  }

  /**
   * Invites a user to a call. Resolves when the callee's client has the invitation, which then waits for an answer
   * until 60 s after this call. A callee who is not online may still log in: it is repeated for 30 s.
   *
   * An abort of `signal` cancels the invitation, also later while it waits for its answer. `timeout` limits the way to
   * the callee's client; when it is over the invitation is canceled.
   *
   * @throws TypeError at once, for arguments of the wrong type
   * @throws RtmError `ERR_RTM_PEER_OFFLINE`, `ERR_RTM_PEER_NO_RESPONSE` (online, but silent), `ERR_RTM_TIMEOUT`,
   * `ERR_RTM_INVALID_ARGUMENT` (user id, channel id, or a content over 8 KB), `ERR_RTM_NOT_LOGGED_IN`
   */
  invite(userId: string, options?: InviteOptions): Promise<OutgoingInvitation> {
    checkString(userId, 'userId');
    checkInviteOptions(options);
    const { content = '', channelId = '', signal } = options ?? {};
    if (signal?.aborted) return Promise.reject(signal.reason);
    const refusal = this.#scope.refusal('localInvitation', LOCAL_INVITATION_ERR_NOT_LOGGEDIN);
    if (refusal) return Promise.reject(refusal);
    const local = this.#invitations?.create(userId);
    if (!this.#invitations || !local)
      return Promise.reject(
        invalid(idFault('userId', userId) ?? `userId ${JSON.stringify(userId)} cannot be a user's`),
      );
    local.content = content;
    local.channelId = channelId;
    const code = this.#invitations.send(local);
    if (code === INVITATION_API_CALL_ERR_INVALID_ARGUMENT) {
      local.release();
      return Promise.reject(
        invalid('expected a content of at most 8 KB (or what the server allows) without NUL, and a channel id or none'),
      );
    }
    const invitation = new OutgoingInvitation(this.#scope, this.#invitations, local, options);
    this.#outgoing.set(local, invitation);
    return invitation.delivery;
  }

  /** @internal The client has ended; the session reports nothing any more. */
  close(cause?: unknown): void {
    for (const local of [...this.#outgoing.keys()]) {
      const error = RtmError.from('localInvitation', LOCAL_INVITATION_ERR_NOT_LOGGEDIN, undefined, cause);
      this.#endOutgoing(local, { outcome: 'failed', error });
    }
    for (const remote of [...this.#incoming.keys()]) {
      const error = RtmError.from('remoteInvitation', REMOTE_INVITATION_ERR_PEER_OFFLINE, undefined, cause);
      this.#endIncoming(remote, { outcome: 'failed', error });
    }
  }

  #receive(invitations: SessionInvitations, remote: RemoteInvitation): void {
    const invitation = new IncomingInvitation(this.#scope, invitations, remote);
    this.#incoming.set(remote, invitation);
    // Older invitations are on their way to the listeners: this one waits behind them.
    if (this.#unheard.size > 0 || this.listenerCount('invitation') === 0) this.#unheard.add(invitation);
    else this.#scope.tell(this, 'invitation', invitation);
  }

  #flushLater(): void {
    if (this.#flushing || this.#unheard.size === 0) return;
    this.#flushing = true;
    process.nextTick(() => {
      this.#flushing = false;
      try {
        this.#flush();
      } finally {
        if (this.listenerCount('invitation') > 0) this.#flushLater(); // the rest, if a listener has thrown
      }
    });
  }

  #flush(): void {
    for (const invitation of this.#unheard) {
      if (this.listenerCount('invitation') === 0) return;
      this.#unheard.delete(invitation);
      this.#scope.tell(this, 'invitation', invitation);
    }
  }

  #endOutgoing(local: LocalInvitation, end: InvitationEnd): void {
    const invitation = this.#outgoing.get(local);
    if (!invitation) return;
    this.#outgoing.delete(local);
    invitation.finish(end);
    local.release();
  }

  #endIncoming(remote: RemoteInvitation, end: InvitationEnd): void {
    const invitation = this.#incoming.get(remote);
    if (!invitation) return;
    this.#incoming.delete(remote);
    this.#unheard.delete(invitation);
    invitation.finish(end);
  }

  #listener(invitations: SessionInvitations): InvitationEvents {
    return {
      onLocalReceived: (local) => this.#outgoing.get(local)?.received(),
      onLocalAccepted: (local) => this.#endOutgoing(local, { outcome: 'accepted', response: local.response }),
      onLocalRefused: (local) => this.#endOutgoing(local, { outcome: 'refused', response: local.response }),
      onLocalCanceled: (local) => this.#endOutgoing(local, { outcome: 'canceled' }),
      onLocalFailure: (local, code) => {
        const error = RtmError.from('localInvitation', code, `to ${JSON.stringify(local.calleeId)}`);
        this.#endOutgoing(local, { outcome: 'failed', error });
      },
      onRemoteReceived: (remote) => this.#receive(invitations, remote),
      onRemoteAccepted: (remote) => this.#endIncoming(remote, { outcome: 'accepted', response: remote.response }),
      onRemoteRefused: (remote) => this.#endIncoming(remote, { outcome: 'refused', response: remote.response }),
      onRemoteCanceled: (remote) => this.#endIncoming(remote, { outcome: 'canceled' }),
      onRemoteFailure: (remote, code) => {
        const error = RtmError.from('remoteInvitation', code, `of ${JSON.stringify(remote.callerId)}`);
        this.#endIncoming(remote, { outcome: 'failed', error });
      },
    };
  }
}

function invalid(what: string): RtmError {
  return RtmError.from('invitationCall', INVITATION_API_CALL_ERR_INVALID_ARGUMENT, what);
}
