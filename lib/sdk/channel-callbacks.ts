import type { CHANNEL_MESSAGE_ERR_CODE, GET_MEMBERS_ERR, JOIN_CHANNEL_ERR, LEAVE_CHANNEL_ERR } from '../enums.js';
import type { ChannelAttribute, MediaMessage } from '../native/values.js';
import type { SessionChannelEvents } from '../session/channel.js';
import { RtmChannelAttribute } from './attributes.js';
import type { IChannelEventHandler } from './handlers.js';
import { mediaMessageOf, RtmFileMessage, RtmImageMessage } from './media-message.js';
import { RtmChannelMember } from './member.js';
import { RtmMessage } from './message.js';

/**
 * Turns the events of a channel into callbacks, with the objects of the C++ surface. A channel has one handler at a
 * time, as in C++.
 */
export class ChannelCallbacks implements SessionChannelEvents {
  readonly #channelId: string;
  handler: IChannelEventHandler | undefined;

  constructor(channelId: string) {
    this.#channelId = channelId;
  }

  onJoinSuccess(): void {
    this.handler?.onJoinSuccess?.();
  }

  onJoinFailure(code: JOIN_CHANNEL_ERR): void {
    this.handler?.onJoinFailure?.(code);
  }

  onLeave(code: LEAVE_CHANNEL_ERR): void {
    this.handler?.onLeave?.(code);
  }

  onChannelSendResult(messageId: number, code: CHANNEL_MESSAGE_ERR_CODE): void {
    this.handler?.onSendMessageResult?.(messageId, code);
  }

  /** The surface makes no difference. */
  onChannelSendUnsent(messageId: number, code: CHANNEL_MESSAGE_ERR_CODE): void {
    this.onChannelSendResult(messageId, code);
  }

  onMessage(
    userId: string,
    id: number,
    type: 1 | 2,
    text: string,
    raw: Buffer | undefined,
    serverReceivedTs: number,
    offline: boolean,
  ): void {
    this.handler?.onMessageReceived?.(userId, new RtmMessage(id, type, text, raw, serverReceivedTs, offline));
  }

  onMediaMessage(userId: string, value: MediaMessage): void {
    const message = mediaMessageOf(value);
    if (message instanceof RtmImageMessage) this.handler?.onImageMessageReceived?.(userId, message);
    else if (message instanceof RtmFileMessage) this.handler?.onFileMessageReceived?.(userId, message);
  }

  onMemberJoined(userId: string): void {
    this.handler?.onMemberJoined?.(this.#member(userId));
  }

  onMemberLeft(userId: string): void {
    this.handler?.onMemberLeft?.(this.#member(userId));
  }

  onMembers(userIds: string[], code: GET_MEMBERS_ERR): void {
    const members = userIds.map((userId) => this.#member(userId));
    this.handler?.onGetMembers?.(members, code);
  }

  onChannelAttributes(attributes: ChannelAttribute[]): void {
    this.handler?.onAttributesUpdated?.(attributes.map(RtmChannelAttribute.received));
  }

  onMemberCount(count: number): void {
    this.handler?.onMemberCountUpdated?.(count);
  }

  #member(userId: string): RtmChannelMember {
    return new RtmChannelMember(userId, this.#channelId);
  }
}
