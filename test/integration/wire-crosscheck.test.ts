// The C++ codec against an official protobuf library, message by message: valid input gives the same bytes and the same
// values, broken input is refused by both, and the few stricter rules of proto/rtm.proto are the only differences.
// A failing run names its seed; RTM_TEST_SEED repeats it.
import type protobuf from 'protobufjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { mutated, Random, randomMessage, type Shape, testSeed } from './support/random.js';
import { type StricterRule, stricterRule } from './support/stricter-rules.js';
import { contentKind, echo, frameKinds, messages, officialForm, plain, schema, withoutCpp } from './support/wire.js';

const maxBody = 65_536;
const seed = testSeed();
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** Random shapes, and those where encodings change their form: nothing, the largest, long texts, long lists. */
function shapes(random: Random): Shape[] {
  return [
    { length: 0, elements: 0 },
    { length: 1, elements: 1, largest: true },
    { length: 300, elements: 5, largest: true },
    { length: 9000, elements: 2 },
    { length: 40, elements: 130 },
    { length: 0, elements: 4096, largest: true },
    ...Array.from({ length: 200 }, () => ({ length: random.below(200), elements: random.below(12) })),
  ];
}

/** Random messages of one type whose encodings fit into a frame. */
function randomMessages(type: protobuf.Type, random: Random): protobuf.Message[] {
  return shapes(random).flatMap((shape) => {
    const message = randomMessage(type, random, shape);
    return type.encode(message).finish().length > maxBody ? [] : [message];
  });
}

beforeAll(() => {
  console.log(`wire cross-check: RTM_TEST_SEED=${seed}`);
});

describe.skipIf(withoutCpp)(`the C++ codec and the official library (RTM_TEST_SEED=${seed})`, () => {
  it('know the same frame kinds', () => {
    const all = Array.from({ length: 255 }, (_, kind) => kind);
    const known = echo(all.map((kind) => ({ kind, body: new Uint8Array() }))).map((frame) => frame.kind);
    expect(all.filter((kind) => known[kind] !== 0)).toEqual([...frameKinds.values()].sort((a, b) => a - b));
  });

  it('know the same fields', () => {
    for (const { name, kind, type } of messages) {
      const numbers = Array.from({ length: 40 }, (_, i) => i + 1).filter(
        (number) => type.fieldsById[number] === undefined,
      );
      const key = (number: number, wireType: number) => {
        const tag = (number << 3) | wireType;
        return tag < 0x80 ? [tag] : [(tag & 0x7f) | 0x80, tag >> 7];
      };
      const bodies = numbers.flatMap((number) => [
        Uint8Array.from([...key(number, 0), 1]),
        Uint8Array.from([...key(number, 1), 1, 1, 1, 1, 1, 1, 1, 1]),
        Uint8Array.from([...key(number, 2), 1, 1]),
      ]);
      for (const frame of echo(bodies.map((body) => ({ kind, body })))) {
        expect(frame, `${name}: a field that the .proto file does not have`).toEqual({ kind, body: Buffer.alloc(0) });
      }
    }
  });

  it.each(messages)('write $name in the same bytes', ({ name, kind, type }) => {
    const originals = randomMessages(type, new Random(seed ^ kind));
    const bodies = originals.map((message) => type.encode(message).finish());
    echo(bodies.map((body) => ({ kind, body }))).forEach((frame, i) => {
      const where = `${name} #${i}`;
      expect(frame.kind, `${where}: refused ${hex(bodies[i]!)}`).toBe(kind);
      expect(hex(frame.body), where).toBe(hex(bodies[i]!));
      expect(plain(type, type.decode(frame.body)), where).toEqual(plain(type, originals[i]!));
    });
  });

  it.each(messages)('agree on broken and unusual encodings of $name', ({ name, kind, type }) => {
    const random = new Random(seed ^ (kind << 8));
    const valid = randomMessages(type, random).map((message) => type.encode(message).finish());
    const small = valid.filter((body) => body.length < 400);
    const bodies = [
      ...Array.from({ length: 500 }, () => mutated(random.oneOf(small), random)),
      ...Array.from({ length: 200 }, () => random.bytes(random.below(30))),
      ...small.slice(0, 40).map((body) => Buffer.concat([body, random.oneOf(small)])), // a message given twice
    ];
    const ours = echo(bodies.map((body) => ({ kind, body })));
    const outcomes = { accepted: 0, refused: 0 };
    bodies.forEach((body, i) => {
      const where = `${name} ${hex(body)}`;
      const official = officialForm(type, body);
      const rule = stricterRule(type, body);
      const refused = ours[i]!.kind === 0;
      if (official === undefined || rule !== undefined) {
        expect(refused, `accepted, though ${rule ?? 'the official library refuses it'}: ${where}`).toBe(true);
        outcomes.refused++;
      } else {
        expect(refused, `refused, but valid: ${where}`).toBe(false);
        expect(hex(ours[i]!.body), where).toBe(hex(official));
        outcomes.accepted++;
      }
    });
    // The injuries are neither harmless nor all deadly, or this test shows nothing.
    expect(Math.min(outcomes.accepted, outcomes.refused)).toBeGreaterThan(bodies.length / 20);
  });

  it('refuse bytes that are not protobuf', () => {
    const cases: [what: string, body: number[]][] = [
      ['a tag that is cut', [0x80]],
      ['a tag without a value', [0x08]],
      ['a varint that is cut', [0x08, 0x80]],
      ['a length beyond the end', [0x1a, 0x02, 0x61]],
      ['a length of 2^32 - 1', [0x1a, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x61]],
      ['a length of 1 in six bytes', [0x1a, 0x81, 0x80, 0x80, 0x80, 0x80, 0x00, 0x61]],
      ['an unknown length beyond the end', [0x7a, 0x02, 0x61]],
      ['a fixed64 that is cut', [0x79, 1, 2, 3, 4, 5, 6, 7]],
      ['a fixed32 that is cut', [0x7d, 1, 2, 3]],
      ['the end of a group that never began', [0x7c]],
      ['wire type 6', [0x0e, 0x00]],
      ['wire type 7', [0x0f, 0x00]],
      ['field 0', [0x00, 0x00]],
      ['field 2^29', [0x80, 0x80, 0x80, 0x80, 0x10, 0x00]],
      ['a tag in six bytes', [0x88, 0x80, 0x80, 0x80, 0x80, 0x00, 0x01]],
    ];
    const { kind, type } = messages.find(({ name }) => name === 'Hello')!;
    const bodies = cases.map(([, body]) => Uint8Array.from(body));
    echo(bodies.map((body) => ({ kind, body }))).forEach((frame, i) => {
      expect(frame.kind, cases[i]![0]).toBe(0);
      expect(officialForm(type, bodies[i]!), cases[i]![0]).toBeUndefined();
    });
  });

  it('differ only in the rules that proto/rtm.proto names', () => {
    const field = (number: number, body: Uint8Array) =>
      Buffer.concat([Buffer.from([(number << 3) | 2, body.length]), body]);
    const empty = new Uint8Array();
    const repeat = (piece: Uint8Array, count: number) => Buffer.concat(Array<Uint8Array>(count).fill(piece));
    const eleven = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00];
    const cases: [name: string, body: Uint8Array, rule: StricterRule, officialRefuses?: boolean][] = [
      ['Hello', Buffer.from([0x7b, 0x7c]), 'group'],
      ['Hello', Buffer.from([0x0b, 0x08, 0x01, 0x0c]), 'group'],
      ['LoginResult', field(9, Buffer.from([0x7b, 0x7c])), 'group'],
      ['Ping', Buffer.from([0x08, ...Array<number>(9).fill(0x80), 0x02]), 'varint over 64 bits'],
      ['Ping', Buffer.from([0x78, ...eleven]), 'varint over 64 bits'],
      ['SendResults', field(1, Buffer.from([...Array<number>(9).fill(0x80), 0x02])), 'varint over 64 bits'],
      ['Members', repeat(field(3, empty), 4097), 'list over its limit'],
      ['Resume', repeat(field(8, empty), 4097), 'list over its limit'],
      ['LoginResult', repeat(field(9, field(3, empty)), 4097), 'list over its limit'],
      ['Hello', field(3, Buffer.from([0xc3])), 'text that is not UTF-8', true],
      ['Content', field(5, field(3, Buffer.from([0xed, 0xa0, 0x80]))), 'text that is not UTF-8', true],
    ];
    const asked = cases.map(([name, body]) => ({ ...messages.find((message) => message.name === name)!, body }));
    echo(asked).forEach((frame, i) => {
      const [name, body, rule, officialRefuses = false] = cases[i]!;
      const where = `${name}: ${rule}: ${hex(body).slice(0, 80)}`;
      expect(frame.kind, where).toBe(0);
      expect(stricterRule(asked[i]!.type, body), where).toBe(rule);
      expect(officialForm(asked[i]!.type, body) === undefined, where).toBe(officialRefuses);
    });
  });
});

describe('proto/rtm.proto', () => {
  it('has a message for every frame kind, and no kind from 128 on', () => {
    for (const [name, kind] of frameKinds) {
      expect(kind, name).toBeLessThan(128);
      expect(messages.find((message) => message.kind === kind)?.type.fieldsArray.length, name).toBeGreaterThan(0);
    }
    expect(frameKinds.size).toBeGreaterThan(40);
    expect([...frameKinds.values()]).not.toContain(contentKind);
  });

  it('uses every message, and only field types that the C++ codec has', () => {
    const used = new Set(messages.map((message) => message.type));
    const types = new Set<string>();
    for (const type of used) {
      for (const field of type.fieldsArray) {
        const { resolvedType } = field.resolve();
        if (resolvedType !== null && 'fieldsArray' in resolvedType) used.add(resolvedType);
        else if (resolvedType === null) types.add(field.type);
      }
    }
    const namespace = schema.lookup('rtm') as protobuf.Namespace;
    const declared = namespace.nestedArray.filter((entry): entry is protobuf.Type => 'fieldsArray' in entry);
    expect(declared.filter((type) => !used.has(type)).map((type) => type.name)).toEqual([]);
    expect([...types].sort()).toEqual(['bool', 'bytes', 'fixed64', 'string', 'uint32', 'uint64']);
  });
});
