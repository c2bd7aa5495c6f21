import { LEAVE_CHANNEL_ERR } from '../enums.js';
import type { NativeEnvironment } from '../native/environment.js';
import type { ChannelSink } from '../native/event-kinds.js';
import type { ChannelAttribute } from '../native/values.js';
import type { Activity } from './activity.js';
import { MessageForwarder } from './message-forwarder.js';
import type { OutgoingMessage } from './outgoing.js';

/** The events of a channel for its owner. */
export type SessionChannelEvents = ChannelSink;

/** The part of a session that its channels use. */
interface ChannelOwner {
  sent(code: number): number;
  forgetChannel(channel: SessionChannel, pending: number): void;
}

/**
 * One channel of a session, and the sink of its events. Calls return a number of their enumeration, as in `Session`.
 */
export class SessionChannel extends MessageForwarder<SessionChannelEvents> implements ChannelSink {
  readonly channelId: string;
  /** The object that the program sees, so that one id has one. */
  facade: object | undefined;
  readonly #owner: ChannelOwner;
  readonly #environment: NativeEnvironment;
  readonly #arguments: Float64Array;
  readonly #activity: Activity;
  /** 0 once it is released. */
  #handle: number;
  /** Accepted calls whose result is still to come. */
  #pending = 0;

  constructor(
    handle: number,
    channelId: string,
    owner: ChannelOwner,
    shared: { readonly environment: NativeEnvironment; readonly arguments: Float64Array },
    activity: Activity,
  ) {
    super();
    this.#handle = handle;
    this.channelId = channelId;
    this.#owner = owner;
    this.#environment = shared.environment;
    this.#arguments = shared.arguments;
    this.#activity = activity;
  }

  get handle(): number {
    return this.#handle;
  }

  join(): number {
    return this.#accepted(this.#environment.channelJoin(this.#handle));
  }

  leave(): number {
    return this.#accepted(this.#environment.channelLeave(this.#handle));
  }

  getMembers(): number {
    return this.#accepted(this.#environment.channelGetMembers(this.#handle));
  }

  /** Sends a text to the other members. `flags`: bits of `SendFlag`. */
  sendText(messageId: number, text: string, flags: number): number {
    const numbers = this.#arguments;
    numbers[0] = this.#handle;
    numbers[1] = messageId;
    numbers[2] = flags;
    return this.#sent(this.#environment.channelSendText(text));
  }

  /** Sends any other message to the other members. */
  send(message: OutgoingMessage, flags: number): number {
    const { id, type, text, raw, media } = message;
    return this.#sent(this.#environment.channelSend(this.#handle, id, type, text, raw, flags, media));
  }

  /** See `Session.withdraw()`; of a message. */
  withdrawMessage(messageId: number): boolean {
    return this.#environment.channelWithdraw(this.#handle, messageId) === 1;
  }

  /** Ends the object, and leaves the channel if it is joined: no event comes any more. */
  release(): void {
    if (this.#handle === 0) return;
    const handle = this.#handle;
    this.events = undefined;
    this.#owner.forgetChannel(this, this.#pending);
    this.#pending = 0;
    this.#handle = 0;
    this.#environment.channelRelease(handle);
  }

  #accepted(code: number): number {
    if (code === 0) this.#pending++;
    return this.#activity.accepted(code);
  }

  #sent(code: number): number {
    if (code === 0) this.#pending++;
    return this.#owner.sent(code);
  }

  #concluded(): void {
    if (this.#pending === 0) return;
    this.#pending--;
    this.#activity.concluded();
  }

  onJoinSuccess(): void {
    this.#concluded();
    this.events?.onJoinSuccess();
  }

  onJoinFailure(code: number): void {
    this.#concluded();
    this.events?.onJoinFailure(code);
  }

  onLeave(code: number): void {
    // KICKED is the only result that also comes unasked.
    if (code !== LEAVE_CHANNEL_ERR.LEAVE_CHANNEL_ERR_KICKED) this.#concluded();
    this.events?.onLeave(code);
  }

  onChannelSendResult(messageId: number, code: number): void {
    this.#concluded();
    this.events?.onChannelSendResult(messageId, code);
  }

  onChannelSendUnsent(messageId: number, code: number): void {
    this.#concluded();
    this.events?.onChannelSendUnsent(messageId, code);
  }

  onMemberJoined(userId: string): void {
    this.events?.onMemberJoined(userId);
  }

  onMemberLeft(userId: string): void {
    this.events?.onMemberLeft(userId);
  }

  onMembers(userIds: string[], code: number): void {
    this.#concluded();
    this.events?.onMembers(userIds, code);
  }

  onChannelAttributes(attributes: ChannelAttribute[]): void {
    this.events?.onChannelAttributes(attributes);
  }

  onMemberCount(count: number): void {
    this.events?.onMemberCount(count);
  }
}
