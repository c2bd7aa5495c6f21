// What the machine can do: a C++ program that only relays over TLS (raw-relay.cpp), and a client in plain JavaScript that
// writes its own frames. Nothing is checked, acknowledged, limited or resumed.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { connect as openTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startListening } from './program.mjs';

const source = fileURLToPath(new URL('raw-relay.cpp', import.meta.url));
const program = fileURLToPath(new URL('../../.cache/raw-relay', import.meta.url));
const HEADER = 4;
const SLAB = 256 * 1024;
const MESSAGE = 'M'.charCodeAt(0);

async function build() {
  if (existsSync(program) && statSync(program).mtimeMs > statSync(source).mtimeMs) return;
  mkdirSync(dirname(program), { recursive: true });
  await promisify(execFile)('c++', ['-std=c++20', '-O2', '-o', program, source, '-lssl', '-lcrypto']);
}

async function startServer({ tls }) {
  await build();
  const { line, ...relay } = await startListening(program, [tls.cert, tls.key]);
  const port = Number(line);
  return { address: { port }, port, ...relay };
}

/** Collects the frames of one turn of the event loop, and sends them with one write while they fit into the slab. */
class Writer {
  #slab = Buffer.allocUnsafe(SLAB);
  #begin = 0;
  #end = 0;
  #socket;

  constructor(socket) {
    this.#socket = socket;
  }

  add(kind, name, text) {
    const most = HEADER + 2 + (name.length + text.length) * 3;
    if (this.#end + most > this.#slab.length) {
      this.#flush();
      this.#slab = Buffer.allocUnsafe(Math.max(SLAB, most));
      this.#begin = 0;
      this.#end = 0;
    }
    if (this.#end === this.#begin) queueMicrotask(() => this.#flush());
    const begin = this.#end + HEADER;
    this.#slab[begin] = kind.charCodeAt(0);
    this.#slab[begin + 1] = this.#slab.latin1Write(name, begin + 2);
    const at = begin + 2 + name.length;
    const end = at + this.#slab.utf8Write(text, at);
    this.#slab.writeUInt32BE(end - begin, this.#end);
    this.#end = end;
  }

  #flush() {
    if (this.#end > this.#begin) this.#socket.write(this.#slab.subarray(this.#begin, this.#end));
    this.#begin = this.#end;
  }
}

/** Cuts received bytes into frames. */
class Reader {
  #rest;
  #take;

  constructor(take) {
    this.#take = take;
  }

  push(chunk) {
    const data = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    while (data.length - at >= HEADER) {
      const end = at + HEADER + data.readUInt32BE(at);
      if (end > data.length) break;
      this.#take(data[at + HEADER], data, at + HEADER + 1, end);
      at = end;
    }
    this.#rest = at === data.length ? undefined : data.subarray(at);
  }
}

function connect({ address, user, tls }) {
  const socket = openTls({ host: '127.0.0.1', port: address.port, ca: readFileSync(tls.cert), noDelay: true });
  const writer = new Writer(socket);
  let answered;
  const next = () =>
    new Promise((resolve) => {
      answered = resolve;
    });
  const client = {
    onMessage: () => {},
    send: (to, text) => writer.add('S', to, text),
    join(name, onText) {
      client.onMessage = onText;
      writer.add('J', name, '');
      return next();
    },
    publish: (name, text) => writer.add('P', name, text),
    close() {
      socket.destroy();
      return Promise.resolve();
    },
  };
  const reader = new Reader((kind, data, begin, end) => {
    if (kind === MESSAGE) client.onMessage(data.utf8Slice(begin, end));
    else answered();
  });
  socket.on('data', (chunk) => reader.push(chunk));
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    answered = () => resolve(client);
    socket.once('secureConnect', () => writer.add('H', user, ''));
  });
}

export default {
  name: 'raw',
  needs: { debian: [{ command: 'c++', package: 'g++' }] },
  how:
    'No product, but the measure of the machine: a relay of some 200 lines of C++ over TLS that does nothing else, ' +
    'and a client in JavaScript that makes its own frames and writes once a turn. It has no acknowledgement, no ' +
    'login, no limits, and no order beyond that of a connection. The relay needs the headers of OpenSSL ' +
    '(libssl-dev).',
  variants: [{ name: 'raw JavaScript', acks: 'none', measures: ['peer', 'fanout', 'latency'] }],
  startServer,
  connect,
};
