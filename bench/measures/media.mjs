// Upload and download of files. Only our system takes part: the others carry no files.
import { existsSync } from 'node:fs';
import { onStage } from '../lib/stage.mjs';
import ours from '../peers/ours.mjs';

const MEBI = 2 ** 20;
const FILE_MIB = 8;
const PARALLEL = [1, 4];

/** True if this version of the package can upload and download. */
export const hasMedia = existsSync(new URL('../../dist/client/media.js', import.meta.url));

export default {
  name: 'media',
  title: 'Files',
  summary: 'upload and download of files, one and four at a time: MB/s, and CPU per MB of client and server',
  metric: 'rate',
  compared: [{ title: 'faster', metric: 'rate', better: 'high' }],
  unit: 'MB/s (millions of bytes)',
  about: () =>
    `Files of ${FILE_MIB} MiB over TLS by \`client.media\`. Both sides make and check checksums, the server writes to ` +
    'its disk, and downloads go to memory. MB are millions of bytes. None of the peers carries files.',

  units: (options) =>
    options.systems.includes(ours)
      ? [
          {
            system: ours,
            variant: ours.variants.find(({ api }) => api === 'client'),
            rows: PARALLEL.flatMap((parallel) => [
              { way: 'upload', parallel },
              { way: 'download', parallel },
            ]),
          },
        ]
      : [],

  run({ system, variant, rows }, options, sample) {
    return onStage({ system, variant, processes: 1, options, role: 'media' }, async (stage) => {
      const {
        server,
        clients: [user],
        context,
      } = stage;
      await user.ask('connect', { ...context, users: ['alice'] });
      await user.ask('prepare', { folder: options.folder, bytes: FILE_MIB * MEBI });
      const count = options.quick ? 4 : 24;
      let { ids } = await user.ask('upload', { count: 2, parallel: 1 });
      for (const row of rows) {
        await server.ask('mark');
        const asked = { count, parallel: row.parallel, ids };
        const moved = await user.ask(row.way, asked);
        const served = await server.ask('measure');
        ids = moved.ids ?? ids;
        const files = row.way === 'upload' ? count : ids.length;
        const megabytes = (files * FILE_MIB * MEBI) / 1e6;
        sample(row, {
          rate: (megabytes / moved.ms) * 1000,
          client: (moved.cpu / megabytes) * 1000,
          server: (served.cpu / megabytes) * 1000,
        });
      }
    });
  },

  groupBy: (row) => `${row.way}, ${row.parallel} at a time`,
  columns: [
    { title: 'way', text: ({ row }) => row.way },
    { title: 'at a\ntime', text: ({ row }) => String(row.parallel) },
    { title: '\nMB/s', metric: 'rate' },
    { title: 'lowest–\nhighest', metric: 'rate', range: true },
    { title: 'CPU ms/MB\nclient', metric: 'client' },
    { title: '\nserver', metric: 'server' },
  ],
};
