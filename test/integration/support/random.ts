// Random values for property tests. The same seed gives the same values on every machine.
import protobuf from 'protobufjs';

/** What protobufjs takes for 64 bits; its types do not name the functions of its own dependency. */
interface LongFactory {
  fromBits(low: number, high: number, unsigned: boolean): unknown;
}
const { fromBits } = protobuf.util.Long as unknown as LongFactory;

/** What a test run starts from: RTM_TEST_SEED to repeat one, else the clock. */
export function testSeed(): number {
  const wanted = process.env['RTM_TEST_SEED'];
  return wanted === undefined ? Date.now() >>> 0 : Number(wanted) >>> 0;
}

/** The small PRNG "mulberry32": 32 bits of state, enough to choose test data. */
export class Random {
  constructor(private state: number) {}

  /** An integer of [0, 2^32). */
  uint32(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  below(bound: number): number {
    return this.uint32() % bound;
  }

  oneOf<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  bytes(size: number): Uint8Array {
    return Uint8Array.from({ length: size }, () => this.below(256));
  }

  /** As many small numbers as large ones. */
  number32(): number {
    return this.uint32() >>> this.below(32);
  }

  text(size: number): string {
    const pieces = ['a', 'Z', '0', ' ', '\u0000', '\n', 'é', 'ß', '€', '你好', '\ufeff', '\uffff', '😀', '\u{10ffff}'];
    return Array.from({ length: size }, () => this.oneOf(pieces)).join('');
  }
}

/** How large and how unusual the values of one message are. */
export interface Shape {
  /** Every field at its largest, instead of by chance. */
  largest?: boolean;
  /** Characters of a string, or bytes of a bytes field, at most. */
  length: number;
  /** Elements of a repeated field, at most. */
  elements: number;
}

/** A random message of `type`, sometimes without some of its fields. */
export function randomMessage(type: protobuf.Type, random: Random, shape: Shape): protobuf.Message {
  const values: Record<string, unknown> = {};
  for (const field of type.fieldsArray) {
    field.resolve();
    if (shape.largest !== true && random.below(5) === 0) continue;
    if (field.repeated) {
      const count = shape.largest === true ? shape.elements : random.below(shape.elements + 1);
      values[field.name] = Array.from({ length: count }, () => randomValue(field, random, shape));
    } else {
      values[field.name] = randomValue(field, random, shape);
    }
  }
  return type.create(values);
}

function randomValue(field: protobuf.Field, random: Random, shape: Shape): unknown {
  const largest = shape.largest === true;
  const { resolvedType } = field;
  if (resolvedType instanceof protobuf.Type) return randomMessage(resolvedType, random, shape);
  if (resolvedType instanceof protobuf.Enum) {
    // proto3 keeps numbers that have no name; negative ones take ten bytes.
    if (random.below(8) === 0) return random.number32() | 0;
    const values = Object.values(resolvedType.values);
    return largest ? Math.max(...values) : random.oneOf(values);
  }
  const length = largest ? shape.length : random.below(4) === 0 ? 0 : random.below(shape.length + 1);
  switch (field.type) {
    case 'bool':
      return largest || random.below(2) === 1;
    case 'uint32':
      return largest ? 0xffffffff : random.below(6) === 0 ? 0 : random.number32();
    case 'uint64':
    case 'fixed64':
      return random.below(6) === 0 && !largest
        ? fromBits(0, 0, true)
        : random64(random, largest ? 0 : random.below(64));
    case 'string':
      return random.text(length);
    case 'bytes':
      return random.bytes(length);
    default:
      throw new Error(`${field.fullName}: no random values for ${field.type}; the C++ codec has no such type either`);
  }
}

/** 64 random bits with `zeros` of the upper ones cleared; all ones, if none are. */
function random64(random: Random, zeros: number): unknown {
  const bits = zeros === 0 ? (1n << 64n) - 1n : (BigInt(random.uint32()) << 32n) | BigInt(random.uint32());
  const value = bits >> BigInt(zeros);
  return fromBits(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)), true);
}

/** `bytes` with one to four small injuries, of the kinds that parsers get wrong. */
export function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  let result = [...bytes];
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(result.length + 1);
    switch (random.below(9)) {
      case 0:
        if (result.length > 0) result[at % result.length]! ^= 1 << random.below(8);
        break;
      case 1:
        if (result.length > 0) result[at % result.length] = random.oneOf([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
        break;
      case 2:
        result.splice(at, 0, random.below(256));
        break;
      case 3:
        result.splice(at, 1 + random.below(4));
        break;
      case 4:
        result = result.slice(0, at);
        break;
      case 5:
        result.splice(at, 0, ...result.slice(random.below(result.length + 1)).slice(0, 20));
        break;
      case 6: // a varint padded or grown to some width
        result.splice(at, 0, ...Array<number>(1 + random.below(11)).fill(random.oneOf([0x80, 0xff])));
        break;
      case 7: // a whole field of any number and any wire type, groups included
        result.splice(at, 0, ...randomField(random));
        break;
      default: // a whole field at the end, where it is most likely to be seen as one
        result.push(...randomField(random));
    }
  }
  return Uint8Array.from(result);
}

function randomField(random: Random): number[] {
  const number = random.below(random.oneOf([4, 16, 200]));
  const type = random.below(8);
  const tag = (number << 3) | type;
  const key = tag < 0x80 ? [tag] : [(tag & 0x7f) | 0x80, tag >> 7];
  switch (type) {
    case 0: {
      const longest = random.below(12);
      return [...key, ...Array<number>(longest).fill(0xff), random.below(4)];
    }
    case 1:
      return [...key, ...random.bytes(8)];
    case 2: {
      const body = random.below(2) === 0 ? random.bytes(random.below(6)) : Buffer.from(random.text(random.below(4)));
      return [...key, body.length, ...body];
    }
    case 3:
      return [...key, ...(random.below(2) === 0 ? [0x08, 0x01] : []), tag + 1 < 0x80 ? tag + 1 : 0x0c];
    case 5:
      return [...key, ...random.bytes(4)];
    default:
      return key;
  }
}
