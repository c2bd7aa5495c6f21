// Acknowledged peer messages: alice → server → bob, each result an acknowledgement by bob's SDK. Both bots in one process
// and in two; the server always in its own.
import { createAppCredentials } from '../dist/index.js';
import { Role } from './roles.mjs';

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

async function once({ processes, messages, size, window, api }) {
  const { appId, appCertificate: certificate } = createAppCredentials();
  const server = new Role('./role-server.mjs');
  const sender = new Role('./role-bots.mjs');
  const receiver = processes === 2 ? new Role('./role-bots.mjs') : sender;
  try {
    const { endpoint } = await server.ask('start', { appId, certificate, loops: 1 });
    const app = { appId, certificate, endpoint };
    await sender.ask('login', { ...app, user: 'alice' });
    await receiver.ask('login', { ...app, user: 'bob' });
    await receiver.ask('expect', { user: 'bob', messages });
    await server.ask('mark');
    const sent = await sender.ask('send', { ...app, user: 'alice', to: 'bob', messages, size, window, api });
    const got = await receiver.ask('received');
    const served = await server.ask('measure');
    if (got.messages !== messages) throw new Error(`${got.messages} of ${messages} messages arrived`);
    const bots = processes === 2 ? sent.cpu + got.cpu : sent.cpu;
    return { rate: (messages / sent.ms) * 1000, bots: (bots / messages) * 1e6, server: (served.cpu / messages) * 1e6 };
  } finally {
    await Promise.all([...new Set([server, sender, receiver])].map((role) => role.end()));
  }
}

/** Runs all rows, round by round (so that a slow minute of the machine hits all alike), and prints medians. */
export async function run({ messages, rounds, size, windows, api, json }) {
  const rows = [1, 2].flatMap((processes) => windows.map((window) => ({ processes, window, runs: [] })));
  for (let round = 0; round < rounds; round += 1) {
    for (const row of rows) {
      row.runs.push(await once({ ...row, messages, size, api }));
      if (!json)
        process.stderr.write(
          `\rround ${round + 1} of ${rounds}, ${row.processes} process(es), window ${row.window}   `,
        );
    }
  }
  if (!json) process.stderr.write(`${'\r'.padEnd(60)}\r`);
  const results = rows.map(({ processes, window, runs }) => ({
    processes,
    window,
    rate: Math.round(median(runs.map((r) => r.rate))),
    spread: [Math.min, Math.max].map((f) => Math.round(f(...runs.map((r) => r.rate)))),
    cpuMicrosecondsBots: median(runs.map((r) => r.bots)),
    cpuMicrosecondsServer: median(runs.map((r) => r.server)),
  }));
  const about = { measure: 'peer', node: process.version, messages, rounds, size, api, tls: true, acknowledged: true };
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...about, results })}\n`);
    return;
  }
  process.stdout.write(
    `${messages} messages of ${size} bytes, alice → server → bob over TLS, every one acknowledged by bob; ` +
      `all arrived once, in order\nNode ${process.version}, api ${api}, median of ${rounds}\n\n` +
      'bots in      window   messages/s   (lowest … highest)    CPU µs/message: bots   server   all\n',
  );
  for (const r of results) {
    const all = r.cpuMicrosecondsBots + r.cpuMicrosecondsServer;
    process.stdout.write(
      `${r.processes === 1 ? 'one process ' : 'two processes'}`.padEnd(13) +
        String(r.window).padStart(6) +
        String(r.rate).padStart(13) +
        `   (${r.spread.join(' … ')})`.padEnd(25) +
        r.cpuMicrosecondsBots.toFixed(2).padStart(21) +
        r.cpuMicrosecondsServer.toFixed(2).padStart(9) +
        all.toFixed(2).padStart(6) +
        '\n',
    );
  }
}
