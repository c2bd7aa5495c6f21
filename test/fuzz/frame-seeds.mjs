// Writes the seeds of frame_fuzz: one frame of every kind with every field filled (by the official library, not by the
// codec under test), all of them as one stream, and streams with the forms that no sender of ours makes. Run it after
// proto/rtm.proto grew: node test/fuzz/frame-seeds.mjs
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const seedsDir = fileURLToPath(new URL('seeds/frame_fuzz/', import.meta.url));
const schema = new protobuf.Root().loadSync(fileURLToPath(new URL('../../proto/rtm.proto', import.meta.url)));

const samples = {
  bool: true,
  uint32: 300,
  uint64: '18446744073709551615',
  fixed64: '81985529216486895',
  string: 'é1',
  bytes: Buffer.from([0, 255]),
};

function filled(type) {
  const values = {};
  for (const field of type.fieldsArray) {
    const { resolvedType } = field.resolve();
    let value = samples[field.type];
    if (resolvedType instanceof protobuf.Type) value = filled(resolvedType);
    if (resolvedType instanceof protobuf.Enum) value = Math.max(...Object.values(resolvedType.values));
    values[field.name] = field.repeated ? [value, value] : value;
  }
  return values;
}

function encoded(name) {
  const type = schema.lookupType(`rtm.${name}`);
  return Buffer.from(type.encode(type.fromObject(filled(type))).finish());
}

function frame(kind, body) {
  return Buffer.concat([Buffer.from([body.length >> 16, body.length >> 8, body.length, kind]), Buffer.from(body)]);
}

const messageName = (kindName) => kindName.replace(/([A-Z])([A-Z]*)_?/g, (_, a, b) => a + b.toLowerCase());

const kinds = schema.lookupEnum('rtm.FrameKind').values;
const frames = Object.entries(kinds)
  .filter(([name]) => name !== 'NONE')
  .map(([name, kind]) => [name.toLowerCase(), frame(kind, encoded(messageName(name)))]);
const ofKind = Object.fromEntries(frames);
const pad = (value) => [value | 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00];

const seeds = {
  ...ofKind,
  // BYE ends a stream, so it comes last; a login result lifts the limit.
  'whole-session': Buffer.concat([...frames.filter(([name]) => name !== 'bye').map(([, bytes]) => bytes), ofKind.bye]),
  content: encoded('Content'),
  'empty-bodies': Buffer.concat(Object.values(kinds).map((kind) => frame(kind, []))),
  'numbers-unpacked': frame(kinds.SEND_RESULTS, [0x08, 1, 0x08, 0xac, 2, 0x0a, 3, 1, 2, 3, 0x08, 0]),
  'message-merged': frame(kinds.LOGIN_RESULT, [0x4a, 4, 0x1a, 2, 0x08, 1, 0x4a, 4, 0x1a, 2, 0x08, 2]),
  'varint-padded': frame(kinds.PING, [0x08, ...pad(5)]),
  'varint-too-long': frame(kinds.PING, [0x08, ...Array(10).fill(0xff), 1]),
  group: frame(kinds.HELLO, [0x7b, 0x08, 1, 0x7c]),
  'text-not-utf8': frame(kinds.HELLO, [0x1a, 3, 0xed, 0xa0, 0x80]),
  'length-beyond-end': frame(kinds.HELLO, [0x1a, 0xff, 0xff, 0xff, 0xff, 0x0f]),
  'frame-too-large': Buffer.from([0xff, 0xff, 0xff, kinds.PEER_SEND]),
  'frame-over-login-limit': frame(kinds.PEER_SEND, Buffer.alloc(1025, 0x7a)),
};

rmSync(seedsDir, { recursive: true, force: true });
mkdirSync(seedsDir, { recursive: true });
for (const [name, bytes] of Object.entries(seeds)) writeFileSync(new URL(name, `file://${seedsDir}`), bytes);
console.log(`${Object.keys(seeds).length} seeds`);
