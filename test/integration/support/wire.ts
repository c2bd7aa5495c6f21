// The wire protocol as the official library sees it: proto/rtm.proto loaded by protobufjs, frames, and the C++ codec as a
// child process to compare with.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

export const rootDir = fileURLToPath(new URL('../../../', import.meta.url));

/** Only "npm test" without any compiler sets it: what needs C++ is skipped then, and nothing else. */
export const withoutCpp = process.env['RTM_WITHOUT_CPP'] !== undefined;

export const schema = new protobuf.Root().loadSync(join(rootDir, 'proto/rtm.proto'), { keepCase: true });

/** Kind numbers by name, without NONE. */
export const frameKinds = new Map(
  Object.entries(schema.lookupEnum('rtm.FrameKind').values).filter(([name]) => name !== 'NONE'),
);

/** PEER_SEND is the frame kind of PeerSend. */
export function messageNameOf(kindName: string): string {
  return kindName.replace(/([A-Z])([A-Z]*)_?/g, (_, first: string, rest: string) => first + rest.toLowerCase());
}

export interface Frame {
  kind: number;
  body: Uint8Array;
}

/** The echo tool's stand-in for a frame kind of Content, which travels as bytes inside other messages. */
export const contentKind = 255;

/** Every message that can be asked of the echo tool, with the frame kind to ask with. */
export const messages = [...frameKinds, ['CONTENT', contentKind] as const].map(([name, kind]) => ({
  name: messageNameOf(name),
  kind,
  type: schema.lookupType(`rtm.${messageNameOf(name)}`),
}));

export function frameBytes({ kind, body }: Frame): Uint8Array {
  return Buffer.concat([Buffer.from([body.length >> 16, body.length >> 8, body.length, kind]), body]);
}

export function framesOf(bytes: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 4) throw new Error(`${bytes.length - at} bytes at the end are no frame header`);
    const size = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    if (bytes.length - at - 4 < size) throw new Error(`frame at ${at}: ${size} bytes announced, fewer are there`);
    frames.push({ kind: bytes[at + 3]!, body: bytes.subarray(at + 4, at + 4 + size) });
    at += 4 + size;
  }
  return frames;
}

/** Each frame after a trip through the C++ codec: decoded and encoded again, or kind 0 where it was refused. */
export function echo(frames: Frame[]): Frame[] {
  const program = join(rootDir, process.env['RTM_CPP_BUILD'] ?? 'build-cpp', 'rtm_wire_echo');
  if (!existsSync(program))
    throw new Error(`${program} is missing: npm run build:cpp builds it (npm test does so too)`);
  const input = Buffer.concat(frames.map(frameBytes));
  const { status, signal, stdout, stderr, error } = spawnSync(program, { input, maxBuffer: 1 << 30, timeout: 60_000 });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`rtm_wire_echo ended with ${signal ?? status}: ${stderr}`);
  const echoed = framesOf(stdout);
  if (echoed.length !== frames.length) throw new Error(`${frames.length} frames in, ${echoed.length} out`);
  return echoed;
}

/** A message as plain data, every field there, 64-bit numbers as decimal text and bytes as hexadecimal. */
export function plain(type: protobuf.Type, message: protobuf.Message): unknown {
  const hex = (value: unknown): unknown => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
    if (Array.isArray(value)) return value.map(hex);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, hex(entry)]));
  };
  return hex(type.toObject(message, { longs: String, enums: String, defaults: true }));
}

/** The official library's canonical form of `bytes`, or undefined if it refuses them. */
export function officialForm(type: protobuf.Type, bytes: Uint8Array): Uint8Array | undefined {
  let message: protobuf.Message;
  try {
    message = type.decode(bytes);
  } catch {
    return undefined;
  }
  return type.encode(message).finish();
}
