import type { MessageSink } from '../native/event-kinds.js';
import type { MediaMessage } from '../native/values.js';

/** Passes received messages on to the owner of a session or channel. */
export abstract class MessageForwarder<Events extends MessageSink> implements MessageSink {
  /** The owner; undefined while there is none, and after the release. */
  events: Events | undefined;

  onMessage(
    userId: string,
    id: number,
    type: 1 | 2,
    text: string,
    raw: Buffer | undefined,
    serverReceivedTs: number,
    offline: boolean,
  ): void {
    this.events?.onMessage(userId, id, type, text, raw, serverReceivedTs, offline);
  }

  onMediaMessage(userId: string, message: MediaMessage): void {
    this.events?.onMediaMessage(userId, message);
  }
}
