// Servers that are programs of their own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { createServer, connect as open } from 'node:net';
import { delimiter, join } from 'node:path';

const START_MS = 15_000;

/** Path of a command, also where Debian keeps servers; undefined if there is none. */
export function findProgram(command) {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']) {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return join(folder, command);
    } catch {}
  }
  return undefined;
}

/** A port of the loopback address that was free a moment ago. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = open(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Starts a program and waits until it accepts connections. It ends with this process, however that ends. */
export async function startProgram(command, args, port) {
  const program = findProgram(command);
  const keeper = findProgram('setpriv');
  // setpriv becomes the program itself (same pid) and has the kernel end it should this process be killed.
  const [file, ...all] = keeper ? [keeper, '--pdeathsig', 'KILL', program, ...args] : [program, ...args];
  const child = spawn(file, all, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      said = `${said}${data}`.slice(-1500);
    });
  }
  let ended = false;
  const gone = once(child, 'exit').then(() => {
    ended = true;
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const until = performance.now() + START_MS;
  while (!(await accepts(port))) {
    if (ended || performance.now() > until) {
      child.kill('SIGKILL');
      throw new Error(`${command} does not accept connections on port ${port}; it said: ${said.trim() || 'nothing'}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    pid: child.pid,
    async close() {
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), 2000);
      await gone;
      clearTimeout(force);
    },
  };
}
