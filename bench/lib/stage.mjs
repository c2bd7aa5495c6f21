// The processes of one run: a server and some client processes. All of them end with the run, whatever happens.
import { Role } from './role.mjs';

/**
 * Runs `act({ server, clients, context })` with a started server and `processes` client processes. `pinned`: all of them on
 * one and the same core.
 */
export async function onStage({ system, variant, processes, options, loops, pinned = false, role = 'clients' }, act) {
  const server = new Role('server', pinned);
  const clients = Array.from({ length: processes }, () => new Role(role, pinned));
  const shared = { system: system.name, folder: options.folder, tls: options.tls };
  try {
    const { address, port } = await server.ask('start', { ...shared, loops });
    return await act({ server, clients, port, context: { ...shared, address, variant: variant.name } });
  } finally {
    // The clients end first: they would report errors if the server ended before them.
    await Promise.all(clients.map((role) => role.end()));
    await server.end();
  }
}
