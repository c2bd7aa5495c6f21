// The server under attack, in a process of its own.

import { RtmServer } from '../../dist/index.js';
import { play } from '../lib/role.mjs';

/** @type {RtmServer | undefined} */
let server;
let errors = 0;

play(
  {
    /** @param {{ options: import('../../dist/index.js').RtmServerOptions }} asked */
    async start({ options }) {
      const log = (/** @type {string} */ level) => {
        if (level === 'error' || level === 'critical') errors += 1;
      };
      server = await RtmServer.start({ ...options, log });
      const adminPort = server.adminUrl === undefined ? 0 : Number(new URL(server.adminUrl).port);
      return { port: server.port, endpoint: server.connectString, adminPort };
    },
    stats: () => ({ ...server?.stats(), errors }),
    /** @param {{ appId: string, userId: string }} asked */
    async endUser({ appId, userId }) {
      await server?.disconnect(appId, userId);
      return {};
    },
    /** What one user takes. @param {{ userId: string }} asked */
    usage: ({ userId }) => ({ user: server?.usage({ users: 100 }).users.find((each) => each.userId === userId) }),
  },
  () => server?.close(),
);
