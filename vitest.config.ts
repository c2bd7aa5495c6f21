import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * The projects, each with its test files: `npm test -- --only ts -- --project unit`. Every test file belongs to exactly
 * one of them; test/unit/vitest-projects.test.ts checks that.
 */
const needRedis = [
  'test/integration/cluster*/**/*.test.ts',
  'test/integration/engine-redis/**/*.test.ts',
  'test/engine-conformance/**/*.test.ts',
  'test/faults/cluster/**/*.test.ts',
];
const projects: Record<string, { include: string[]; exclude?: string[] }> = {
  unit: { include: ['test/unit/**/*.test.ts'] },
  integration: { include: ['test/integration/**/*.test.ts'], exclude: needRedis },
  conformance: { include: ['test/conformance/**/*.test.ts'] },
  cluster: { include: needRedis },
  // Broken networks, full disks, misused calls, and processes that end in the middle of their work.
  faults: { include: ['test/{abuse,faults,lifecycle,network,promises}/**/*.test.ts'], exclude: needRedis },
};

export default defineConfig({
  test: {
    // A process per file: a native crash takes one file with it, and no two files share the addon's I/O thread.
    pool: 'forks',
    maxWorkers: Math.max(1, Math.min(4, availableParallelism())),
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 5_000,
    restoreMocks: true,
    // Child processes and workers started by tests run dist/, so a test file never sees half-translated sources.
    alias: [{ find: /^rtm-native$/, replacement: new URL('lib/index.ts', import.meta.url).pathname }],
    projects: Object.entries(projects).map(([name, files]) => ({ extends: true as const, test: { name, ...files } })),
  },
});
