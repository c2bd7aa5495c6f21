// A user that uploads and downloads files.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildToken, RtmClient } from '../../dist/index.js';
import { cpuOfThis } from '../lib/proc.mjs';
import { play } from '../lib/role.mjs';

let client;
let body;
let file;

function digest(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Runs `task` `count` times, `parallel` at a time. Returns the results, the time and the CPU time. */
async function timed(count, parallel, task) {
  const results = [];
  let started = 0;
  const lane = async () => {
    while (started < count) {
      started += 1;
      results.push(await task());
    }
  };
  const cpu = cpuOfThis();
  const start = performance.now();
  await Promise.all(Array.from({ length: parallel }, lane));
  return { results, ms: performance.now() - start, cpu: cpuOfThis() - cpu };
}

play(
  {
    async connect({ address: { appId, certificate, endpoint }, users: [userId] }) {
      const token = buildToken({ appId, appCertificate: certificate, userId });
      client = await RtmClient.login({ appId, userId, token, endpoints: endpoint });
      return {};
    },
    /** Makes the file that is uploaded. */
    prepare({ folder, bytes }) {
      body = Buffer.alloc(bytes);
      for (let at = 0; at + 4 <= bytes; at += 4) body.writeUInt32LE(Math.imul(at, 2654435761) >>> 0, at);
      file = join(folder, 'media-body');
      writeFileSync(file, body);
      return {};
    },
    async upload({ count, parallel }) {
      const { results, ms, cpu } = await timed(count, parallel, () => client.media.upload(file));
      return { ids: results.map(({ mediaId }) => mediaId), ms, cpu };
    },
    /** Downloads into memory. The bytes are compared after the measurement. */
    async download({ ids, parallel }) {
      const waiting = [...ids];
      const { results, ms, cpu } = await timed(ids.length, parallel, () => client.media.download(waiting.pop()));
      const wanted = digest(body);
      if (results.some((bytes) => digest(bytes) !== wanted)) throw new Error('a download is not what was uploaded');
      return { ms, cpu };
    },
  },
  () => client?.logout(),
);
