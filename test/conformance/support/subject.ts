// Joins tests to rows: each test has the name of its row, and a file must test all rows of its subject.
import { describe, it } from 'vitest';
import type { Row, Subject } from '../rows/row.js';

/** Registers the test of one row, or one test that shows several rows under the name of each. */
export type RowTest = (ids: string | readonly string[], test: () => unknown, timeout?: number) => void;

/**
 * Registers the tests of a subject. `define` gets the function that registers one test. A row without a test and without
 * a reason then fails the file.
 */
export function subject({ name, title, rows }: Subject, define: (row: RowTest) => void): void {
  const open = new Map<string, Row>(rows.map((row) => [row.id, row]));
  describe(title, () => {
    define((ids, test, timeout) => {
      for (const id of typeof ids === 'string' ? [ids] : ids) {
        const row = open.get(id);
        if (row === undefined) throw new Error(`${id}: expected a row of "${name}" that has no test yet`);
        if (row.reserved !== undefined || row.pending !== undefined) {
          throw new Error(`${id}: the row says that there is no test (${row.reserved ?? row.pending})`);
        }
        open.delete(id);
        it(`${id} ${row.title}`, async () => void (await test()), timeout);
      }
    });
    const left = [...open.values()].filter((row) => row.reserved === undefined && row.pending === undefined);
    if (left.length > 0) throw new Error(`rows without test: ${left.map((row) => row.id).join(', ')}`);
  });
}
