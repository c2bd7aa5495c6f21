// Reads of an ELF file (64 bit, little endian) what the dynamic loader reads: what the file needs, from whom, and what it
// shows. No tool of the machine is asked, so that files for other processors can be read, too.
import { readFileSync } from 'node:fs';

const machines = { 62: 'x64', 183: 'arm64' };
const sectionTypes = { dynamic: 6, dynsym: 11, verneed: 0x6ffffffe, versym: 0x6fffffff };
const segmentTypes = { gnuStack: 0x6474e551, gnuRelro: 0x6474e552 };
const tags = { needed: 1, textRel: 22, bindNow: 24, soname: 14, rpath: 15, runPath: 29, flags: 30, flags1: 0x6ffffffb };
const executable = 1;

/** @typedef {{ name: string, version?: string, library?: string, weak: boolean }} NeededSymbol */

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
  }
  u16 = (at) => this.bytes.readUInt16LE(at);
  u32 = (at) => this.bytes.readUInt32LE(at);
  u64 = (at) => Number(this.bytes.readBigUInt64LE(at));
  text(at) {
    return this.bytes.toString('latin1', at, this.bytes.indexOf(0, at));
  }

  /** The entries of a table of the file header: where, how large and how many. */
  *table(offset, size, count) {
    for (let index = 0; index < count; index++) yield offset + index * size;
  }

  sections() {
    return [...this.table(this.u64(40), this.u16(58), this.u16(60))].map((at) => ({
      type: this.u32(at + 4),
      offset: this.u64(at + 24),
      size: this.u64(at + 32),
      link: this.u32(at + 40),
      info: this.u32(at + 44),
    }));
  }

  segments() {
    return [...this.table(this.u64(32), this.u16(54), this.u16(56))].map((at) => ({
      type: this.u32(at),
      flags: this.u32(at + 4),
    }));
  }
}

/** Index of a version → { version, library }, from the section that lists the versions needed of each library. */
function neededVersions(reader, section, strings) {
  const versions = new Map();
  if (section === undefined) return versions;
  let at = section.offset;
  for (let left = section.info; left > 0; left--) {
    const library = reader.text(strings + reader.u32(at + 4));
    let each = at + reader.u32(at + 8);
    for (let count = reader.u16(at + 2); count > 0; count--) {
      const version = reader.text(strings + reader.u32(each + 8));
      versions.set(reader.u16(each + 6), { version, library });
      each += reader.u32(each + 12);
    }
    at += reader.u32(at + 12);
  }
  return versions;
}

function symbolsOf(reader, sections) {
  const symbols = sections.find(({ type }) => type === sectionTypes.dynsym);
  if (symbols === undefined) throw new Error('expected a dynamic symbol table, found none');
  const strings = sections[symbols.link].offset;
  const numbers = sections.find(({ type }) => type === sectionTypes.versym);
  const needed = sections.find(({ type }) => type === sectionTypes.verneed);
  const versions = neededVersions(reader, needed, needed === undefined ? 0 : sections[needed.link].offset);
  /** @type {{ undefined: NeededSymbol[], exported: string[] }} */
  const found = { undefined: [], exported: [] };
  for (let index = 1; index < symbols.size / 24; index++) {
    const at = symbols.offset + index * 24;
    const name = reader.text(strings + reader.u32(at));
    const binding = reader.bytes[at + 4] >> 4;
    if (reader.u16(at + 6) !== 0) {
      if (binding !== 0) found.exported.push(name);
      continue;
    }
    const number = numbers === undefined ? 1 : reader.u16(numbers.offset + index * 2) & 0x7fff;
    found.undefined.push({ name, weak: binding === 2, ...versions.get(number) });
  }
  return found;
}

/**
 * @param {string} file
 * @returns what a shared object or program needs and shows; throws if the file is not one that can be read
 */
export function readElf(file) {
  const bytes = readFileSync(file);
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46) throw new Error(`${file}: expected an ELF file`);
  if (bytes[4] !== 2 || bytes[5] !== 1) throw new Error(`${file}: expected 64 bit, little endian`);
  const reader = new Reader(bytes);
  const sections = reader.sections();
  const segments = reader.segments();
  const dynamic = sections.find(({ type }) => type === sectionTypes.dynamic);
  if (dynamic === undefined) throw new Error(`${file}: expected a dynamic section, found none`);
  const strings = sections[dynamic.link].offset;
  const entries = [];
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.size; at += 16) {
    if (reader.u64(at) === 0) break;
    entries.push({ tag: reader.u64(at), value: reader.u64(at + 8) });
  }
  const flag = (tag, bit) => entries.some((entry) => entry.tag === tag && (entry.value & bit) !== 0);
  const has = (tag) => entries.some((entry) => entry.tag === tag);
  const stack = segments.find(({ type }) => type === segmentTypes.gnuStack);
  return {
    arch: machines[reader.u16(18)] ?? `machine ${reader.u16(18)}`,
    libraries: entries.filter(({ tag }) => tag === tags.needed).map(({ value }) => reader.text(strings + value)),
    bindNow: has(tags.bindNow) || flag(tags.flags, 8) || flag(tags.flags1, 1),
    relro: segments.some(({ type }) => type === segmentTypes.gnuRelro),
    executableStack: stack === undefined || (stack.flags & executable) !== 0,
    noDelete: flag(tags.flags1, 8),
    textRelocations: has(tags.textRel) || flag(tags.flags, 4),
    runPath: has(tags.rpath) || has(tags.runPath),
    ...symbolsOf(reader, sections),
  };
}

/** Compares "2.9" and "2.28" by their numbers. */
export function compareVersions(left, right) {
  const [a, b] = [left, right].map((version) => version.split('.').map(Number));
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The glibc that a file needs at least: the highest version among its symbols, or undefined if none has one. */
export function glibcNeeded(image) {
  const versions = image.undefined.flatMap(({ version }) => /^GLIBC_([\d.]+)$/.exec(version ?? '')?.[1] ?? []);
  return versions.sort(compareVersions).at(-1);
}
