import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

// LMDB trusts its file: a wrong page ends the process, or gives wrong entries without a word. So the tree of pages is
// walked before the library sees it (docs/decisions/012-lmdb-open-check.md). The layout is that of data version 2 of
// LMDB 1.0, as in lmdb 3.x; 64 bits, little-endian.

const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
/**
 * Header of a page: number, transaction, pad, flags, then where free space begins and ends, or how many pages follow.
 */
const HEADER = 24;
const BRANCH = 1;
const LEAF = 2;
const OVERFLOW = 4;
const META = 8;
const BIG_DATA = 1;
const SUB_TREE = 2;
const NODE_HEADER = 8;
const NONE = 0xffff_ffff_ffff_ffffn;
/** Size of the description of a tree: depth, entries, root. */
const TREE_BYTES = 48;
const META_BYTES = HEADER + 24 + 2 * TREE_BYTES + 24;

interface Tree {
  readonly depth: number;
  readonly entries: number;
  /** Page number of the root; undefined if the tree is empty. */
  readonly root: number | undefined;
}

interface Meta {
  readonly transaction: bigint;
  readonly pageBytes: number;
  readonly lastPage: number;
  readonly trees: readonly Tree[];
}

/** Damage of the file, described for people. */
class Damage extends Error {}

/**
 * Looks at every page that holds keys. Blocks; some 100 MB of messages take a fraction of a second.
 *
 * @returns a description of the damage; undefined for an LMDB file whose trees are whole. The content of values is not
 * checked
 */
export function findDamage(path: string): string | undefined {
  const file = openSync(path, 'r');
  try {
    new PageWalk(file).run();
    return undefined;
  } catch (error) {
    if (error instanceof Damage) return error.message;
    if (error instanceof RangeError) return `a page with numbers that cannot be (${error.message})`;
    throw error;
  } finally {
    closeSync(file);
  }
}

class PageWalk {
  readonly #file: number;
  readonly #size: number;
  #meta: Meta | undefined;
  #seen = 0;

  constructor(file: number) {
    this.#file = file;
    this.#size = fstatSync(file).size;
  }

  run(): void {
    const first = this.#readMeta(0);
    const second = this.#readMeta(first.pageBytes);
    this.#meta = second.transaction > first.transaction ? second : first;
    for (const [index, tree] of this.#meta.trees.entries()) this.#walkTree(tree, index === 1);
  }

  #readMeta(at: number): Meta {
    const page = this.#read(at, META_BYTES, 'the head');
    if ((page.readUInt16LE(18) & META) === 0 || page.readUInt32LE(HEADER) !== MAGIC) {
      throw new Damage(`byte ${at}: expected the mark of an LMDB file, found something else`);
    }
    const version = page.readUInt32LE(HEADER + 4) & 0xffff;
    if (version !== DATA_VERSION) throw new Damage(`LMDB data version ${version}, expected ${DATA_VERSION}`);
    const trees = HEADER + 24;
    const after = trees + 2 * TREE_BYTES;
    const pageBytes = page.readUInt32LE(trees);
    if (pageBytes < 512 || pageBytes > 65536 || (pageBytes & (pageBytes - 1)) !== 0) {
      throw new Damage(`byte ${at}: a page size of ${pageBytes}`);
    }
    return {
      transaction: page.readBigUInt64LE(after + 8),
      pageBytes,
      lastPage: Number(page.readBigUInt64LE(after)),
      trees: [treeAt(page, trees), treeAt(page, trees + TREE_BYTES)],
    };
  }

  #read(at: number, bytes: number, what: string): Buffer {
    const buffer = Buffer.allocUnsafe(bytes);
    const read = at + bytes <= this.#size ? readSync(this.#file, buffer, 0, bytes, at) : 0;
    if (read !== bytes)
      throw new Damage(`cut off: ${what} is expected at byte ${at}, the file has ${this.#size} bytes`);
    return buffer;
  }

  #readPage(number: number): Buffer {
    const { pageBytes, lastPage } = this.#meta as Meta;
    if (number < 2 || number > lastPage) throw new Damage(`a reference to page ${number}, the last one is ${lastPage}`);
    if (++this.#seen > lastPage) throw new Damage('pages that refer to each other in a circle');
    const page = this.#read(number * pageBytes, pageBytes, `page ${number}`);
    if (page.readBigUInt64LE(0) !== BigInt(number)) throw new Damage(`page ${number} holds something else`);
    return page;
  }

  /** With `named` the values may be descriptions of further trees. */
  #walkTree(tree: Tree, named: boolean): void {
    const entries = tree.root === undefined ? 0 : this.#walk(tree.root, tree.depth, named);
    if (entries !== tree.entries) throw new Damage(`a table with ${entries} entries, expected ${tree.entries}`);
  }

  #walk(number: number, depth: number, named: boolean): number {
    const page = this.#readPage(number);
    const kind = page.readUInt16LE(18) & 0x0f;
    if (kind !== (depth > 1 ? BRANCH : LEAF)) throw new Damage(`page ${number} is not of its kind`);
    const [lower, upper] = [page.readUInt16LE(20), page.readUInt16LE(22)];
    // Both count from the end of the header.
    if (lower > upper || HEADER + upper > page.length || lower % 2 !== 0) throw new Damage(`page ${number} is torn`);
    let entries = 0;
    for (let at = HEADER; at < HEADER + lower; at += 2) {
      const node = HEADER + page.readUInt16LE(at);
      const keyBytes = page.readUInt16LE(node + 6);
      if (node < HEADER + upper || node + NODE_HEADER + keyBytes > page.length) {
        throw new Damage(`page ${number}: an entry reaches out of it`);
      }
      // Only the first entry of a branch has no key: half of a page that was never written looks like this.
      if (keyBytes === 0 && (kind === LEAF || at > HEADER)) throw new Damage(`page ${number}: an entry without a key`);
      entries += kind === BRANCH ? this.#walk(page.readUIntLE(node, 6), depth - 1, named) : 1;
      if (kind === LEAF) this.#checkValue(page, number, node, named);
    }
    return entries;
  }

  #checkValue(page: Buffer, number: number, node: number, named: boolean): void {
    const bytes = page.readUInt32LE(node);
    const flags = page.readUInt16LE(node + 4);
    const value = node + NODE_HEADER + page.readUInt16LE(node + 6);
    if ((flags & BIG_DATA) !== 0) {
      const first = Number(page.readBigUInt64LE(value));
      const head = this.#readPage(first);
      const { pageBytes, lastPage } = this.#meta as Meta;
      const pages = Math.floor((HEADER - 1 + bytes) / pageBytes) + 1;
      const whole = (head.readUInt16LE(18) & OVERFLOW) !== 0 && head.readUInt32LE(20) >= pages;
      if (!whole || first + pages - 1 > lastPage) throw new Damage(`page ${first} is not of its kind`);
      this.#read((first + pages - 1) * pageBytes, pageBytes, `page ${first + pages - 1}`);
    } else if (value + bytes > page.length) {
      throw new Damage(`page ${number}: a value reaches out of it`);
    } else if (named && (flags & SUB_TREE) !== 0) {
      this.#walkTree(treeAt(page, value), false);
    }
  }
}

function treeAt(page: Buffer, at: number): Tree {
  const root = page.readBigUInt64LE(at + 40);
  return {
    depth: page.readUInt16LE(at + 6),
    entries: Number(page.readBigUInt64LE(at + 32)),
    root: root === NONE ? undefined : Number(root),
  };
}
