// The example of docs/protocol.md is what the C++ codec writes. After a change of the protocol or of the conversation
// below: RTM_UPDATE_DOCS=1 npx vitest run test/integration/protocol-doc.test.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { annotateFrame, bytesOf } from './support/annotate.js';
import { echo, type Frame, framesOf, messages, plain, rootDir, schema, withoutCpp } from './support/wire.js';

const docPath = join(rootDir, 'docs/protocol.md');
const doc = readFileSync(docPath, 'utf8');

const greeting = encoded('Content', { message_id: '5577006791947779410', type: 'TEXT', text: 'hi, Bob' });

/** The frames of the example, and their senders. */
const conversation: [from: string, kind: string, values: Record<string, unknown>][] = [
  ['client', 'HELLO', { version: 1, capabilities: 7, sdk_version: '1.5.0' }],
  ['server', 'HELLO_OK', { version: 1, capabilities: 7, server_version: '0.1.0', server_time_ms: '1700000000000' }],
  ['client', 'LOGIN', { app_id: '0123456789abcdef0123456789abcdef', user_id: 'alice' }],
  [
    'server',
    'LOGIN_RESULT',
    {
      session_id: '11400714819323198485',
      resume_token: Uint8Array.from({ length: 16 }, (_, i) => 0xa0 + i),
      inbox_epoch: '12297829382473034411',
      heartbeat_ms: 2000,
      limits: {
        message_bytes: 32768,
        joined_channels: 20,
        rates: [{ group: 3, count: 1500, window_ms: 3000 }],
        in_flight_sends: 16384,
      },
      grace_ms: 30000,
    },
  ],
  ['client', 'PEER_SEND', { seq: 1, peer_id: 'bob', content: greeting }],
  [
    'server, to Bob',
    'PEER_MESSAGE',
    { offset: 41, sender_id: 'alice', server_time_ms: '1700000000250', content: greeting },
  ],
  ['Bob', 'INBOX_ACK', { offset: 41 }],
  ['server', 'SEND_RESULTS', { ranges: [1, 1, 0] }],
  ['client', 'JOIN', { request_id: 1, channel_id: 'lobby' }],
  ['server', 'JOIN_RESULT', { request_id: 1, epoch: '13527612320720337851', offset: 7, member_count: 2 }],
  [
    'client',
    'CHANNEL_SEND',
    { seq: 2, channel_id: 'lobby', content: encoded('Content', { type: 'TEXT', text: '👋' }) },
  ],
  ['server', 'SEND_RESULTS', { ranges: [2, 1, 0] }],
  ['client', 'PING', { token: 123456 }],
  ['server', 'PONG', { token: 123456 }],
  ['client', 'LOGOUT', { request_id: 2 }],
  ['server', 'RESULT', { request_id: 2 }],
];

function encoded(name: string, values: Record<string, unknown>): Uint8Array {
  const type = schema.lookupType(`rtm.${name}`);
  return type.encode(type.fromObject(values)).finish();
}

const kindOf = (name: string) => schema.lookupEnum('rtm.FrameKind').values[name]!;
const typeOf = (kind: number) => messages.find((message) => message.kind === kind)!.type;

/** The conversation as the C++ codec writes it. */
function example(): { frames: Frame[]; text: string } {
  const frames = echo(
    conversation.map(([, name, values]) => ({ kind: kindOf(name), body: encoded(typeOf(kindOf(name)).name, values) })),
  );
  const text = frames
    .map((frame, i) => [`# ${conversation[i]![0]}: ${conversation[i]![1]}`, ...annotateFrame(frame)].join('\n'))
    .join('\n\n');
  return { frames, text };
}

const begin = '<!-- The bytes below are written and checked by test/integration/protocol-doc.test.ts. -->\n\n```text\n';
const blockStart = doc.indexOf(begin) + begin.length;
const shown = doc.slice(blockStart, doc.indexOf('\n```', blockStart));

describe('the example of docs/protocol.md', () => {
  it.skipIf(withoutCpp)('is written by the C++ codec', () => {
    expect(doc).toContain(begin);
    const { text } = example();
    if (process.env['RTM_UPDATE_DOCS'] === '1') {
      writeFileSync(docPath, doc.slice(0, blockStart) + text + doc.slice(blockStart + shown.length));
    } else {
      expect(shown).toBe(text);
    }
  });

  it('decodes to the conversation with an official library', () => {
    const frames = framesOf(bytesOf(shown));
    expect(frames.map((frame) => frame.kind)).toEqual(conversation.map(([, name]) => kindOf(name)));
    frames.forEach((frame, i) => {
      const type = typeOf(frame.kind);
      expect(plain(type, type.decode(frame.body))).toEqual(plain(type, type.fromObject(conversation[i]![2])));
    });
  });

  it('names only kinds and messages that exist', () => {
    const names = new Set([...Object.keys(schema.lookupEnum('rtm.FrameKind').values), ...enumNames()]);
    const mentioned = doc.match(/`[A-Z]+(?:_[A-Z]+)+`/g)?.map((name) => name.slice(1, -1)) ?? [];
    const ofTheProtocol = mentioned.filter((name) => !name.endsWith('_ERR_CODE')); // those are the API's
    expect(ofTheProtocol.filter((name) => !names.has(name))).toEqual([]);
  });
});

function enumNames(): string[] {
  return ['ByeCode', 'Capability', 'ContentType', 'SendFlag', 'HistoryCode'].flatMap((name) =>
    Object.keys(schema.lookupEnum(`rtm.${name}`).values),
  );
}
