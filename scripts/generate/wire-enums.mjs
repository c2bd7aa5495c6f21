// The enumerations of proto/rtm.proto, for the descriptions that use their values.
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { inRoot } from '../tools.mjs';
import { pascal } from './names.mjs';

export const wireSource = 'proto/rtm.proto';

let root;

/** What the names of all values begin with, as `BYE_`. */
export function prefixOf(values) {
  const [first, ...others] = Object.keys(values);
  const words = first.split('_');
  for (let count = words.length - 1; count > 0; count--) {
    const prefix = `${words.slice(0, count).join('_')}_`;
    if (others.every((name) => name.startsWith(prefix))) return prefix;
  }
  return '';
}

/**
 * The values of an enumeration in their order: `name` as C++ has it, `rest` without the prefix that all of them have.
 * @returns {{ name: string, rest: string, number: number, about: string | undefined }[]}
 */
export function wireValues(name) {
  root ??= protobuf.parse(readFileSync(inRoot(wireSource), 'utf8'), {
    keepCase: true,
    alternateCommentMode: true,
  }).root;
  const { values, comments } = root.lookupEnum(`rtm.${name}`);
  const prefix = prefixOf(values);
  return Object.entries(values).map(([value, number]) => {
    const rest = value.slice(prefix.length);
    return { name: pascal(rest), rest, number, about: comments[value] ?? undefined };
  });
}
