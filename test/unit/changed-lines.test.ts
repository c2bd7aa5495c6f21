// What clang-tidy is asked about a change: lines of a diff, and the sources that show them.
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const diff = `diff --git a/cpp/net/a.cpp b/cpp/net/a.cpp
--- a/cpp/net/a.cpp
+++ b/cpp/net/a.cpp
@@ -3 +3 @@ void f() {
-old
+new
@@ -10,0 +11,3 @@
+one
+two
+three
@@ -20,2 +23,0 @@
-gone
-gone
diff --git a/cpp/net/dead.cpp b/cpp/net/dead.cpp
--- a/cpp/net/dead.cpp
+++ /dev/null
@@ -1 +0,0 @@
-gone
`;

describe('changed lines', () => {
  // Plain JavaScript, so the compiler knows no types for it.
  let lines: {
    changedLines(diff: string): Map<string, [number, number][]>;
    newestFirst(files: string[], log: string[]): string[];
    unitsFor(changed: string[], all: string[], read: (file: string) => string): string[];
  };

  beforeAll(async () => {
    lines = await import(join(import.meta.dirname, '../../scripts/changed-lines.mjs'));
  });

  it('are those that a diff adds; removed lines and removed files have none', () => {
    expect([...lines.changedLines(diff)]).toEqual([
      [
        'cpp/net/a.cpp',
        [
          [3, 3],
          [11, 13],
        ],
      ],
    ]);
  });

  it('are looked at in the source itself, in that of a header, or in one that includes the header', () => {
    const files: Record<string, string> = {
      'cpp/net/a.cpp': '',
      'cpp/net/a.hpp': '',
      'cpp/wire/table.hpp': '',
      'cpp/wire/list.hpp': '#include "wire/table.hpp"',
      'cpp/server/far.cpp': '#include "wire/list.hpp"',
      'cpp/wire/near.cpp': '#include "wire/list.hpp"',
      'cpp/wire/alone.hpp': '',
    };
    const units = (...changed: string[]) => lines.unitsFor(changed, Object.keys(files), (file) => files[file] ?? '');
    expect(units('cpp/net/a.cpp', 'cpp/net/a.hpp')).toEqual(['cpp/net/a.cpp']);
    expect(units('cpp/wire/list.hpp')).toEqual(['cpp/wire/near.cpp']);
    expect(units('cpp/wire/table.hpp')).toEqual(['cpp/wire/near.cpp']);
    expect(units('cpp/wire/alone.hpp', 'cpp/removed.hpp')).toEqual([]);
  });

  it('are looked at newest first, so that a bound of time leaves the oldest out', () => {
    const log = ['cpp/c.cpp', 'cpp/a.cpp', 'cpp/c.cpp'];
    expect(lines.newestFirst(['cpp/a.cpp', 'cpp/moved.cpp', 'cpp/c.cpp'], log)).toEqual([
      'cpp/c.cpp',
      'cpp/a.cpp',
      'cpp/moved.cpp',
    ]);
  });
});
