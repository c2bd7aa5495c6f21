import { EventEmitter } from 'node:events';
import { checkString } from '../checks.js';
import { CONNECTION_CHANGE_REASON, CONNECTION_STATE, JOIN_CHANNEL_ERR, LOGIN_ERR_CODE } from '../enums.js';
import { RtmError } from '../errors.js';
import { createSession, type Session } from '../session/session.js';
import type { CallOptions } from './abort.js';
import { ChannelAttributes, UserAttributes } from './attributes.js';
import { Calls } from './calls.js';
import { Channel } from './channel.js';
import { ClientScope } from './client-scope.js';
import type { ClientEvents, ClientState, MessageGap } from './events.js';
import { idFault } from './faults.js';
import { History } from './history.js';
import type { Inbox, MessageIterator } from './inbox.js';
import { Media } from './media.js';
import { memberCounts } from './member-counts.js';
import type { PeerMessage, PeerSendResult, Sendable } from './messages.js';
import {
  type CheckedLoginOptions,
  checkCallOptions,
  checkLoginOptions,
  checkLogoutOptions,
  checkMessagesOptions,
  type GapMessagesOptions,
  type LoginOptions,
  type LogoutOptions,
  type MessagesOptions,
  type PeerSendOptions,
} from './options.js';
import { PeerSends } from './peer-sends.js';
import { PendingQueue, PendingRequest } from './pending-requests.js';
import { Presence } from './presence.js';
import { SessionListener } from './session-listener.js';
import { setUpSession } from './session-setup.js';
import { loginError, type Reconnection, stateChange } from './state-changes.js';
import { checkState, StateWaiters } from './state-waiters.js';

/**
 * One logged-in user.
 *
 * ```ts
 * await using client = await RtmClient.login({ appId, userId: 'alice', token, endpoints: 'rtms://chat.example:9136' });
 * const { delivery } = await client.sendToPeer('bob', 'hello');
 * for await (const message of client.messages()) console.log(message.from, message.text);
 * ```
 *
 * It reconnects by itself, for ever, and keeps its channels; `state` and the event `'state'` tell. Its events are
 * {@link ClientEvents}. A client keeps the process alive until `logout()`; see {@link unref}.
 */
export class RtmClient extends EventEmitter<ClientEvents> implements AsyncDisposable {
  /** The user this client is logged in as. */
  readonly userId: string;
  /** Who is online. */
  readonly presence: Presence;
  /** Files and images: uploads, downloads, and messages about them. */
  readonly media: Media;
  /** Attributes of users: one's own to write, everybody's to read. */
  readonly attributes: UserAttributes;
  /** Text messages of the past. */
  readonly history: History;
  /** Invitations to calls, out and in. */
  readonly calls: Calls;
  readonly #session: Session;
  readonly #scope: ClientScope;
  readonly #inbox: Inbox<PeerMessage>;
  readonly #sends: PeerSends;
  readonly #renewals: PendingQueue<void>;
  readonly #waiters: StateWaiters;
  readonly #login: PendingRequest<void>;
  readonly #ended: PendingRequest<void>;
  #loggingOut = false;
  #state: ClientState = 'connecting';
  /** For the change of state that follows it. */
  #reconnection: Reconnection | undefined;

  private constructor(session: Session, options: CheckedLoginOptions) {
    super();
    this.userId = options.userId;
    this.#session = session;
    this.#scope = new ClientScope(session, options.unreadLimit, options.userId);
    this.#inbox = this.#scope.inbox(this, { source: 'peer' });
    const { userId, requests } = this.#scope;
    this.presence = new Presence(requests);
    this.media = new Media(session, userId, (operation) => this.#scope.refusal(operation));
    this.attributes = new UserAttributes(requests, options.userId);
    this.history = new History(requests);
    this.calls = new Calls(this.#scope);
    this.#sends = new PeerSends(session, this.#scope);
    this.#renewals = new PendingQueue({ operation: 'renewToken', request: true }, userId);
    this.#waiters = new StateWaiters(userId);
    const loginContext = {
      operation: 'login',
      timeoutReason: LOGIN_ERR_CODE.LOGIN_ERR_TIMEOUT,
      detail: () => session.lastFailure,
    };
    this.#ended = new PendingRequest({ operation: 'logout' }, undefined, userId);
    this.#login = new PendingRequest(loginContext, options, userId, () => {
      this.#end();
      return undefined;
    });
  }

  /**
   * Logs a user in. Resolves with a client that is ready for use, or rejects; there is no retry before the first
   * success. The same user logged in elsewhere is thrown out there.
   *
   * @throws TypeError at once, for options of the wrong type or unknown ones
   * @throws RtmError with the reason in words in its message, and in `cause.message` a line per attempt:
   * `ERR_RTM_TIMEOUT` (no server answered within 12 s), `ERR_RTM_UNKNOWN` (the server's certificate is
   * not the pinned one, or not trusted), `ERR_RTM_INVALID_TOKEN`, `ERR_RTM_TOKEN_EXPIRED`, `ERR_RTM_INVALID_APP_ID`,
   * `ERR_RTM_INVALID_ARGUMENT` (user id), `ERR_RTM_NOT_AUTHORIZED`, `ERR_RTM_REJECTED`, `ERR_RTM_ADDON`
   */
  static login(options: LoginOptions): Promise<RtmClient> {
    const checked = checkLoginOptions(options);
    if (checked.signal?.aborted) return Promise.reject(checked.signal.reason);
    try {
      const client = new RtmClient(createSession(), checked);
      client.#start(checked);
      return client.#login.promise.then(() => client);
    } catch (error) {
      return Promise.reject(error); // the addon does not load
    }
  }

  /** Where the client stands; see {@link ClientState}. */
  get state(): ClientState {
    return this.#state;
  }

  /**
   * Sends a message to one user. Resolves when the receiver's client has it (`'delivered'`), or with `offline: true`
   * when the server stored it (`'cached'`). After `ERR_RTM_TIMEOUT` with `sent: true`, or an
   * abort, it is not known whether it arrives.
   *
   * @throws TypeError at once, for arguments of the wrong type
   * @throws RtmError `ERR_RTM_PEER_UNREACHABLE`, `ERR_RTM_TIMEOUT` (10 s), `ERR_RTM_TOO_OFTEN`,
   * `ERR_RTM_INVALID_USER_ID`, `ERR_RTM_INVALID_MESSAGE` (over 32 KiB), `ERR_RTM_NOT_LOGGED_IN`, `ERR_RTM_FAILURE`
   */
  sendToPeer(peerId: string, message: Sendable, options?: PeerSendOptions): Promise<PeerSendResult> {
    return this.#sends.send(peerId, message, options);
  }

  /**
   * Joins a channel; it exists as long as it has members. At most 20 at a time with the default limits.
   *
   * @throws TypeError at once, for arguments of the wrong type
   * @throws RtmError `ERR_RTM_ALREADY_JOINED`, `ERR_RTM_EXCEED_LIMIT`, `ERR_RTM_TOO_OFTEN`, `ERR_RTM_TIMEOUT` (5 s),
   * `ERR_RTM_INVALID_ARGUMENT` (channel id), `ERR_RTM_NOT_LOGGED_IN`, `ERR_RTM_FAILURE`; if the login ends meanwhile
   * what ended it, such as `ERR_RTM_REMOTE_LOGIN`, or `ERR_RTM_CLOSED` after `logout()`
   */
  join(channelId: string, options?: CallOptions): Promise<Channel> {
    checkString(channelId, 'channelId');
    checkCallOptions(options);
    const refusal = this.#refusal('join', options);
    if (refusal !== undefined) return Promise.reject(refusal);
    if (this.#scope.has(channelId)) {
      const code = JOIN_CHANNEL_ERR.JOIN_CHANNEL_ERR_ALREADY_JOINED;
      return Promise.reject(RtmError.from('join', code, `channel ${JSON.stringify(channelId)}`));
    }
    return Channel.join(this.#scope, channelId, options);
  }

  /** Attributes of a channel; one need not be a member. A bad id makes the calls reject. */
  channelAttributes(channelId: string): ChannelAttributes {
    checkString(channelId, 'channelId');
    return new ChannelAttributes(this.#scope.requests, channelId);
  }

  /**
   * How many members up to 32 channels have, in the order asked; one need not be a member. 0 if empty or unknown.
   *
   * @throws TypeError at once, for arguments of the wrong type
   * @throws RtmError `ERR_RTM_EXCEED_LIMIT`, `ERR_RTM_INVALID_ARGUMENT` (no or bad ids), `ERR_RTM_TOO_OFTEN` (1 call a
   * second), `ERR_RTM_TIMEOUT` (5 s), `ERR_RTM_NOT_LOGGED_IN`, `ERR_RTM_FAILURE`
   */
  memberCounts(channelIds: readonly string[], options?: CallOptions): Promise<Map<string, number>> {
    return memberCounts(this.#scope.requests, channelIds, options);
  }

  /**
   * Reads the messages of peers: `for await (const message of client.messages())`. One loop at a time; leaving it with
   * `break` lets the next one go on where it ended. It ends silently after `logout()`, and with an error if the server
   * ended the login. With `gaps: true` it also tells where messages are missing.
   *
   * @throws RtmError `ERR_RTM_BUSY` at once, while another loop reads
   */
  messages(options: GapMessagesOptions): MessageIterator<PeerMessage | MessageGap>;
  messages(options?: MessagesOptions): MessageIterator<PeerMessage>;
  messages(options?: MessagesOptions | GapMessagesOptions): MessageIterator<PeerMessage | MessageGap> {
    checkMessagesOptions(options);
    return this.#inbox.read(options);
  }

  /**
   * Replaces the token in use; the connection stays as it is. Do so on `'tokenWillExpire'`, or from a timer.
   *
   * @throws TypeError at once, if the token is no string
   * @throws RtmError `ERR_RTM_INVALID_TOKEN`, `ERR_RTM_TOKEN_EXPIRED`, `ERR_RTM_INVALID_ARGUMENT` (empty),
   * `ERR_RTM_TOO_OFTEN`, `ERR_RTM_NOT_LOGGED_IN`, `ERR_RTM_FAILURE`; the old token stays in use
   */
  renewToken(token: string, options?: CallOptions): Promise<void> {
    checkString(token, 'token');
    checkCallOptions(options);
    const refusal = this.#refusal('renewToken', options);
    if (refusal !== undefined) return Promise.reject(refusal);
    const code = this.#session.renewToken(token);
    return code === 0 ? this.#renewals.add(options, token) : Promise.reject(RtmError.from('renewToken', code));
  }

  /**
   * Resolves when the client is in the given state, at once if it already is.
   *
   * @throws TypeError at once, if there is no such state
   * @throws RtmError `ERR_RTM_TIMEOUT`, or `ERR_RTM_NOT_LOGGED_IN` once the state cannot be reached any more
   */
  whenState(state: ClientState, options?: CallOptions): Promise<void> {
    checkState(state);
    checkCallOptions(options);
    if (options?.signal?.aborted) return Promise.reject(options.signal.reason);
    return this.#waiters.wait(state, this.#state, options);
  }

  /**
   * Resolves when every message and request that was under way at the call has its result, good or bad; each tells its
   * own. It does not wait for files, images and invitations. At once if nothing is under way, also after the logout.
   *
   * @throws TypeError at once, for arguments of the wrong type or a timeout that is not above 0
   * @throws RtmError `ERR_RTM_TIMEOUT` when the time given is over; nothing is called off
   */
  flush(options?: CallOptions): Promise<void> {
    checkCallOptions(options);
    if (options?.signal?.aborted) return Promise.reject(options.signal.reason);
    const waiting = [...this.#sends.pending(), ...this.#scope.pending(), ...this.#renewals.values()];
    let left = waiting.length;
    if (left === 0) return Promise.resolve();
    const settled = new Promise<void>((resolve) => {
      for (const each of waiting) each.whenSettled(() => --left === 0 && resolve());
    });
    const expired = (timeout: number) =>
      `flush: ${left} of ${waiting.length} calls have no result after the ${timeout} ms given; they go on`;
    return this.#scope.limit(settled, { operation: 'flush', expired }, options);
  }

  /**
   * Logs out; others see it at once. Messages and requests that are on their way get their results first, for at most
   * 2 s; what has none by then rejects with `ERR_RTM_TIMEOUT`. New calls are refused from the call on. Resolves when it
   * is done, also without a network, and if the login had ended before; afterwards the client is of no further use.
   *
   * Without a network nothing is waited for: what never left rejects with `ERR_RTM_FAILURE` and `sent: false`.
   */
  logout(options?: LogoutOptions): Promise<void> {
    checkLogoutOptions(options);
    if (options?.signal?.aborted) return Promise.reject(options.signal.reason);
    if (!this.#loggingOut) {
      this.#loggingOut = true;
      if (this.#session.logout(options?.drain !== false) !== 0) this.#end();
    } else if (options?.drain === false) {
      this.#session.logout(false); // ends the wait of the call before; refused where nothing waits
    }
    return this.#scope.limit(this.#ended.promise, { operation: 'logout' }, options);
  }

  /** {@link logout}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.logout();
  }

  /** Lets the client keep the process alive again, as it does from the start. */
  ref(): this {
    this.#session.referenced = true;
    return this;
  }

  /** The process may end although the client is logged in; the server then takes it for lost after 30 s. */
  unref(): this {
    this.#session.referenced = false;
    return this;
  }

  #start(options: CheckedLoginOptions): void {
    const problem = setUpSession(this.#session, this.#listener(), options);
    if (problem) {
      this.#failLogin(problem);
      return;
    }
    this.calls.start(this.#session);
    const code = this.#session.login(options.token, options.userId);
    if (code === 0) return;
    const fault = idFault('userId', this.userId) ?? `user ${JSON.stringify(this.userId)}`;
    this.#failLogin(RtmError.from('login', code, fault));
  }

  #failLogin(error: Error): void {
    this.#login.reject(error);
    this.#end();
  }

  #refusal(operation: 'join' | 'renewToken', options: CallOptions | undefined): unknown {
    return options?.signal?.aborted ? options.signal.reason : this.#scope.refusal(operation);
  }

  /** The session is done with. */
  #end(): void {
    this.#session.release(false);
    this.#state = 'disconnected';
    const why = `${JSON.stringify(this.userId)} has logged out`;
    const closed = (operation: string) => new RtmError('ERR_RTM_CLOSED', `${operation} failed: ${why}`, { operation });
    this.#scope.end();
    this.#inbox.end();
    this.calls.close(new RtmError('ERR_RTM_CLOSED', why));
    this.#sends.rejectAll(closed);
    this.#scope.requests.rejectAll(closed);
    this.media.rejectAll(closed);
    this.#renewals.rejectAll(closed);
    this.#waiters.update('disconnected');
    this.#ended.resolve();
  }

  #onReconnected(resumed: boolean, peer: boolean, channels: string[]): void {
    // Before the messages that come now, and behind the messages that came before the loss.
    if (peer) this.#inbox.gap({ type: 'gap', resumed });
    for (const channelId of channels) this.#scope.gap(channelId, resumed);
    this.#reconnection = { resumed, missed: { peer, channels } };
    if (this.#state !== 'connected') return; // the change of state follows
    const { CONNECTION_CHANGE_REASON_LOGIN_SUCCESS } = CONNECTION_CHANGE_REASON;
    this.#onState(CONNECTION_STATE.CONNECTION_STATE_CONNECTED, CONNECTION_CHANGE_REASON_LOGIN_SUCCESS);
  }

  #onState(state: CONNECTION_STATE, reasonCode: CONNECTION_CHANGE_REASON): void {
    const change = stateChange(this.#state, state, reasonCode, this.userId, this.#reconnection);
    this.#reconnection = undefined;
    const { current, error } = change;
    this.#state = current;
    if (error) {
      this.#scope.end(error);
      this.#inbox.end(error);
    }
    this.#waiters.update(current, error);
    this.#emit('state', change);
    if (current === 'disconnected' && this.#loggingOut) this.#end();
  }

  #emit<E extends keyof ClientEvents>(event: E, payload: ClientEvents[E][0]): void {
    this.#scope.emit(this, event, payload);
  }

  #listener(): SessionListener {
    return new SessionListener({
      userId: this.userId,
      requests: this.#scope.requests,
      media: this.media,
      sends: this.#sends,
      renewals: this.#renewals,
      inbox: this.#inbox,
      loggedIn: () => {
        this.#scope.hold();
        this.#login.resolve();
      },
      loginFailed: (code) => this.#failLogin(loginError(this.userId, code, this.#session.lastFailure)),
      reconnected: (resumed, peer, channels) => this.#onReconnected(resumed, peer, channels),
      stateChanged: (state, reason) => this.#onState(state, reason),
      emit: (event, payload) => this.#emit(event, payload),
    });
  }
}
