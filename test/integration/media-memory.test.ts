import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildToken } from 'rtm-native';
import { afterAll, expect, it } from 'vitest';
import { endAll, Program, root, startServerProcess } from './cli-process.js';

const MB = 1024 * 1024;
const folder = mkdtempSync(join(tmpdir(), 'rtm-memory-'));

afterAll(() => {
  endAll();
  rmSync(folder, { recursive: true });
});

it('a body of 30 MB is held neither by the server nor by the client, and nine at a time are not', async () => {
  const { server, appId, appCertificate, env } = await startServerProcess();
  const token = buildToken({ appId, appCertificate, userId: 'mover', expireSeconds: 600 });
  const args = [join(root, 'test/integration/support/media-mover.mjs'), String(server.pid), appId, token, folder];
  const mover = new Program(process.execPath, args, env);
  expect(await mover.exit(60_000), mover.errors).toBe(0);
  const { one, nine } = JSON.parse(mover.output);
  // Bytes that wait for a disk or for the network: a part of a megabyte for each body at the server, a few at the client.
  expect(one[0]).toBeLessThan(8 * MB);
  expect(one[1]).toBeLessThan(16 * MB);
  expect(nine[0]).toBeLessThan(30 * MB); // of 270
  expect(nine[1]).toBeLessThan(60 * MB);
}, 90_000);
