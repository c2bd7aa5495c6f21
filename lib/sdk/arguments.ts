// Arguments of the C++ surface on their way to the session.
import { checkBoolean, checkString } from '../checks.js';
import { SendFlag } from '../common-constants.js';
import { MESSAGE_TYPE } from '../enums.js';
import { invalidArgType } from '../errors.js';
import { mediaColumns, type OutgoingMessage } from '../session/outgoing.js';
import { RtmChannelAttribute } from './attributes.js';
import { RtmImageMessage, RtmMediaMessage } from './media-message.js';
import { RtmMessage } from './message.js';
import type { ChannelAttributeOptions, RtmAttribute, SendMessageOptions } from './structs.js';

/** Attributes of a user as they cross: key, value, key, value … */
export function userAttributes(value: unknown): string[] | null {
  if (value === null) return null;
  if (!Array.isArray(value)) throw invalidArgType('attributes', 'an array of { key, value }', value);
  return value.flatMap((attribute, index) => {
    const { key, value: text } = Object(attribute) as Partial<RtmAttribute>;
    return [checkString(key, `attributes[${index}].key`), checkString(text, `attributes[${index}].value`)];
  });
}

/** Attributes of a channel as they cross. */
export function channelAttributes(value: unknown): string[] | null {
  if (value === null) return null;
  if (!Array.isArray(value)) throw invalidArgType('attributes', 'an array of RtmChannelAttribute', value);
  return value.flatMap((attribute, index) => {
    if (!(attribute instanceof RtmChannelAttribute)) {
      throw invalidArgType(`attributes[${index}]`, 'an RtmChannelAttribute', attribute);
    }
    return [attribute.getKey(), attribute.getValue()];
  });
}

/** Whether the members of the channel are to be told. */
export function notifyFlag(options: ChannelAttributeOptions | undefined): boolean {
  if (options === undefined) return false;
  if (typeof options !== 'object' || options === null) throw invalidArgType('options', 'an object', options);
  const { enableNotificationToChannelMembers = false } = options;
  return checkBoolean(enableNotificationToChannelMembers, 'options.enableNotificationToChannelMembers');
}

/** The id of a request, as a call returned it. */
export function requestId(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw invalidArgType('requestId', 'an integer', value);
  return value;
}

/** The two options as bits. */
export function sendFlags(options: SendMessageOptions | undefined): number {
  if (options === undefined) return 0;
  if (typeof options !== 'object' || options === null) throw invalidArgType('options', 'an object', options);
  const { enableOfflineMessaging = false, enableHistoricalMessaging = false } = options;
  checkBoolean(enableOfflineMessaging, 'options.enableOfflineMessaging');
  checkBoolean(enableHistoricalMessaging, 'options.enableHistoricalMessaging');
  return (enableOfflineMessaging ? SendFlag.Offline : 0) | (enableHistoricalMessaging ? SendFlag.History : 0);
}

const NULL_MESSAGE: OutgoingMessage = {
  id: 0,
  type: MESSAGE_TYPE.MESSAGE_TYPE_UNDEFINED,
  text: '',
  raw: undefined,
  media: undefined,
};

/** Whether it is a text message, which crosses in a shorter way than {@link outgoing}. */
export function isText(message: unknown): message is RtmMessage {
  return message instanceof RtmMessage && message.getMessageType() === MESSAGE_TYPE.MESSAGE_TYPE_TEXT;
}

function mediaOf(message: RtmMediaMessage): string[] {
  const image = message instanceof RtmImageMessage ? message : undefined;
  return mediaColumns({
    mediaId: message.getMediaId(),
    fileName: message.getFileName(),
    size: message.getSize(),
    width: image?.getWidth() ?? 0,
    height: image?.getHeight() ?? 0,
    thumbnailWidth: image?.getThumbnailWidth() ?? 0,
    thumbnailHeight: image?.getThumbnailHeight() ?? 0,
  });
}

/** A message as it crosses. */
export function outgoing(message: RtmMessage | null): OutgoingMessage {
  if (message === null) return NULL_MESSAGE;
  if (!(message instanceof RtmMessage)) throw invalidArgType('message', 'an RtmMessage', message);
  const media = message instanceof RtmMediaMessage ? message : undefined;
  return {
    id: message.getMessageId(),
    type: message.getMessageType(),
    text: message.getText(),
    raw: media ? media.getThumbnailData() : (message.getRawMessageData() ?? undefined),
    media: media && mediaOf(media),
  };
}

/** Throws unless it is an object, whose methods are then called by name. */
export function checkHandler(handler: unknown): asserts handler is object {
  if (typeof handler !== 'object' || handler === null) throw invalidArgType('eventHandler', 'an object', handler);
}
