// The shape of the rows. Each call, callback, value, limit and transition of the surface of SDK 1.5.0 has a row with its
// promise. The rows are data: a test joins a row by its id (support/subject.ts), and scripts/conformance.mjs writes
// docs/conformance.md from the rows and fails if a public entry has none.

/** Subject of a row. A `rule` is behaviour that is not an entry, a number or a state change. */
export type RowKind = 'call' | 'callback' | 'value' | 'field' | 'limit' | 'transition' | 'rule';

export interface Row {
  /** Unique. Entries and values have their C++ names (`IChannel.join`, `LOGIN_ERR_CODE.LOGIN_ERR_OK`). */
  readonly id: string;
  readonly kind: RowKind;
  /** Section of docs/spec that makes the promise: `limits §2`. */
  readonly section: string;
  /** The claim that the test shows. */
  readonly title: string;
  /** Why nothing can produce this value. Such a row has no test. */
  readonly reserved?: string;
  /** Why the feature does not exist yet. Such a row has no test yet. */
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

/** A value that nothing produces. */
export function reserved(id: string, section: string, reason: string): Row {
  return { id, kind: 'value', section, title: 'is never produced', reserved: reason };
}

/** Rows of a feature that does not exist yet. */
export function pending(why: string, rows: readonly Row[]): Row[] {
  return rows.map((row) => ({ ...row, pending: why }));
}
