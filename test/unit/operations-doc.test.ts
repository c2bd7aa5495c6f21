import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { families } from '../../lib/server/http/metrics.js';
import { unpackStats } from '../../lib/server/stats/stats.js';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'docs/operations.md'), 'utf8');

it('every metric stands in docs/operations.md, and no other', () => {
  const source = {
    version: '1',
    stats: () => unpackStats(),
    usage: () => undefined,
    ready: () => true,
    engineLatencies: () => [],
  };
  const names = families(source).map(({ name }) => name);
  const told = new Set(text.match(/\brtm_[a-z_]+\b/g));
  expect([...told].sort()).toEqual(names.filter((name) => name !== 'rtm_build_info').sort());
});

it('the compose example is YAML with a server and a Redis that keeps its data', () => {
  const document = parseDocument(readFileSync(join(root, 'examples/operations/compose.yaml'), 'utf8'));
  expect(document.errors).toEqual([]);
  const { services } = document.toJS() as { services: Record<string, { command: string[] }> };
  expect(Object.keys(services)).toEqual(['rtm', 'redis']);
  expect(services['redis']?.command).toContain('--maxmemory-policy noeviction');
});
