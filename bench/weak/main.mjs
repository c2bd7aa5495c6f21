// npm run bench -- weak: logins and messages over a weak network, by UDP and by TCP. See --help.
//
// A network namespace holds one interface, behind which rtm_weak_link (test/cpp/tools) leads packets back to the same machine:
// the TCP of the kernel and our UDP meet the same losses and delays.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildCpp, buildFolders } from '../../scripts/build.mjs';
import { inRoot } from '../../scripts/tools.mjs';
import { machine, machineText } from '../lib/machine.mjs';
import { textTable } from '../lib/table.mjs';

const HELP = `Usage: npm run bench -- weak [options]
Logs in over a network that loses packets, and sends messages from a user behind it to a user without losses, by TCP and by UDP.
Each cell has a server, a network and programs of its own. Needs the right to make network namespaces and interfaces (root).

  --loss N,N…      shares of packets that get lost in each direction, in % (default 0,5,20,30,40)
  --rtt N,N…       round trips in ms                     (default 100)
  --rate N         messages a second                     (default 20)
  --seconds N      how long messages are sent            (default 15; --quick 3)
  --logins N       logins, one after another             (default 20; --quick 3)
  --quick          one short round of 0 and 20 %
  --json           one JSON object on standard output instead of the table
  --help
`;

const NEAR = '10.99.0.1';
const INTERFACE = 'weak0';
const cell = fileURLToPath(new URL('cell.mjs', import.meta.url));

const numbers = (text) => text.split(',').map(Number);

function readOptions(argv) {
  const text = { type: 'string' };
  const flag = { type: 'boolean', default: false };
  const { values } = parseArgs({
    args: argv,
    options: { loss: text, rtt: text, rate: text, seconds: text, logins: text, quick: flag, json: flag, help: flag },
  });
  const options = {
    losses: numbers(values.loss ?? (values.quick ? '0,20' : '0,5,20,30,40')).map((percent) => percent / 100),
    rtts: numbers(values.rtt ?? '100'),
    rate: Number(values.rate ?? 20),
    seconds: Number(values.seconds ?? (values.quick ? 3 : 15)),
    logins: Number(values.logins ?? (values.quick ? 3 : 20)),
    json: values.json,
    help: values.help,
  };
  const wrong =
    [...options.losses, ...options.rtts].some((one) => !(one >= 0)) || options.losses.some((loss) => loss >= 1);
  if (wrong || ![options.rate, options.seconds, options.logins].every((one) => one > 0)) {
    throw new Error('expected losses from 0 to below 100, round trips from 0, and counts above 0; see --help');
  }
  return options;
}

/** Runs a program to its end; resolves with what it printed. */
async function output(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (data) => {
    text += data;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`);
  return text;
}

/** Starts the network of one cell; resolves when packets travel. The caller ends it with stop(). */
async function startNetwork({ loss, rtt }) {
  const program = inRoot(buildFolders().release, 'rtm_weak_link');
  const link = spawn(program, [INTERFACE, loss, rtt / 2, 1].map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
  const failed = once(link, 'close').then(([code]) => {
    throw new Error(`rtm_weak_link ended with ${code}: making an interface needs root`);
  });
  await Promise.race([once(link.stdout, 'data'), failed]);
  failed.catch(() => {}); // it ends when it is told to
  await output('ip', ['address', 'add', `${NEAR}/24`, 'dev', INTERFACE]);
  await output('ip', ['link', 'set', INTERFACE, 'up']);
  return async () => {
    link.stdin.end();
    await failed.catch(() => {});
  };
}

async function measure(options, progress) {
  await output('ip', ['link', 'set', 'lo', 'up']);
  const rows = [];
  for (const rtt of options.rtts) {
    for (const loss of options.losses) {
      for (const by of ['TCP', 'UDP']) {
        progress(`${by}, ${loss * 100} % loss, round trip ${rtt} ms`);
        const stop = await startNetwork({ loss, rtt });
        const { rate, seconds, logins } = options;
        const text = await output(process.execPath, [cell, JSON.stringify({ by, rate, seconds, logins })]);
        await stop();
        rows.push({ rtt, loss, by, ...JSON.parse(text.trim().split('\n').at(-1)) });
      }
    }
  }
  return rows;
}

const ms = (value) => (value === null ? '–' : value.toFixed(0));
const columns = [
  { title: 'round trip\nms', align: 'right', text: ({ rtt }) => String(rtt) },
  { title: 'loss\n%', align: 'right', text: ({ loss }) => (loss * 100).toFixed(0) },
  { title: 'by', align: 'left', text: ({ by }) => by },
  { title: 'logins\nin 5 s', align: 'right', text: ({ inTime, logins }) => `${inTime} of ${logins}` },
  { title: 'login ms\np50', align: 'right', text: ({ login }) => ms(login.p50) },
  { title: '\nslowest', align: 'right', text: ({ login }) => ms(login.max) },
  { title: 'messages\narrived', align: 'right', text: ({ arrived, sent }) => `${arrived} of ${sent}` },
  { title: 'ms\np50', align: 'right', text: ({ delay }) => ms(delay.p50) },
  { title: '\np99', align: 'right', text: ({ delay }) => ms(delay.p99) },
  { title: '\nslowest', align: 'right', text: ({ delay }) => ms(delay.max) },
  { title: 'links\nlost', align: 'right', text: ({ lost }) => String(lost) },
];

/** In a network namespace of its own, which goes with the last process in it. */
async function inNamespace() {
  const child = spawn('unshare', ['-n', process.execPath, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, RTM_WEAK_NAMESPACE: '1' },
  });
  const [code] = await once(child, 'close');
  return code ?? 1;
}

/** `argv`: the words behind "weak". Resolves with the exit code. */
export async function benchWeak(argv) {
  const options = readOptions(argv);
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (process.env.RTM_WEAK_NAMESPACE === undefined) {
    if (!(await buildCpp({ target: 'rtm_weak_link', quick: true }))) return 1;
    return inNamespace();
  }
  const about = machine();
  const progress = (text) => process.stderr.write(process.stderr.isTTY ? `\r${text.padEnd(60)}` : `${text}\n`);
  const rows = await measure(options, progress);
  if (process.stderr.isTTY) process.stderr.write(`\r${''.padEnd(60)}\r`);
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ machine: about, rows })}\n`);
  } else {
    const table = textTable(
      columns,
      rows.map((row) => columns.map(({ text }) => text(row))),
    );
    process.stdout.write(`${machineText(about)}\n\n${table}\n`);
  }
  return rows.every(({ wrong }) => wrong === 0) ? 0 : 1;
}
