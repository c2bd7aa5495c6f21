import type { CHANNEL_MESSAGE_ERR_CODE, GET_MEMBERS_ERR, JOIN_CHANNEL_ERR, LEAVE_CHANNEL_ERR } from '../enums.js';
import type { SessionChannel } from '../session/channel.js';
import { isText, outgoing, sendFlags } from './arguments.js';
import type { CallbackContext } from './callback-context.js';
import { ChannelCallbacks } from './channel-callbacks.js';
import type { IChannelEventHandler } from './handlers.js';
import type { RtmMessage } from './message.js';
import type { SendMessageOptions } from './structs.js';

/**
 * A channel of one service (docs/spec/api.md §9, docs/spec/semantics.md §3). Made by `RtmService.createChannel`.
 *
 * Calls return 0 when they were accepted, and then exactly one callback follows; any other number is the error, and
 * none follows. On a released channel, or one whose service is released, every call returns the 101 of its enumeration.
 */
export class RtmChannel {
  readonly #channel: SessionChannel;
  readonly #callbacks: ChannelCallbacks;

  private constructor(channel: SessionChannel, callbacks: ChannelCallbacks) {
    this.#channel = channel;
    this.#callbacks = callbacks;
  }

  /** @internal The one object of a channel, with this handler from now on unless it is null. */
  static of(channel: SessionChannel, handler: IChannelEventHandler | null, context: CallbackContext): RtmChannel {
    if (channel.facade === undefined) {
      const callbacks = new ChannelCallbacks(channel.channelId);
      channel.events = context.bind(callbacks);
      channel.facade = new RtmChannel(channel, callbacks);
    }
    const facade = channel.facade as RtmChannel;
    if (handler !== null) facade.#callbacks.handler = handler;
    return facade;
  }

  /**
   * Joins the channel; then `onJoinSuccess` or `onJoinFailure` within 5 s. Up to 20 channels at a time; 50 calls in 3
   * s, 2 in 5 s for one channel.
   */
  join(): JOIN_CHANNEL_ERR {
    return this.#channel.join() as JOIN_CHANNEL_ERR;
  }

  /** Leaves the channel; then `onLeave`. */
  leave(): LEAVE_CHANNEL_ERR {
    return this.#channel.leave() as LEAVE_CHANNEL_ERR;
  }

  /**
   * Sends to all other members; then `onSendMessageResult` within 10 s. The sender gets no copy. Up to 32 KB; 1500
   * sends in 3 s, shared with `sendMessageToPeer`. Text with an unpaired surrogate cannot be sent unaltered and gives
   * `CHANNEL_MESSAGE_ERR_INVALID_MESSAGE`, as does a null message.
   *
   * @throws TypeError `ERR_RTM_INVALID_ARG_TYPE` if an argument has the wrong type
   */
  sendMessage(message: RtmMessage | null, options: SendMessageOptions | undefined): CHANNEL_MESSAGE_ERR_CODE;
  /**
   * The same with default options.
   *
   * @deprecated since 1.3.0, supported
   */
  sendMessage(message: RtmMessage | null): CHANNEL_MESSAGE_ERR_CODE;
  sendMessage(message: RtmMessage | null, options?: SendMessageOptions): CHANNEL_MESSAGE_ERR_CODE {
    const flags = sendFlags(options);
    const code = isText(message)
      ? this.#channel.sendText(message.getMessageId(), message.getText(), flags)
      : this.#channel.send(outgoing(message), flags);
    return code as CHANNEL_MESSAGE_ERR_CODE;
  }

  /** Id of the channel. */
  getId(): string {
    return this.#channel.channelId;
  }

  /** Asks for the members; then `onGetMembers` within 5 s. 5 calls in 2 s. */
  getMembers(): GET_MEMBERS_ERR {
    return this.#channel.getMembers() as GET_MEMBERS_ERR;
  }

  /**
   * Leaves the channel if it is joined, and ends the object: no callback comes any more. May be called from a callback.
   */
  release(): void {
    this.#channel.release();
  }

  /** {@link release}, for `using`. */
  [Symbol.dispose](): void {
    this.#channel.release();
  }
}

/** The C++ name of {@link RtmChannel}. */
export interface IChannel extends RtmChannel {}
