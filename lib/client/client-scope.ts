import type { EventEmitter } from 'node:events';
import { CallContext } from '../call-context.js';
import { RtmError, type RtmSdkOperation } from '../errors.js';
import { MessageType } from '../native/values.js';
import type { SessionChannel, SessionChannelEvents } from '../session/channel.js';
import type { OutgoingMessage } from '../session/outgoing.js';
import type { Session } from '../session/session.js';
import type { CallOptions } from './abort.js';
import { idFault } from './faults.js';
import { Inbox, type InboxOwner } from './inbox.js';
import { outgoingMedia } from './media-messages.js';
import type { Outgoing } from './messages.js';
import { onNewListener } from './new-listeners.js';
import { PendingRequest, type RequestContext, type Settling } from './pending-requests.js';
import { Requests } from './requests.js';

/** The code 102 that the enumeration of almost every operation has. */
const NOT_LOGGED_IN = 102;

/** The part of a channel that its client uses. */
interface OpenChannel {
  readonly id: string;
  close(error?: unknown): void;
  gap(resumed: boolean): void;
  pending(): Iterable<Settling>;
}

/**
 * The state that one client and its channels share: the session, the user, the asynchronous context of the login,
 * and whether the login has ended.
 */
export class ClientScope {
  /** The user of the calls, for diagnostics. */
  readonly userId: string;
  readonly requests: Requests;
  readonly #session: Session;
  readonly #unreadLimit: number;
  readonly #resource = new CallContext('RtmClient');
  readonly #channels = new Map<string, OpenChannel>();
  #ended: { readonly error?: unknown } | undefined;
  /**
   * Events that are held back until the code that awaits a login or a join has run; undefined if events are told at
   * once.
   */
  #held: (() => void)[] | undefined;

  constructor(session: Session, unreadLimit: number, userId = '') {
    this.userId = userId;
    this.#session = session;
    this.#unreadLimit = unreadLimit;
    this.requests = new Requests(session, this.userId, (operation) => this.refusal(operation));
  }

  /**
   * Holds back events until the code that awaits a promise has run and could add listeners. Without this an event in
   * the same batch as the answer would have no listener yet.
   */
  hold(): void {
    if (this.#held) return;
    this.#held = [];
    // A tick that is requested in a microtask runs after all microtasks, however many an await takes.
    queueMicrotask(() => process.nextTick(() => this.#release()));
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    // Each event has a tick of its own, so that a listener that throws does not stop the others.
    for (const tell of held) process.nextTick(tell);
  }

  /** Calls the listeners of an event in the asynchronous context in which the client was made. */
  emit(emitter: EventEmitter, event: string, payload: unknown): void {
    if (this.#held) this.#held.push(() => this.tell(emitter, event, payload));
    else this.tell(emitter, event, payload);
  }

  /** Calls the listeners at once: for events that their source keeps while nobody listens. */
  tell(emitter: EventEmitter, event: string, payload: unknown): void {
    if (emitter.listenerCount(event) > 0) this.#resource.runInAsyncScope(emitter.emit, emitter, event, payload);
  }

  /** The inbox behind an emitter's `'message'` event and `messages()`. */
  inbox<T>(emitter: EventEmitter, source: InboxOwner<T>['source']): Inbox<T> {
    const inbox = new Inbox<T>({
      source,
      unreadLimit: this.#unreadLimit,
      listening: () => emitter.listenerCount('message') > 0,
      emit: (message) => this.tell(emitter, 'message', message),
      slow: (notice) => this.emit(emitter, 'slowConsumer', notice),
    });
    onNewListener(emitter, 'message', () => inbox.flush());
    return inbox;
  }

  nextMessageId(): number {
    return this.#session.nextMessageId();
  }

  /**
   * A message as it crosses; undefined if there can be none, because a media id is malformed or nobody is logged in.
   */
  outgoing(content: Exclude<Outgoing, string>): OutgoingMessage | undefined {
    if ('mediaId' in content) {
      const id = this.#session.mediaMessageId(content.mediaId);
      return id === 0 ? undefined : outgoingMedia(id, content);
    }
    const { raw, description = '' } = content;
    return { id: this.#session.nextMessageId(), type: MessageType.Raw, text: description, raw, media: undefined };
  }

  /**
   * The error of an operation that cannot be started, because the user has logged out or the server has ended the
   * login.
   */
  refusal(operation: RtmSdkOperation, code: number = NOT_LOGGED_IN): RtmError | undefined {
    return this.#ended && RtmError.from(operation, code, undefined, this.#ended.error);
  }

  /** Adds a time limit or a signal to the wait for work that goes on regardless. */
  limit<V>(work: Promise<V>, context: RequestContext, options: CallOptions | undefined): Promise<V> {
    if (options?.signal === undefined && options?.timeout === undefined) return work;
    if (options.signal?.aborted) return Promise.reject(options.signal.reason);
    const call = new PendingRequest<V>(context, options, this.userId);
    work.then(
      (value) => call.resolve(value),
      (error: unknown) => call.reject(error),
    );
    return call.promise;
  }

  /** Makes the session's channel, which tells `events`, or says why not. */
  createChannel(id: string, events: SessionChannelEvents): SessionChannel {
    const channel = this.#session.channel(id);
    if (channel === null) {
      throw RtmError.from('join', 3, idFault('channelId', id));
    }
    channel.events = events;
    return channel;
  }

  has(channelId: string): boolean {
    return this.#channels.has(channelId);
  }

  remember(channel: OpenChannel): void {
    this.#channels.set(channel.id, channel);
  }

  forget(channel: OpenChannel): void {
    if (this.#channels.get(channel.id) === channel) this.#channels.delete(channel.id);
  }

  /** Messages of a channel are missing, or may be. */
  gap(channelId: string, resumed: boolean): void {
    this.#channels.get(channelId)?.gap(resumed);
  }

  /** The calls of the channels, and requests, that wait for their result. */
  *pending(): Iterable<Settling> {
    yield* this.requests.pending();
    for (const channel of this.#channels.values()) yield* channel.pending();
  }

  /** The login is over: closes the channels. With an error if nobody asked for it. */
  end(error?: unknown): void {
    this.#ended ??= { error };
    for (const channel of [...this.#channels.values()]) channel.close(error);
  }
}
