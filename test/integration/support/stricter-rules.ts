// The points of "Encoding" in proto/rtm.proto in which our receivers are stricter than protobuf libraries have to be,
// as a reader of its own: slow, plain, and independent of the codec it judges.
import protobuf from 'protobufjs';

export type StricterRule = 'group' | 'varint over 64 bits' | 'list over its limit' | 'text that is not UTF-8';

const maxRepeated = 4096;
const maxRepeatedNumbers = 65_536;

/** The stricter rule that refuses `bytes`, which are otherwise valid protobuf. */
export function stricterRule(type: protobuf.Type, bytes: Uint8Array): StricterRule | undefined {
  try {
    walk(type, bytes, new Map(), '');
  } catch (error) {
    if (error instanceof Refused) return error.rule;
    if (error instanceof RangeError) return undefined; // malformed for everyone
    throw error;
  }
  return undefined;
}

class Refused extends Error {
  constructor(readonly rule: StricterRule) {
    super(rule);
  }
}

/** `counts` has the length of each list so far, by its path; a message given in parts is one message. */
function walk(type: protobuf.Type, bytes: Uint8Array, counts: Map<string, number>, path: string): void {
  let at = 0;
  const byte = () => {
    if (at >= bytes.length) throw new RangeError('cut off');
    return bytes[at++]!;
  };
  const varint = () => {
    let value = 0n;
    for (let i = 0n; ; i++) {
      const next = byte();
      value |= BigInt(next & 0x7f) << (7n * i);
      if (value >= 1n << 64n || (i === 9n && next >= 0x80)) throw new Refused('varint over 64 bits');
      if (next < 0x80) return value;
    }
  };
  const count = (key: string, more: number, limit: number) => {
    const sum = (counts.get(key) ?? 0) + more;
    counts.set(key, sum);
    if (sum > limit) throw new Refused('list over its limit');
    return sum;
  };

  while (at < bytes.length) {
    const tag = Number(varint());
    const wireType = tag & 7;
    const field = type.fieldsById[Math.floor(tag / 8)]?.resolve();
    const key = `${path}.${field?.name}`;
    const isText = field?.type === 'string' || field?.type === 'bytes';
    const isMessage = field?.resolvedType instanceof protobuf.Type;
    const isNumberList = field?.repeated === true && !isText && !isMessage;
    if (wireType === 3) throw new Refused('group');
    if (wireType === 0) {
      varint();
      if (isNumberList) count(key, 1, maxRepeatedNumbers);
    } else if (wireType === 1 || wireType === 5) {
      at += wireType === 1 ? 8 : 4;
      if (at > bytes.length) throw new RangeError('cut off');
    } else if (wireType === 2) {
      const size = Number(varint());
      if (size > bytes.length - at) throw new RangeError('cut off');
      const body = bytes.subarray(at, at + size);
      at += size;
      if (isNumberList) count(key, body.filter((b) => b < 0x80).length, maxRepeatedNumbers);
      else if (field?.repeated === true) count(key, 1, maxRepeated);
      if (field?.type === 'string' && !isUtf8(body)) throw new Refused('text that is not UTF-8');
      if (isNumberList) walkPacked(body);
      if (isMessage)
        walk(field.resolvedType as protobuf.Type, body, counts, field.repeated ? `${key}[${counts.get(key)}]` : key);
    } else {
      throw new RangeError('no wire type');
    }
  }
}

function walkPacked(body: Uint8Array): void {
  let length = 0;
  for (const byte of body) {
    length++;
    if (length > 10 || (length === 10 && byte > 1)) throw new Refused('varint over 64 bits');
    if (byte < 0x80) length = 0;
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
