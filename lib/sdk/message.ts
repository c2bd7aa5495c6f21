import { checkBytes, checkString } from '../checks.js';
import { MESSAGE_TYPE } from '../enums.js';
import { invalidArgType } from '../errors.js';

const EMPTY = Buffer.alloc(0);

/**
 * A text or raw message (docs/spec/api.md §5): made by `createMessage` of a service for sending, or handed to a
 * callback.
 *
 * Unlike in C++ a message of a callback may be kept after the callback. It then keeps the batch it came in alive
 * (at most 256 KiB), so copy a short text or a few bytes out of messages that are kept for long.
 */
export class RtmMessage {
  readonly #id: number;
  readonly #type: MESSAGE_TYPE;
  #text: string;
  #raw: Uint8Array | undefined;
  readonly #serverReceivedTs: number;
  readonly #offline: boolean;

  /** @internal Messages are made by `createMessage` or by the receiving side. */
  constructor(id: number, type: MESSAGE_TYPE, text: string, raw: Uint8Array | undefined, ts = 0, offline = false) {
    this.#id = id;
    this.#type = type;
    this.#text = text;
    this.#raw = raw;
    this.#serverReceivedTs = ts;
    this.#offline = offline;
  }

  /** Unique positive id below 2^53, fixed at creation; the receiver sees the sender's (docs/spec/semantics.md §1). */
  getMessageId(): number {
    return this.#id;
  }

  /** What kind of message it is. */
  getMessageType(): MESSAGE_TYPE {
    return this.#type;
  }

  /**
   * Sets the text of a text message, or the description of a raw one. Up to 32 KB of UTF-8 (raw: together with the
   * data), which is checked when sending.
   *
   * @throws TypeError `ERR_RTM_INVALID_ARG_TYPE` if it is no string
   */
  setText(str: string): void {
    this.#text = checkString(str, 'str');
  }

  /** Text, or description of a raw message; an empty string if there is none. */
  getText(): string {
    return this.#text;
  }

  /** The payload of a raw message, not a copy; null for other messages. */
  getRawMessageData(): Buffer | null {
    if (this.#type !== MESSAGE_TYPE.MESSAGE_TYPE_RAW) return null;
    const raw = this.#raw ?? EMPTY;
    return Buffer.isBuffer(raw) ? raw : Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  }

  /** Size of the raw payload in bytes; 0 for other messages. */
  getRawMessageLength(): number {
    return this.#raw?.byteLength ?? 0;
  }

  /**
   * When the server got the message, in milliseconds since 1970 UTC; for offline messages when it was stored. For
   * display, not for ordering. 0 on a message that was not received.
   */
  getServerReceivedTs(): number {
    return this.#serverReceivedTs;
  }

  /** True for a received peer message that the server had stored because the receiver was offline. */
  isOfflineMessage(): boolean {
    return this.#offline;
  }

  /** Here for ported programs; does nothing, since the garbage collector frees messages. */
  release(): void {}
}

/**
 * Beginning of a text peer message that the old Signaling SDK takes for its end-call: this prefix, `_`, the channel id,
 * `_`, and any text without `_`, which may be empty. For receivers of this SDK an ordinary text (docs/spec/semantics.md
 * §2).
 */
export const AGORA_RTM_ENDCALL_PREFIX = 'AgoraRTMLegacyEndcallCompatibleMessagePrefix';

/** The C++ name of {@link RtmMessage}. */
export interface IMessage extends RtmMessage {}

/**
 * Makes the message of `createMessage` (docs/spec/api.md §11.16, §11.17, §11.18, §11.19). Raw data is copied.
 */
export function messageOf(id: number, content: string | Uint8Array = '', description?: string): RtmMessage {
  if (typeof content === 'string') {
    if (description !== undefined) throw invalidArgType('rawData', 'an instance of Uint8Array', content);
    return new RtmMessage(id, MESSAGE_TYPE.MESSAGE_TYPE_TEXT, content, undefined);
  }
  if (!(content instanceof Uint8Array))
    throw invalidArgType('message', 'a string or an instance of Uint8Array', content);
  if (description !== undefined) checkString(description, 'description');
  const raw = Buffer.from(checkBytes(content, 'rawData'));
  return new RtmMessage(id, MESSAGE_TYPE.MESSAGE_TYPE_RAW, description ?? '', raw);
}
