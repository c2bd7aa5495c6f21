// Messages as the choices that InputFiller reads (host/input.hpp), and what a target lists.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const schema = new protobuf.Root().loadSync(here('../../../proto/rtm.proto'));
export const sourceOf = (target) => readFileSync(here(`../${target}.cpp`), 'utf8');

/** A number as the filler reads it: small ones in one byte, others as eight. */
export const number = (value) => {
  if (value < 40) return [value];
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return [0xe7, ...bytes];
};

/** Writes messages as choices; `texts` and `blobs` are the words that the target knows. */
export const filler = (texts) => {
  const text = (value) => {
    const known = texts.indexOf(value);
    const bytes = Buffer.from(value);
    return known >= 0 ? [known] : [0xd0, bytes.length, ...bytes];
  };
  /** The number of a known blob, or bytes. */
  const blob = (value) => (typeof value === 'number' ? [value] : [0xc0, value.length, ...value]);
  const one = (field, value) => {
    if (field.resolvedType instanceof protobuf.Type) return message(field.resolvedType, value ?? {});
    if (field.type === 'bool') return [value ? 1 : 0];
    if (field.type === 'string') return text(value ?? '');
    if (field.type === 'bytes') return blob(value ?? []);
    return number(value ?? 0);
  };
  const message = (type, values) =>
    type.fieldsArray.flatMap((field) => {
      field.resolve();
      const value = values[field.name];
      if (field.repeated) return [value?.length ?? 0, ...(value ?? []).flatMap((each) => one(field, each))];
      if (!(field.resolvedType instanceof protobuf.Type)) return one(field, value);
      return value === undefined ? [0] : [1, ...one(field, value)];
    });
  return { text, blob, fill: (name, values) => message(schema.lookupType(`rtm.${name}`), values) };
};

/** The names of a list of frames in a target, in their order. */
export const kindsOf = (target, list) => {
  const [, inside] = new RegExp(`${list}\\{([^}]*)\\}`).exec(sourceOf(target));
  return [...inside.matchAll(/FrameKind::(\w+)/g)].map(([, name]) => name);
};
