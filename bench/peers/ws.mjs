// Plain WebSockets: a small relay and its clients, both with the package ws. Many projects begin with such a relay.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { peerPackage } from './install.mjs';

const NEWLINE = 10;

/** A frame is "<user>\n<text>", "#<channel>\n<text>", or "+<channel>\n" to join. */
async function startServer({ tls }) {
  const { WebSocketServer } = peerPackage('ws');
  const https = createServer({ cert: readFileSync(tls.cert), key: readFileSync(tls.key) });
  const server = new WebSocketServer({ server: https, perMessageDeflate: false });
  const users = new Map();
  const channels = new Map();
  const text = { binary: false };
  server.on('connection', (socket, request) => {
    const user = decodeURIComponent(request.url.slice(1));
    users.set(user, socket);
    socket.on('close', () => users.delete(user));
    socket.on('message', (data) => {
      const end = data.indexOf(NEWLINE);
      const to = data.toString('latin1', 0, end);
      if (to[0] === '#') {
        const body = data.subarray(end + 1);
        for (const member of channels.get(to.slice(1)) ?? []) if (member !== socket) member.send(body, text);
      } else if (to[0] === '+') {
        const name = to.slice(1);
        if (!channels.has(name)) channels.set(name, new Set());
        channels.get(name).add(socket);
        socket.send('+', text);
      } else {
        users.get(to)?.send(data.subarray(end + 1), text);
      }
    });
  });
  await new Promise((resolve) => https.listen(0, '127.0.0.1', resolve));
  const { port } = https.address();
  return {
    address: { port },
    port,
    close() {
      for (const socket of server.clients) socket.terminate();
      https.close();
      return Promise.resolve();
    },
  };
}

function connect({ address, user, tls }) {
  const { WebSocket } = peerPackage('ws');
  const socket = new WebSocket(`wss://127.0.0.1:${address.port}/${encodeURIComponent(user)}`, {
    ca: readFileSync(tls.cert),
    perMessageDeflate: false,
  });
  let joined;
  const client = {
    onMessage: () => {},
    send: (to, text) => socket.send(`${to}\n${text}`),
    join(name, onText) {
      client.onMessage = onText;
      socket.send(`+${name}\n`);
      return new Promise((resolve) => {
        joined = resolve;
      });
    },
    publish: (name, text) => socket.send(`#${name}\n${text}`),
    close() {
      socket.terminate();
      return Promise.resolve();
    },
  };
  socket.on('message', (data) => {
    const text = data.toString();
    if (text === '+') joined();
    else client.onMessage(text);
  });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(client));
    socket.once('error', reject);
  });
}

export default {
  name: 'ws',
  needs: { npm: ['ws'] },
  how:
    'A relay of some thirty lines with `ws` on both sides. Compression is off, as its documentation recommends for ' +
    'throughput. It has no acknowledgement, no login and no limits: it is the least that a self-written server ' +
    'costs.',
  variants: [{ name: 'ws', acks: 'none', measures: ['peer', 'fanout', 'latency', 'bots', 'login'] }],
  startServer,
  connect,
};
