// The few frames that the doctor speaks by itself (proto/rtm.proto), so that it can tell at which step a server stops
// being one. Everything else in lib/ leaves the wire to the core.

import { MAX_FRAME_BODY } from '../../common-constants.js';

/** The value of a field: a number of up to 2^53, or bytes. */
export type Field = number | Uint8Array;

/** A message by field number; a repeated field has several values. */
export type Fields = ReadonlyMap<number, readonly Field[]>;

/** Reads a protobuf message without knowing its fields. Throws a RangeError for bytes that are none. */
export function readFields(body: Uint8Array): Fields {
  const fields = new Map<number, Field[]>();
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = view.getUint8(at++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number of more than ten bytes');
  };
  const bytes = (length: number): Uint8Array => {
    if (length > body.byteLength - at) throw new RangeError('a field that is longer than its message');
    at += length;
    return body.subarray(at - length, at);
  };
  while (at < body.byteLength) {
    const tag = varint();
    const [number, type] = [Math.floor(tag / 8), tag % 8];
    let value: Field;
    if (type === 0) value = varint();
    else if (type === 1) value = Number(view.getBigUint64(bytes(8).byteOffset - body.byteOffset, true));
    else if (type === 2) value = bytes(varint());
    else if (type === 5) value = view.getUint32(bytes(4).byteOffset - body.byteOffset, true);
    else throw new RangeError(`wire type ${type}`);
    const values = fields.get(number);
    if (values === undefined) fields.set(number, [value]);
    else values.push(value);
  }
  return fields;
}

/** The number of a field; 0 when it is not there. */
export function numberOf(fields: Fields, field: number): number {
  const value = fields.get(field)?.at(-1);
  return typeof value === 'number' ? value : 0;
}

/** The text of a field; empty when it is not there. */
export function textOf(fields: Fields, field: number): string {
  const value = fields.get(field)?.at(-1);
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : '';
}

/** A frame of small numbers and short texts. */
export function frame(kind: number, fields: Readonly<Record<number, number | string>>): Buffer {
  const parts: Buffer[] = [];
  for (const [number, value] of Object.entries(fields)) {
    if (typeof value === 'number') {
      parts.push(Buffer.from([(Number(number) << 3) | 0, value]));
    } else {
      const text = Buffer.from(value);
      const length = text.length < 128 ? [text.length] : [(text.length & 0x7f) | 0x80, text.length >> 7];
      parts.push(Buffer.from([(Number(number) << 3) | 2, ...length]), text);
    }
  }
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([body.length >> 16, body.length >> 8, body.length, kind]), body]);
}

/** Cuts a stream into frames. */
export class FrameReader {
  #bytes = Buffer.alloc(0);

  add(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
  }

  /** The next whole frame, or undefined. Throws a RangeError for a length that no frame has. */
  next(): { kind: number; fields: Fields } | undefined {
    if (this.#bytes.length < 4) return undefined;
    const length = this.#bytes.readUIntBE(0, 3);
    if (length > MAX_FRAME_BODY) throw new RangeError(`a frame of ${length} bytes`);
    if (this.#bytes.length < 4 + length) return undefined;
    const kind = this.#bytes[3] as number;
    const body = this.#bytes.subarray(4, 4 + length);
    this.#bytes = this.#bytes.subarray(4 + length);
    return { kind, fields: readFields(body) };
  }
}
