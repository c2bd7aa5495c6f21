import type { NativeEnvironment } from '../native/environment.js';
import { type Flushable, type Runtime, runtime } from '../native/runtime.js';
import { Activity } from './activity.js';
import { SessionChannel } from './channel.js';
import { SessionInvitations } from './invitations.js';
import type { OutgoingMessage } from './outgoing.js';
import { SessionRequests } from './requests.js';
import { type SessionEvents, SessionSink } from './session-sink.js';

/**
 * One user's native object, in plain values: lib/sdk and lib/client are two faces of it.
 *
 * Calls return the number of the SDK's enumeration for the call: 0 means accepted, and then exactly one event brings
 * the result. Arguments have been checked for their types. `null` stands for a null pointer of the C++ call. A released
 * session answers every call with NOT_INITIALIZED (101), or with null where an object is made.
 */
export class Session implements Flushable {
  readonly #runtime: Runtime;
  readonly #environment: NativeEnvironment;
  readonly #activity: Activity;
  readonly #sink: SessionSink;
  readonly #channels = new Map<string, SessionChannel>();
  #requests: SessionRequests | undefined;
  #invitations: SessionInvitations | undefined;
  /** 0 once it is released. */
  #handle: number;
  /** Sends wait for {@link flush}, which will come. */
  #unflushed = false;

  /** @param shared - what the environment has once; its own by default */
  constructor(shared: Runtime = runtime()) {
    shared.provideAuthorities();
    this.#runtime = shared;
    const { environment } = shared;
    this.#environment = environment;
    const handle = environment.createService();
    this.#handle = handle;
    this.#activity = new Activity(shared);
    this.#sink = new SessionSink(this.#activity, this);
    shared.objects.add(handle, this.#sink, (collected) => environment.serviceRelease(collected, false));
    this.#activity.add(handle);
  }

  /** @internal */
  get handle(): number {
    return this.#handle;
  }

  /** Why there is no connection, in words: a line per attempt; empty if all is well. Holds no token. */
  get lastFailure(): string {
    return this.#environment.serviceLastFailure(this.#handle);
  }

  /** The calls whose results come with a request id. */
  get requests(): SessionRequests {
    this.#requests ??= new SessionRequests(this, this.#environment, this.#runtime.out, this.#activity);
    return this.#requests;
  }

  /** Prepares the session, once, and tells `events` from then on. Gives a number of `INIT_ERR_CODE`. */
  initialize(appId: string | null, events: SessionEvents | null): number {
    const code = this.#environment.serviceInitialize(this.#handle, appId, events !== null);
    if (code === 0) this.#sink.events = events ?? undefined;
    return code;
  }

  /** Ends the session: no event comes any more. With `sync` the goodbye is on its way to the server afterwards. */
  release(sync: boolean): void {
    if (this.#handle === 0) return;
    const handle = this.#handle;
    for (const channel of [...this.#channels.values()]) channel.release();
    this.#invitations?.release();
    this.#handle = 0;
    this.#sink.events = undefined;
    this.#activity.end();
    this.#runtime.objects.delete(handle);
    this.#environment.serviceRelease(handle, sync);
  }

  login(token: string | null, userId: string | null): number {
    const code = this.#activity.accepted(this.#environment.serviceLogin(this.#handle, token, userId));
    if (code === 0) this.#sink.loginBegun(userId as string);
    return code;
  }

  /** `drain`: what is on its way gets its result first, for at most 2 s. */
  logout(drain: boolean): number {
    return this.#activity.accepted(this.#environment.serviceLogout(this.#handle, drain));
  }

  /** The caller of a request waits no longer. True if the request had not left; its result comes in either case. */
  withdraw(requestId: number): boolean {
    return this.#environment.serviceWithdraw(this.#handle, requestId) === 1;
  }

  /** {@link withdraw} of a message to a user. */
  withdrawMessage(messageId: number): boolean {
    return this.#environment.serviceWithdrawMessage(this.#handle, messageId) === 1;
  }

  renewToken(token: string | null): number {
    return this.#activity.accepted(this.#environment.serviceRenewToken(this.#handle, token));
  }

  /** A new message id: positive, below 2^53, unique in the process. */
  nextMessageId(): number {
    return this.#runtime.nextMessageId();
  }

  /** Sends a text to a user. `flags`: bits of `SendFlag`. */
  sendText(peerId: string | null, messageId: number, text: string, flags: number): number {
    const numbers = this.#runtime.arguments;
    numbers[0] = this.#handle;
    numbers[1] = messageId;
    numbers[2] = flags;
    return this.sent(this.#environment.serviceSendText(peerId, text));
  }

  /** Sends any other message to a user. */
  send(peerId: string | null, message: OutgoingMessage, flags: number): number {
    const { id, type, text, raw, media } = message;
    return this.sent(this.#environment.serviceSend(this.#handle, peerId, id, type, text, raw, flags, media));
  }

  /** @internal Counts a send, and flushes it at the end of the turn. Returns its code. */
  sent(code: number): number {
    if (code === 0 && !this.#unflushed) {
      this.#unflushed = true;
      this.#runtime.flushSoon(this);
    }
    return this.#activity.accepted(code);
  }

  /** @internal Hands the sends of this turn to the I/O thread. `alone`: no other session has sends. */
  flush(alone: boolean): void {
    this.#unflushed = false;
    this.#environment.serviceFlush(this.#handle, alone ? 1 : 0);
  }

  /** The channel of that id, new or known; null for a bad id, and before `initialize`. */
  channel(channelId: string | null): SessionChannel | null {
    const known = this.#channels.get(channelId as string);
    if (known) return known;
    const environment = this.#environment;
    const handle = environment.createChannel(this.#handle, channelId);
    if (handle === 0) return null;
    const channel = new SessionChannel(handle, channelId as string, this, this.#runtime, this.#activity);
    this.#channels.set(channel.channelId, channel);
    this.#runtime.objects.add(handle, channel, (collected) => environment.channelRelease(collected));
    this.#activity.add(handle);
    return channel;
  }

  /** @internal A channel was released; `pending` of its calls will have no result. */
  forgetChannel(channel: SessionChannel, pending: number): void {
    this.#channels.delete(channel.channelId);
    this.#runtime.objects.delete(channel.handle);
    this.#activity.remove(channel.handle, pending);
  }

  /** The invitations to calls, the same object each time until it is released; null before `initialize`. */
  invitations(): SessionInvitations | null {
    if (this.#invitations) return this.#invitations;
    const handle = this.#environment.createCallManager(this.#handle);
    if (handle === 0) return null;
    this.#invitations = new SessionInvitations(handle, this.#runtime, this.#activity, () => {
      this.#invitations = undefined;
    });
    return this.#invitations;
  }

  /** Id of a new file or image message; 0 for a malformed media id, and before the login. */
  mediaMessageId(mediaId: string | null): number {
    return this.#environment.createMediaMessage(this.#handle, mediaId);
  }

  setParameters(parameters: string | null): number {
    return this.#environment.serviceSetParameters(this.#handle, parameters);
  }

  setLogFile(path: string | null): number {
    return this.#environment.serviceSetLogFile(this.#handle, path);
  }

  setLogFilter(filter: number): number {
    return this.#environment.serviceSetLogFilter(this.#handle, filter);
  }

  setLogFileSize(kiloBytes: number): number {
    return this.#environment.serviceSetLogFileSize(this.#handle, kiloBytes);
  }

  /** Whether the session keeps the process alive while events are to be expected. True at first. */
  set referenced(referenced: boolean) {
    this.#activity.referenced = referenced;
  }
}

/** Makes a session of this JavaScript environment. */
export function createSession(): Session {
  return new Session();
}
