// Frames as annotated hexadecimal, one field a line: how docs/protocol.md shows them.
import protobuf from 'protobufjs';
import { type Frame, frameBytes, messages, schema } from './wire.js';

const hexWidth = 38;
const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** `bytes` on the left, twelve a line, `text` beside the first. */
function lines(bytes: Uint8Array, text: string): string[] {
  const result = [`${hex(bytes.subarray(0, 12)).padEnd(hexWidth)}${text}`];
  for (let at = 12; at < bytes.length; at += 12) result.push(hex(bytes.subarray(at, at + 12)));
  return result;
}

export function annotateFrame(frame: Frame): string[] {
  const message = messages.find(({ kind }) => kind === frame.kind);
  if (message === undefined) throw new Error(`kind ${frame.kind} has no message`);
  const header = frameBytes(frame).subarray(0, 4);
  return [
    ...lines(header, `${frame.body.length} bytes of kind ${frame.kind}`),
    ...annotateMessage(message.type, frame.body, ''),
  ];
}

function annotateMessage(type: protobuf.Type, bytes: Uint8Array, indent: string): string[] {
  const reader = protobuf.Reader.create(bytes);
  const result: string[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const field = type.fieldsById[reader.uint32() >>> 3]?.resolve();
    if (field === undefined) throw new Error(`${type.name} has no field of this number, at ${start}`);
    const label = `${indent}${field.name} = `;
    // Content is a message in a field of bytes, so that the server can pass it on untouched.
    const inner =
      field.name === 'content' && field.type === 'bytes' ? schema.lookupType('rtm.Content') : field.resolvedType;
    if (inner instanceof protobuf.Type) {
      const size = reader.uint32();
      result.push(...lines(bytes.subarray(start, reader.pos), `${label}${inner.name}, ${size} bytes:`));
      const body = bytes.subarray(reader.pos, reader.pos + size);
      result.push(...annotateMessage(inner, body, `${indent}  `));
      reader.skip(size);
    } else {
      const text = describeValue(field, reader);
      result.push(...lines(bytes.subarray(start, reader.pos), label + text));
    }
  }
  return result;
}

function describeValue(field: protobuf.Field, reader: protobuf.Reader): string {
  if (field.repeated) {
    const end = reader.uint32() + reader.pos;
    const numbers: string[] = [];
    while (reader.pos < end) numbers.push(String(reader.uint64()));
    return numbers.join(', ');
  }
  if (field.resolvedType instanceof protobuf.Enum) {
    const value = reader.int32();
    return `${field.resolvedType.valuesById[value]} (${value})`;
  }
  switch (field.type) {
    case 'string':
      return JSON.stringify(reader.string());
    case 'bytes':
      return `${reader.bytes().length} bytes`;
    case 'bool':
      return String(reader.bool());
    case 'uint32':
      return String(reader.uint32());
    case 'uint64':
      return String(reader.uint64());
    case 'fixed64':
      return String(reader.fixed64());
    default:
      throw new Error(`${field.fullName}: ${field.type} has no place in the protocol`);
  }
}

/** The bytes that a block of annotated lines shows; `#` begins a line without any. */
export function bytesOf(block: string): Uint8Array {
  const shown = block
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.slice(0, hexWidth).trim())
    .filter((line) => line !== '')
    .join(' ');
  if (!/^[0-9a-f]{2}( [0-9a-f]{2})*$/.test(shown)) throw new Error('the block has more than bytes on its left');
  return Uint8Array.from(shown.split(' '), (byte) => Number.parseInt(byte, 16));
}
