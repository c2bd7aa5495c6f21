import { EventEmitter } from 'node:events';
import { CHANNEL_MESSAGE_ERR_CODE, GET_MEMBERS_ERR, JOIN_CHANNEL_ERR, LEAVE_CHANNEL_ERR } from '../enums.js';
import { RtmError } from '../errors.js';
import type { SessionChannel, SessionChannelEvents } from '../session/channel.js';
import type { CallOptions } from './abort.js';
import { ChannelAttributes, channelAttributesOf } from './attributes.js';
import type { ClientScope } from './client-scope.js';
import type { ChannelEvents, ChannelLeft, MessageGap } from './events.js';
import { messageFault } from './faults.js';
import type { Inbox, MessageIterator } from './inbox.js';
import { mediaContentOf, NO_MEDIA } from './media-messages.js';
import { type ChannelMessage, type ChannelSendResult, channelMessageOf, type Sendable, toContent } from './messages.js';
import {
  type ChannelSendOptions,
  checkCallOptions,
  checkMessagesOptions,
  checkSendOptions,
  type GapMessagesOptions,
  type MessagesOptions,
  sendFlags,
} from './options.js';
import { PendingQueue, PendingRequest, PendingRequests, type Settling } from './pending-requests.js';

/**
 * A channel this user is a member of; made by `RtmClient.join()`.
 *
 * It survives reconnects by itself. It ends with `leave()`, when the server removes the user, or with the client; the
 * event `'left'` tells which. Its events are {@link ChannelEvents}.
 */
export class Channel extends EventEmitter<ChannelEvents> implements AsyncDisposable {
  /** Id of the channel. */
  readonly id: string;
  /** Attributes of the channel, for all to read and write; they can be used after `leave()`, too. */
  readonly attributes: ChannelAttributes;
  readonly #scope: ClientScope;
  readonly #channel: SessionChannel;
  readonly #inbox: Inbox<ChannelMessage>;
  readonly #sends: PendingRequests<ChannelSendResult>;
  readonly #lists: PendingQueue<string[]>;
  readonly #joining: PendingRequest<void>;
  #leaving: Promise<void> | undefined;
  #leaveCall: PendingRequest<void> | undefined;
  #joined = false;
  #ended: ChannelLeft | undefined;
  #memberCount: number | undefined;

  private constructor(scope: ClientScope, id: string, options: CallOptions | undefined) {
    super();
    this.id = id;
    this.attributes = new ChannelAttributes(scope.requests, id);
    this.#scope = scope;
    this.#inbox = scope.inbox(this, { source: 'channel', channelId: id });
    const { userId } = scope;
    const timeoutReason = CHANNEL_MESSAGE_ERR_CODE.CHANNEL_MESSAGE_ERR_SENT_TIMEOUT;
    this.#sends = new PendingRequests({ operation: 'sendMessage', timeoutReason, request: true }, userId, (messageId) =>
      this.#channel.withdrawMessage(messageId),
    );
    this.#lists = new PendingQueue(
      { operation: 'getMembers', timeoutReason: GET_MEMBERS_ERR.GET_MEMBERS_ERR_TIMEOUT, request: true },
      userId,
    );
    // Made before any pending call: a bad id throws here, and must leave no timeout behind.
    this.#channel = scope.createChannel(id, this.#listener());
    this.#joining = new PendingRequest(
      { operation: 'join', timeoutReason: JOIN_CHANNEL_ERR.JOIN_CHANNEL_TIMEOUT, request: true },
      options,
      userId,
      () => {
        this.#end('left');
        return undefined;
      },
    );
    scope.remember(this);
  }

  /** @internal Joins; see `RtmClient.join()`. */
  static async join(scope: ClientScope, id: string, options: CallOptions | undefined): Promise<Channel> {
    const channel = new Channel(scope, id, options);
    const code = channel.#channel.join();
    if (code !== 0) channel.#failJoin(code);
    await channel.#joining.promise;
    return channel;
  }

  /** True from the join until the membership ends. Stays true while the client reconnects. */
  get joined(): boolean {
    return this.#joined;
  }

  /** The last number of members heard of, this one included; undefined until the first notice after the join. */
  get memberCount(): number | undefined {
    return this.#memberCount;
  }

  /**
   * Sends a message to all other members. Resolves when the server has accepted it and put it in order; it says nothing
   * about single members.
   *
   * @throws TypeError at once, for arguments of the wrong type
   * @throws RtmError `ERR_RTM_TIMEOUT`, `ERR_RTM_TOO_OFTEN`, `ERR_RTM_INVALID_MESSAGE` (over 32 KiB),
   * `ERR_RTM_NOT_LOGGED_IN`, `ERR_RTM_CLOSED` (not a member any more), `ERR_RTM_FAILURE`
   */
  send(message: Sendable, options?: ChannelSendOptions): Promise<ChannelSendResult> {
    const content = toContent(message);
    checkSendOptions(options);
    const refusal = this.#refusal('sendMessage', options);
    if (refusal !== undefined) return Promise.reject(refusal);
    const flags = sendFlags(options);
    let messageId: number;
    let code: number;
    if (typeof content === 'string') {
      messageId = this.#scope.nextMessageId();
      code = this.#channel.sendText(messageId, content, flags);
    } else {
      const outgoing = this.#scope.outgoing(content);
      if (!outgoing) {
        const invalid = CHANNEL_MESSAGE_ERR_CODE.CHANNEL_MESSAGE_ERR_INVALID_MESSAGE;
        return Promise.reject(RtmError.from('sendMessage', invalid, NO_MEDIA));
      }
      messageId = outgoing.id;
      code = this.#channel.send(outgoing, flags);
    }
    if (code !== 0) {
      const invalid = code === CHANNEL_MESSAGE_ERR_CODE.CHANNEL_MESSAGE_ERR_INVALID_MESSAGE;
      const detail = invalid ? messageFault(content) : this.#where;
      return Promise.reject(RtmError.from('sendMessage', code, detail));
    }
    return this.#sends.add(messageId, options);
  }

  /**
   * The user ids of the members, this one included; of a channel with more than 512, any 512 of them.
   *
   * @throws RtmError `ERR_RTM_TIMEOUT` (5 s), `ERR_RTM_TOO_OFTEN` (5 calls in 2 s), `ERR_RTM_CLOSED`
   */
  members(options?: CallOptions): Promise<string[]> {
    checkCallOptions(options);
    const refusal = this.#refusal('getMembers', options);
    if (refusal !== undefined) return Promise.reject(refusal);
    const code = this.#channel.getMembers();
    if (code !== 0) return Promise.reject(RtmError.from('getMembers', code, this.#where));
    return this.#lists.add(options);
  }

  /**
   * Reads the messages of other members: `for await (const message of channel.messages())`. One loop at a time; leaving
   * it with `break` lets the next one go on where it ended. It ends with the membership: silently after `leave()` and
   * `logout()`, otherwise with the error that ended it. With `gaps: true` it also tells where messages are missing.
   *
   * @throws RtmError `ERR_RTM_BUSY` at once, while another loop reads
   */
  messages(options: GapMessagesOptions): MessageIterator<ChannelMessage | MessageGap>;
  messages(options?: MessagesOptions): MessageIterator<ChannelMessage>;
  messages(options?: MessagesOptions | GapMessagesOptions): MessageIterator<ChannelMessage | MessageGap> {
    checkMessagesOptions(options);
    return this.#inbox.read(options);
  }

  /**
   * Leaves the channel. Resolves when the server has taken note, and at once if the membership had ended already.
   *
   * @throws RtmError `ERR_RTM_TIMEOUT` if the time given is over; the channel is left all the same
   */
  leave(options?: CallOptions): Promise<void> {
    checkCallOptions(options);
    if (options?.signal?.aborted) return Promise.reject(options.signal.reason);
    this.#leaving ??= this.#leave();
    return this.#scope.limit(this.#leaving, { operation: 'leave' }, options);
  }

  /** {@link leave}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.leave();
  }

  /** @internal Messages are missing here, or may be. */
  gap(resumed: boolean): void {
    this.#inbox.gap({ type: 'gap', channelId: this.id, resumed });
  }

  /** @internal The calls that wait for their result. */
  *pending(): Iterable<Settling> {
    yield* this.#sends.values();
    yield* this.#lists.values();
    if (!this.#joining.settled) yield this.#joining;
    if (this.#leaveCall) yield this.#leaveCall;
  }

  /** @internal The client has ended. */
  close(error?: unknown): void {
    this.#end('closed', error);
  }

  get #where(): string {
    return `channel ${JSON.stringify(this.id)}`;
  }

  #refusal(operation: 'sendMessage' | 'getMembers', options: CallOptions | undefined): unknown {
    if (options?.signal?.aborted) return options.signal.reason;
    if (!this.#ended) return this.#scope.refusal(operation);
    return new RtmError('ERR_RTM_CLOSED', `${operation} failed: not a member of ${this.#where} any more`, {
      operation,
    });
  }

  #leave(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    const code = this.#channel.leave();
    if (code !== 0) {
      this.#end('left'); // not a member, or logged out: the channel is left already
      return Promise.resolve();
    }
    this.#leaveCall = new PendingRequest({ operation: 'leave', request: true }, undefined, this.#scope.userId);
    return this.#leaveCall.promise;
  }

  #failJoin(code: number): void {
    this.#joining.reject(RtmError.from('join', code, this.#where));
    this.#end('left');
  }

  #onLeave(code: number): void {
    if (code === LEAVE_CHANNEL_ERR.LEAVE_CHANNEL_ERR_KICKED) {
      const options = { operation: 'messages', reason: code };
      this.#end('kicked', new RtmError('ERR_RTM_KICKED', `the server removed the user from ${this.#where}`, options));
    } else {
      this.#end('left');
    }
  }

  /** Ends the membership, once. Whatever the server said, the object is of no further use. */
  #end(reason: ChannelLeft['reason'], error?: unknown): void {
    if (this.#ended) return;
    this.#ended = { channelId: this.id, reason };
    this.#channel.release();
    this.#scope.forget(this);
    const cause = error === undefined ? {} : { cause: error };
    const closed = (operation: string) =>
      new RtmError('ERR_RTM_CLOSED', `${operation} failed: no longer a member of ${this.#where}`, {
        operation,
        ...cause,
      });
    this.#joining.reject(error ?? closed('join'));
    this.#sends.rejectAll(closed);
    this.#lists.rejectAll(closed);
    this.#inbox.end(error);
    this.#leaveCall?.resolve();
    if (!this.#joined) return;
    this.#joined = false;
    this.#emit('left', this.#ended);
  }

  #emit<E extends keyof ChannelEvents>(event: E, payload: ChannelEvents[E][0]): void {
    this.#scope.emit(this, event, payload);
  }

  #listener(): SessionChannelEvents {
    return {
      onJoinSuccess: () => {
        this.#joined = true;
        this.#scope.hold();
        this.#joining.resolve();
      },
      onJoinFailure: (code) => this.#failJoin(code),
      onLeave: (code) => this.#onLeave(code),
      onMessage: (from, messageId, _type, text, raw, timestamp) =>
        this.#inbox.deliver(channelMessageOf(from, this.id, messageId, text, raw, timestamp)),
      onMediaMessage: (from, message) => {
        const { id: messageId, serverReceivedTs: timestamp } = message;
        this.#inbox.deliver({ ...mediaContentOf(message), from, channelId: this.id, messageId, timestamp });
      },
      onChannelSendResult: (messageId, code) => {
        const call = this.#sends.take(messageId);
        if (code === 0) call?.resolve({ messageId });
        else call?.reject(RtmError.from('sendMessage', code, this.#where, undefined, false));
      },
      onChannelSendUnsent: (messageId, code) => {
        this.#sends.take(messageId)?.reject(RtmError.from('sendMessage', code, this.#where, undefined, true));
      },
      onMembers: (userIds, code) => {
        const call = this.#lists.take();
        if (code === 0) call?.resolve(userIds);
        else call?.reject(RtmError.from('getMembers', code, this.#where));
      },
      onMemberJoined: (userId) => this.#emit('memberJoined', { channelId: this.id, userId }),
      onMemberLeft: (userId) => this.#emit('memberLeft', { channelId: this.id, userId }),
      onChannelAttributes: (attributes) =>
        this.#emit('attributes', { channelId: this.id, attributes: channelAttributesOf(attributes) }),
      onMemberCount: (count) => {
        this.#memberCount = count;
        this.#emit('memberCount', { channelId: this.id, count });
      },
    };
  }
}
