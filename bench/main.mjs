// `npm run bench -- <measure> [options]`: one command, one table. Each measure lives in its own file.
import { parseArgs } from 'node:util';

const MEASURES = {
  peer: 'acknowledged peer messages through a server: rate, and CPU of every process per message',
};

const HELP = `Usage: npm run bench -- <measure> [options]

Measures
${Object.entries(MEASURES)
  .map(([name, text]) => `  ${name.padEnd(8)} ${text}`)
  .join('\n')}

Options
  --messages N     messages per run                     (default 100000)
  --size N         bytes of text per message            (default 256)
  --window N,N…    unacknowledged messages in flight    (default 256,8192)
  --rounds N       runs of each row; medians are shown  (default 3)
  --api sdk|client surface to send with                 (default sdk)
  --quick          20000 messages, one round
  --json           one JSON object instead of a table
  --help           this text

Every run checks that all messages arrive once and in order; a run that does not ends the benchmark with exit code 1.
Figures of different machines, or of different runs on a busy one, cannot be compared: compare rows of one run.
`;

function numbers(text, name) {
  const list = text.split(',').map(Number);
  if (list.some((n) => !Number.isInteger(n) || n < 1)) {
    throw new Error(`--${name}: expected whole numbers from 1, got "${text}"`);
  }
  return list;
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      messages: { type: 'string' },
      size: { type: 'string', default: '256' },
      window: { type: 'string', default: '256,8192' },
      rounds: { type: 'string' },
      api: { type: 'string', default: 'sdk' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [measure] = positionals;
  if (values.help || measure === undefined) {
    process.stdout.write(HELP);
    return measure === undefined && !values.help ? 2 : 0;
  }
  if (!(measure in MEASURES)) {
    throw new Error(`unknown measure "${measure}"; there are: ${Object.keys(MEASURES).join(', ')}`);
  }
  if (values.api !== 'sdk' && values.api !== 'client')
    throw new Error(`--api: expected sdk or client, got "${values.api}"`);
  const [messages] = numbers(values.messages ?? (values.quick ? '20000' : '100000'), 'messages');
  const [rounds] = numbers(values.rounds ?? (values.quick ? '1' : '3'), 'rounds');
  const [size] = numbers(values.size, 'size');
  const { run } = await import(`./${measure}.mjs`);
  await run({ messages, rounds, size, windows: numbers(values.window, 'window'), api: values.api, json: values.json });
  return 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    process.stderr.write(`bench: ${error.message}\n`);
    process.exitCode = 1;
  },
);
