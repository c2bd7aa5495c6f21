// Logins a second from one process: with a full TLS handshake, with a TLS ticket, and sessions resumed after a lost link.
import { Role } from '../lib/role.mjs';
import { onStage } from '../lib/stage.mjs';
import { variantsOf } from '../systems.mjs';

const FULL = 'full handshake';
const TICKET = 'TLS ticket';
const RESUMED = 'link lost, resumed';

function usersOf(name, count) {
  return Array.from({ length: count }, (_, index) => `${name}-${index}`);
}

/** Cuts all links at once and measures the time until every session has resumed over a new link. */
async function resumed({ server, clients: [bots], context, port }, count) {
  const proxy = new Role('proxy');
  try {
    const { port: near } = await proxy.ask('start', { port });
    const endpoint = context.address.endpoint.replace(`:${port}`, `:${near}`);
    await bots.ask('connect', {
      ...context,
      address: { ...context.address, endpoint },
      users: usersOf('resumed', count),
    });
    await Promise.all([server.ask('mark'), bots.ask('mark')]);
    const start = performance.now();
    await proxy.ask('cut');
    // The server counts: a client whose link is back at once reports no change of state.
    await server.ask('resumed', { count });
    const ms = performance.now() - start;
    return { ms, cpu: (await bots.ask('measure')).cpu };
  } finally {
    await proxy.end();
  }
}

export default {
  name: 'login',
  title: 'Logins',
  summary: 'logins a second from one process: full TLS handshake, TLS ticket, session resumed; connects of the peers',
  metric: 'rate',
  compared: [
    { title: 'faster', metric: 'rate', better: 'high' },
    { title: 'cheaper', metric: 'cpu', better: 'low' },
  ],
  unit: 'logins/s',
  about: (options) =>
    `${options.logins} users from one process, 50 at a time. For peers, a login is a connect over TLS until the ` +
    `user can receive. "${FULL}": no earlier connection helps. "${TICKET}": the second login of a process. ` +
    `"${RESUMED}": a proxy on the same machine cuts all links in one moment, and the time ends when the last ` +
    'session goes on.',

  units: (options) =>
    variantsOf(options.systems, 'login').map(({ system, variant }) => ({
      system,
      variant,
      rows: (system.name === 'ours' ? [FULL, TICKET, RESUMED] : [FULL]).map((kind) => ({ kind })),
    })),

  run({ system, variant, rows }, options, sample) {
    return onStage({ system, variant, processes: 1, options }, async (stage) => {
      const {
        server,
        clients: [bots],
        context,
      } = stage;
      for (const row of rows) {
        const fresh = row.kind === FULL;
        // A few logins first: code is slower when it runs for the first time, and a login with a ticket needs an earlier login.
        await bots.ask('connect', { ...context, fresh, light: true, users: usersOf(`early-${row.kind}`, 50) });
        await bots.ask('close');
        await server.ask('mark');
        const users = usersOf(row.kind, options.logins);
        const result =
          row.kind === RESUMED
            ? await resumed(stage, options.logins)
            : await bots.ask('connect', { ...context, fresh, light: true, users });
        const served = await server.ask('measure');
        const each = (cpu) => (cpu / options.logins) * 1000;
        sample(row, {
          rate: (options.logins / result.ms) * 1000,
          client: each(result.cpu),
          server: each(served.cpu),
          cpu: each(result.cpu + served.cpu),
        });
        await bots.ask('close');
      }
    });
  },

  groupBy: (row) => row.kind,
  columns: [
    { title: 'how', text: ({ row }) => row.kind },
    { title: 'logins\n/s', metric: 'rate' },
    { title: 'lowest–\nhighest', metric: 'rate', range: true },
    { title: 'CPU ms\nclient', metric: 'client' },
    { title: '\nserver', metric: 'server' },
  ],
};
