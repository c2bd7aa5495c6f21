import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { within } from '../integration/client-world.js';
import { StoreProcess } from '../integration/durable/store-process.js';
import { canMakeNetworks } from './namespace.js';

it.skipIf(!canMakeNetworks)(
  'a full disk refuses appends, gives back what it has, and takes them when there is room',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rtm-full-'));
    // The file beside the store holds the room that the shell frees when told.
    const prepare = [
      `mount -t tmpfs -o size=1m none ${folder}`,
      `head -c 300k /dev/zero > ${folder}/ballast`,
      `mkdir ${folder}/data`,
      `{ read line; rm ${folder}/ballast; echo; } | exec "$@"`,
    ].join(' && ');
    const store = new StoreProcess(join(folder, 'data'), 'fill', {
      program: 'unshare',
      before: ['-m', 'sh', '-c', prepare, 'sh'],
    });
    try {
      const logs: string[] = [];
      const full = await within('a full disk', store.next(logs));
      expect(full).toMatchObject({
        // A write of several pages of which some fit is an input/output error to LMDB.
        full: expect.stringMatching(
          /the store cannot write: (No space left.*|Input\/output error): the disk of \S+ is full \(\d\.\d MiB free/,
        ),
        found: 'before',
      });
      expect(full.kept).toBeGreaterThan(20);
      store.tell('');
      // Stored messages are there, and nothing else; the removal, which needs little room, succeeded.
      expect(await within('all queues', store.next(logs))).toEqual({ stored: full.kept, left: 0 });
      expect(full.removal).toBe('kept');
      expect(await within('an append', store.next(logs))).toEqual({ after: 1 });
      expect(logs[0]).toMatch(/^store: cannot write: (No space left.*|Input\/output error): the disk of \S+ is full/);
      expect(logs.at(-1)).toBe('store: writes again');
    } finally {
      await store.end();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
