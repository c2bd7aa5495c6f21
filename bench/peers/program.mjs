// Servers that are programs of their own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { createServer, connect as open } from 'node:net';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

const START_MS = 15_000;

/** The path of a command, which may be in Debian's folders for servers; undefined if there is no such command. */
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

/** Starts a program that ends with this process, however this process ends. `said` returns the end of its output. */
function startChild(command, args) {
  const program = findProgram(command) ?? command;
  const keeper = findProgram('setpriv');
  // setpriv becomes the program itself, with the same pid. The kernel ends the program if this process is killed.
  const [file, ...all] = keeper ? [keeper, '--pdeathsig', 'KILL', program, ...args] : [program, ...args];
  const child = spawn(file, all, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      said = `${said}${data}`.slice(-1500);
    });
  }
  const running = { child, ended: false, said: () => said.trim() || 'nothing' };
  running.gone = once(child, 'exit').then(() => {
    running.ended = true;
  });
  process.once('exit', () => child.kill('SIGKILL'));
  return running;
}

function handleOf({ child, gone }) {
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

/** Starts a program and waits until it accepts connections. */
export async function startProgram(command, args, port) {
  const running = startChild(command, args);
  const until = performance.now() + START_MS;
  while (!(await accepts(port))) {
    if (running.ended || performance.now() > until) {
      running.child.kill('SIGKILL');
      throw new Error(`${command} does not accept connections on port ${port}; it said: ${running.said()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return handleOf(running);
}

/** Starts a program whose first line says where it listens, and returns that `line` as well. */
export async function startListening(command, args) {
  const running = startChild(command, args);
  const line = await Promise.race([
    once(createInterface(running.child.stdout), 'line').then(([first]) => first),
    running.gone,
  ]);
  if (line === undefined) throw new Error(`${command} ended at once; it said: ${running.said()}`);
  return { line, ...handleOf(running) };
}
