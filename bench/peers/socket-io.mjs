// Socket.IO, server and client.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { peerPackage } from './install.mjs';

async function startServer({ tls }) {
  const { Server } = peerPackage('socket.io');
  const https = createServer({ cert: readFileSync(tls.cert), key: readFileSync(tls.key) });
  const io = new Server(https, { transports: ['websocket'], serveClient: false });
  const users = new Map();
  io.on('connection', (socket) => {
    const { user } = socket.handshake.auth;
    users.set(user, socket);
    socket.on('disconnect', () => users.delete(user));
    socket.on('to', (to, text, acknowledge) => {
      const peer = users.get(to);
      if (acknowledge === undefined) peer?.emit('message', text);
      else peer?.emit('message', text, () => acknowledge());
    });
    socket.on('join', (name, acknowledge) => {
      socket.join(name);
      acknowledge();
    });
    socket.on('publish', (name, text) => socket.to(name).emit('published', text));
  });
  await new Promise((resolve) => https.listen(0, '127.0.0.1', resolve));
  const { port } = https.address();
  return { address: { port }, port, close: () => io.close() };
}

function connect({ address, user, variant, tls }) {
  const { io } = peerPackage('socket.io-client');
  const socket = io(`https://127.0.0.1:${address.port}`, {
    transports: ['websocket'],
    ca: readFileSync(tls.cert),
    auth: { user },
    forceNew: true,
    reconnection: false,
  });
  const client = {
    onMessage: () => {},
    send(to, text, done) {
      if (variant.acks === 'receiver' && done !== undefined) socket.emit('to', to, text, () => done());
      else socket.emit('to', to, text);
    },
    async join(name, onText) {
      socket.on('published', onText);
      await socket.emitWithAck('join', name);
    },
    publish: (name, text) => socket.emit('publish', name, text),
    close() {
      socket.disconnect();
      return Promise.resolve();
    },
  };
  socket.on('message', (text, acknowledge) => {
    client.onMessage(text);
    acknowledge?.();
  });
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(client));
    socket.once('connect_error', reject);
  });
}

export default {
  name: 'socket.io',
  needs: { npm: ['socket.io', 'socket.io-client'] },
  how:
    'WebSocket transport only, and rooms for channels. "socket.io acks" uses acknowledgements of socket.io, through ' +
    'the server to the receiving program and back. "socket.io" uses none.',
  variants: [
    { name: 'socket.io', acks: 'none', measures: ['peer', 'fanout', 'latency', 'bots', 'login'] },
    { name: 'socket.io acks', acks: 'receiver', measures: ['peer'] },
  ],
  startServer,
  connect,
};
