// The shape of the rows: what the surface of SDK 1.5.0 promises, one row for each call, callback, value, limit and
// transition. The rows are data; a test joins a row by its id (see support/subject.ts), scripts/conformance.mjs makes
// docs/conformance.md of them and fails if a public entry has none.

/** What a row is about. A `rule` is behaviour that is no entry, number or state change of its own. */
export type RowKind = 'call' | 'callback' | 'value' | 'field' | 'limit' | 'transition' | 'rule';

export interface Row {
  /** Unique. Entries and values by their C++ names (`IChannel.join`, `LOGIN_ERR_CODE.LOGIN_ERR_OK`). */
  readonly id: string;
  readonly kind: RowKind;
  /** Where the specification says so. */
  readonly section: string;
  /** What the test shows, as a claim. */
  readonly title: string;
  /** The specification says that this is never produced, or nothing of ours can produce it: why. Such a row has no test. */
  readonly reserved?: string;
  /** Not there yet: why. Such a row has no test yet. */
  readonly pending?: string;
}

/** The rows of one test file, `test/conformance/<name>.test.ts`. */
export interface Subject {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly Row[];
}

const maker =
  (kind: RowKind) =>
  (id: string, section: string, title: string): Row => ({ id, kind, section, title });

export const call = maker('call');
export const callback = maker('callback');
export const value = maker('value');
export const field = maker('field');
export const limit = maker('limit');
export const transition = maker('transition');
export const rule = maker('rule');

/** A value that is never produced. */
export function reserved(id: string, section: string, reason: string): Row {
  return { id, kind: 'value', section, title: 'is never produced', reserved: reason };
}

/** Rows of something that is not there yet. */
export function pending(why: string, rows: readonly Row[]): Row[] {
  return rows.map((row) => ({ ...row, pending: why }));
}
