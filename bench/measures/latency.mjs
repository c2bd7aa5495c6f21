// Round trip of one message at a time.
import { onStage } from '../lib/stage.mjs';
import { percentile } from '../lib/stats.mjs';
import { variantsOf } from '../systems.mjs';

const SECONDS = 1.5;

export default {
  name: 'latency',
  title: 'Latency',
  summary: 'round trip of one message at a time between two processes, through the server and back',
  metric: 'p50',
  compared: [
    { title: 'faster', metric: 'p50', better: 'low' },
    { title: 'at p99', metric: 'p99', better: 'low' },
  ],
  unit: 'µs, median round trip',
  about: (options) =>
    `One user sends ${options.size} bytes, and the program of the other user sends them back; then the next message ` +
    'starts. The time in µs is from the call to the handler, through the server both ways, with all three programs ' +
    'in processes of their own. "all": the processes use all cores of the machine. "one": all processes share one ' +
    'core, so that only the work counts and nothing runs side by side.',

  units: (options) =>
    ['all', 'one'].flatMap((cores) =>
      variantsOf(options.systems, 'latency').map(({ system, variant }) => ({ system, variant, rows: [{ cores }] })),
    ),

  run({ system, variant, rows: [row] }, options, sample) {
    const stage = { system, variant, processes: 2, options, pinned: row.cores === 'one' };
    return onStage(stage, async ({ clients: [sender, echo], context }) => {
      await sender.ask('connect', { ...context, users: ['alice'] });
      await echo.ask('connect', { ...context, users: ['bob'] });
      await echo.ask('echo', { user: 'bob', to: 'alice' });
      const seconds = options.seconds ?? (options.quick ? 0.5 : SECONDS);
      const ping = { user: 'alice', to: 'bob', size: options.size };
      await sender.ask('ping', { ...ping, seconds: seconds / 2 });
      const trips = (await sender.ask('ping', { ...ping, seconds })).trips.split(',').map(Number);
      sample(row, { p50: percentile(trips, 0.5), p99: percentile(trips, 0.99), p999: percentile(trips, 0.999) });
    });
  },

  groupBy: ({ cores }) => (cores === 'one' ? 'one core' : 'all cores'),
  columns: [
    { title: 'cores', text: ({ row }) => row.cores },
    { title: 'p50 µs', metric: 'p50' },
    { title: 'lowest–\nhighest', metric: 'p50', range: true },
    { title: 'p99 µs', metric: 'p99' },
    { title: 'lowest–\nhighest', metric: 'p99', range: true },
    { title: 'p99.9 µs', metric: 'p999' },
  ],
};
