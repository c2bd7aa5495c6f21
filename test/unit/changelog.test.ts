// CHANGELOG.md keeps the form of Keep a Changelog.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const headings = readFileSync(join(root, 'CHANGELOG.md'), 'utf8')
  .split('\n')
  .filter((line) => /^##? |^### /.test(line));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

const releases = headings
  .filter((line) => line.startsWith('## '))
  .map((line) => /^## (?:Unreleased|(\d+\.\d+\.\d+) - (\d{4}-\d\d-\d\d|not released yet))$/.exec(line));

it('CHANGELOG.md has one heading for each release, with its version and its day', () => {
  expect(headings[0]).toBe('# Changelog');
  expect(releases.every((release) => release !== null)).toBe(true);
  const versions = releases.flatMap((release) => release?.[1] ?? []);
  expect(versions[0]).toBe(version);
  expect(new Set(versions).size).toBe(versions.length);
  // Only the newest version may still be without a day.
  expect(releases.slice(1).filter((release) => release?.[2] === 'not released yet')).toEqual([]);
});

it('CHANGELOG.md sorts its entries by kind, and the first version only adds', () => {
  const kinds = headings.filter((line) => line.startsWith('### ')).map((line) => line.slice(4));
  expect(kinds.length).toBeGreaterThan(0);
  const known = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];
  expect(kinds.filter((kind) => !known.includes(kind))).toEqual([]);
  const first = headings.slice(headings.findLastIndex((line) => line.startsWith('## ')) + 1);
  expect(first).toEqual(['### Added']);
});
