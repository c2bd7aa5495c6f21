import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fixture, runChild } from '../lifecycle/child.js';
import { canMakeNetworks } from './namespace.js';

it.skipIf(!canMakeNetworks)(
  'a full disk fails the transfer that meets it, leaves nothing, and harms nothing else',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rtm-small-'));
    try {
      const program = fixture('../../network/fixtures/disk-full.mjs');
      const prepare = `mount -t tmpfs -o size=256k none ${folder} && exec "$@"`;
      const command = ['-m', 'sh', '-c', prepare, 'sh', process.execPath, program, folder];
      const child = await runChild(command, { program: 'unshare' });
      expect(child.code, child.output).toBe(0);
      expect(JSON.parse(child.output.trim().split('\n').at(-1) ?? '')).toEqual({
        download: 'ERR_RTM_FAILURE',
        leftAfterDownload: [],
        downloadElsewhere: 'done',
        upload: 'ERR_RTM_FAILURE',
        message: 'delivered',
        smallUpload: true,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
