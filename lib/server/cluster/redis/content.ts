import { SendFlag } from '../../../common-constants.js';
import { ContentFields, ContentType } from '../../../wire-numbers.js';
import { EXPIRES_FLAG } from '../../storage/store-constants.js';
import type { PeerSend, Publish } from '../engine.js';
import { pack } from './fields.js';

/** One number of a protobuf message at `at`, and where the next thing begins. */
function varint(bytes: Uint8Array, at: number): [number, number] {
  let value = 0;
  for (let shift = 0, i = at; i < bytes.length && shift < 53; shift += 7, i++) {
    const byte = bytes[i] as number;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, i + 1];
  }
  throw new Error('a number without an end');
}

/** What this server reads of an encoded `Content` (proto/rtm.proto). */
interface Known {
  type: number;
  text: Uint8Array;
  /** 0: never. */
  expiresAtMs: number;
}

function fieldsOf(content: Uint8Array): Known | undefined {
  const known: Known = { type: 0, text: new Uint8Array(0), expiresAtMs: 0 };
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  try {
    for (let at = 0; at < content.length; ) {
      const [tag, value] = varint(content, at);
      const field = Math.floor(tag / 8);
      switch (tag % 8) {
        case 0: {
          const [number, next] = varint(content, value);
          if (field === ContentFields.type) known.type = number;
          at = next;
          break;
        }
        case 1:
          if (field === ContentFields.expiresAtMs) known.expiresAtMs = Number(view.getBigUint64(value, true));
          at = value + 8;
          break;
        case 2: {
          const [size, begin] = varint(content, value);
          if (begin + size > content.length) return undefined;
          if (field === ContentFields.text) known.text = content.slice(begin, begin + size);
          at = begin + size;
          break;
        }
        case 5:
          at = value + 4;
          break;
        default:
          return undefined;
      }
    }
  } catch {
    return undefined;
  }
  return known;
}

/** The text of an encoded `Content`, if it is a text message. */
export function textOf(content: Uint8Array): Uint8Array | undefined {
  const known = fieldsOf(content);
  return known?.type === ContentType.Text ? known.text : undefined;
}

/** Milliseconds until a message expires, by the clock of the node that took it: from 0 on it has. Never: infinite. */
export function lifeOf({ flags, content }: { readonly flags: number; readonly content: Uint8Array }): number {
  const at = (flags & EXPIRES_FLAG) === 0 ? 0 : (fieldsOf(content)?.expiresAtMs ?? 0);
  return at === 0 ? Number.POSITIVE_INFINITY : Math.max(0, at - Date.now());
}

/** The history record that a send asks for: source, destination, whether a channel, time, text. Empty: none. */
export function historyOf(op: PeerSend | Publish): Buffer {
  if ((op.flags & SendFlag.History) === 0) return Buffer.alloc(0);
  const text = textOf(op.content);
  if (text === undefined) return Buffer.alloc(0);
  const channel = 'channelId' in op;
  return pack([
    op.senderId,
    channel ? op.channelId : op.receiverId,
    channel ? '1' : '0',
    String(op.serverTimeMs),
    text,
  ]);
}
