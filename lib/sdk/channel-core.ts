import {
  type CHANNEL_MESSAGE_ERR_CODE,
  type GET_MEMBERS_ERR,
  type JOIN_CHANNEL_ERR,
  LEAVE_CHANNEL_ERR,
} from '../enums.js';
import type { RawPort } from '../native/environment.js';
import type { ChannelSink } from '../native/event-kinds.js';
import { isText, sendable, sendFlags } from './arguments.js';
import type { RtmChannelAttribute } from './attributes.js';
import { HandlerList } from './handler-list.js';
import type { IChannelEventHandler } from './handlers.js';
import { RtmFileMessage, RtmImageMessage } from './media-message.js';
import { RtmChannelMember } from './member.js';
import type { RtmMessage } from './message.js';
import type { SendMessageOptions } from './structs.js';

/** What a channel needs of its service. */
export interface ChannelOwner {
  readonly runtime: { readonly port: RawPort; readonly report: (error: unknown) => void };
  accepted(code: number): number;
  sent(code: number): number;
  prepareText(handle: number, message: RtmMessage, flags: number): void;
  concluded(): void;
  forgetChannel(channel: ChannelCore, pending: number): void;
}

/** What stands behind an `RtmChannel`, and the sink of its events. */
export class ChannelCore implements ChannelSink {
  readonly channelId: string;
  /** The public object, so that one id has one. */
  facade: object | undefined;
  readonly #service: ChannelOwner;
  readonly #handlers: HandlerList<IChannelEventHandler>;
  #handle: number;
  #pending = 0;

  constructor(service: ChannelOwner, handle: number, channelId: string) {
    this.#service = service;
    this.#handle = handle;
    this.channelId = channelId;
    this.#handlers = new HandlerList(service.runtime.report);
  }

  get handle(): number {
    return this.#handle;
  }

  get #port(): RawPort {
    return this.#service.runtime.port;
  }

  /** A channel has one handler at a time, as in C++. */
  setHandler(handler: IChannelEventHandler): void {
    this.#handlers.replace(handler);
  }

  join(): JOIN_CHANNEL_ERR {
    return this.#accepted(this.#port.channelJoin(this.#handle)) as JOIN_CHANNEL_ERR;
  }

  leave(): LEAVE_CHANNEL_ERR {
    return this.#accepted(this.#port.channelLeave(this.#handle)) as LEAVE_CHANNEL_ERR;
  }

  sendMessage(message: RtmMessage | null, options: SendMessageOptions | undefined): CHANNEL_MESSAGE_ERR_CODE {
    const flags = sendFlags(options);
    if (isText(message)) {
      this.#service.prepareText(this.#handle, message, flags);
      return this.#sent(this.#port.channelSendText(message.getText())) as CHANNEL_MESSAGE_ERR_CODE;
    }
    const { id, type, text, raw, media } = sendable(message);
    const code = this.#port.channelSend(this.#handle, id, type, text, raw, flags, media);
    return this.#sent(code) as CHANNEL_MESSAGE_ERR_CODE;
  }

  getMembers(): GET_MEMBERS_ERR {
    return this.#accepted(this.#port.channelGetMembers(this.#handle)) as GET_MEMBERS_ERR;
  }

  release(): void {
    if (this.#handle === 0) return;
    const handle = this.#handle;
    this.#handlers.replace();
    this.#service.forgetChannel(this, this.#pending);
    this.#pending = 0;
    this.#handle = 0;
    this.#port.channelRelease(handle);
  }

  #accepted(code: number): number {
    if (code === 0) this.#pending++;
    return this.#service.accepted(code);
  }

  #sent(code: number): number {
    if (code === 0) this.#pending++;
    return this.#service.sent(code);
  }

  #concluded(): void {
    if (this.#pending === 0) return;
    this.#pending--;
    this.#service.concluded();
  }

  onJoinSuccess(): void {
    this.#concluded();
    this.#handlers.emit((handler) => handler.onJoinSuccess?.());
  }

  onJoinFailure(code: JOIN_CHANNEL_ERR): void {
    this.#concluded();
    this.#handlers.emit((handler) => handler.onJoinFailure?.(code));
  }

  onLeave(code: LEAVE_CHANNEL_ERR): void {
    // The only result that also comes unasked.
    if (code !== LEAVE_CHANNEL_ERR.LEAVE_CHANNEL_ERR_KICKED) this.#concluded();
    this.#handlers.emit((handler) => handler.onLeave?.(code));
  }

  onChannelSendResult(messageId: number, code: CHANNEL_MESSAGE_ERR_CODE): void {
    this.#concluded();
    this.#handlers.emit(tellSendResult, messageId, code);
  }

  onChannelMessage(userId: string, message: RtmMessage): void {
    this.#handlers.emit(tellMessage, userId, message);
  }

  onMemberJoined(userId: string): void {
    const member = new RtmChannelMember(userId, this.channelId);
    this.#handlers.emit((handler) => handler.onMemberJoined?.(member));
  }

  onMemberLeft(userId: string): void {
    const member = new RtmChannelMember(userId, this.channelId);
    this.#handlers.emit((handler) => handler.onMemberLeft?.(member));
  }

  onMembers(userIds: string[], code: GET_MEMBERS_ERR): void {
    this.#concluded();
    const members = userIds.map((userId) => new RtmChannelMember(userId, this.channelId));
    this.#handlers.emit((handler) => handler.onGetMembers?.(members, code));
  }

  onChannelAttributes(attributes: RtmChannelAttribute[]): void {
    this.#handlers.emit((handler) => handler.onAttributesUpdated?.(attributes));
  }

  onMemberCount(count: number): void {
    this.#handlers.emit((handler) => handler.onMemberCountUpdated?.(count));
  }
}

function tellSendResult(handler: IChannelEventHandler, messageId: number, code: CHANNEL_MESSAGE_ERR_CODE): void {
  handler.onSendMessageResult?.(messageId, code);
}

function tellMessage(handler: IChannelEventHandler, userId: string, message: RtmMessage): void {
  if (message instanceof RtmImageMessage) handler.onImageMessageReceived?.(userId, message);
  else if (message instanceof RtmFileMessage) handler.onFileMessageReceived?.(userId, message);
  else handler.onMessageReceived?.(userId, message);
}
