// The command line of the benchmark.
import { parseArgs } from 'node:util';
import { measures } from './measures/index.mjs';
import { chosenSystems, systems } from './systems.mjs';

const measureLines = measures.map(({ name, summary }) => `  ${name.padEnd(9)} ${summary}`).join('\n');

export const HELP = `Usage: npm run bench -- [measure…] [options]

Without a measure all are run. Measures:
${measureLines}
  report    all measures, written to docs/benchmarks.md with a chart of each (about half an hour);
            with measures named, only their sections of that page are renewed

  weak      logins and messages over a network that loses packets, by UDP and by TCP, apart from the others (root;
            npm run bench -- weak --help)

Options
  --only A,B…      these systems only: ${systems.map(({ name }) => name).join(', ')}
  --rounds N       runs of each row, interleaved; medians and spread are shown (default 5; report 3; --quick 1)
  --quick          one short round: shows that all works, and roughly what
  --seconds N      length of a measured run            (default 1.5; --quick 0.5), after half of it to warm up
  --size N         bytes of text per message           (default 256)
  --window N,N…    peer: messages in flight            (default 256,8192)
  --processes 1|2  peer: both users in one process, or in two (default 2)
  --members N,N…   fanout: members of the channel      (default 10,100,1000; --quick 10,100)
  --bots N         bots: idle users                    (default 2000; --quick 200)
  --users N,N…     scale: logged-in users              (default 100,1000,10000; --quick 100,400)
  --channels N,N…  scale: channels, joined by two each (default 10,100,1000,10000; --quick 10,1000)
  --logins N       login: users that log in            (default 1000; --quick 200)
  --json           one JSON object on standard output instead of tables
  --out FOLDER     report: where to write instead of docs
  --help           this text

RTM_BENCH_NODE_OPTIONS in the environment is given to Node in every measured process, as in
RTM_BENCH_NODE_OPTIONS='--cpu-prof --cpu-prof-dir=profiles'.

The peers are installed when first needed: npm packages into .cache/bench-peers, nats-server, redis-server and mosquitto by
apt-get if you are root. What cannot be installed is left out and named.
Every run checks that all messages arrive once and in order. The exit code is 1 if a run of ours fails.
Compare rows of one run only: another machine, or another load of this one, moves all figures.
`;

function whole(text, name) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) {
    throw new Error(`--${name}: expected whole numbers from 1, got "${text}"`);
  }
  return number;
}

/** The options in `argv`; { help: true } if the user asks for the help. Throws an error whose message is for the user. */
export function parseOptions(argv) {
  const text = { type: 'string' };
  const flag = { type: 'boolean', default: false };
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      only: text,
      rounds: text,
      seconds: text,
      size: text,
      window: text,
      processes: text,
      members: text,
      users: text,
      channels: text,
      bots: text,
      logins: text,
      out: text,
      quick: flag,
      json: flag,
      help: flag,
    },
  });
  if (values.help) return { help: true };
  const { quick } = values;
  const number = (name, standard, short = standard) => whole(values[name] ?? String(quick ? short : standard), name);
  const list = (name, standard, short = standard) =>
    (values[name] ?? (quick ? short : standard)).split(',').map((one) => whole(one, name));
  const report = positionals.includes('report');
  const named = positionals.filter((name) => name !== 'report');
  const seconds = values.seconds === undefined ? undefined : Number(values.seconds);
  if (seconds !== undefined && !(seconds > 0)) throw new Error(`--seconds: expected a number, got "${values.seconds}"`);
  const processes = number('processes', 2);
  if (processes > 2) throw new Error(`--processes: expected 1 or 2, got "${values.processes}"`);
  return {
    measures: named.length === 0 ? measures : named.map(measureNamed),
    systems: chosenSystems(values.only),
    report,
    renew: report && named.length > 0,
    out: values.out,
    quick,
    json: values.json,
    seconds,
    processes,
    rounds: number('rounds', report ? 3 : 5, 1),
    size: number('size', 256),
    windows: list('window', '256,8192'),
    members: list('members', '10,100,1000', '10,100'),
    users: list('users', '100,1000,10000', '100,400'),
    channels: list('channels', '10,100,1000,10000', '10,1000'),
    bots: number('bots', 2000, 200),
    logins: number('logins', 1000, 200),
  };
}

function measureNamed(name) {
  const measure = measures.find((one) => one.name === name);
  if (measure !== undefined) return measure;
  if (name === 'media')
    throw new Error('media cannot be measured: the client of this build can neither upload nor download');
  const names = [...measures.map((one) => one.name), 'report'].join(', ');
  throw new Error(`unknown measure "${name}"; there are: ${names}`);
}
