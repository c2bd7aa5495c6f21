import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{abuse,unit,integration,lifecycle,network,faults,conformance,engine-conformance}/**/*.test.ts'],
    // A process per file: a native crash takes one file with it, and no two files share the addon's I/O thread.
    pool: 'forks',
    maxWorkers: Math.max(1, Math.min(4, availableParallelism())),
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 5_000,
    restoreMocks: true,
    // Child processes and workers started by tests run dist/, so a test file never sees half-translated sources.
    alias: [{ find: /^rtm-native$/, replacement: new URL('lib/index.ts', import.meta.url).pathname }],
  },
});
