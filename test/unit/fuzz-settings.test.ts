// Random settings from a file, the environment and the command line. Whatever they are: they are taken, or refused in words
// that quote no secret, with the exit code of a wrong call; never a stack trace, and never a server option that its own check
// refuses for another reason.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { variableOf } from '../../lib/cli/config/environment.js';
import { settingsOf } from '../../lib/cli/config/field.js';
import { SERVER_SETTINGS } from '../../lib/cli/config/server-settings.js';
import { runProgram } from '../../lib/cli/program.js';
import { makeStyle } from '../../lib/cli/terminal/style.js';
import { FUZZ_TIMEOUT, fuzz } from '../integration/support/fuzz.js';
import type { Random } from '../integration/support/random.js';

const appId = '0123456789abcdef0123456789abcdef';
/** Stands in every secret, so that an answer which quotes one is noticed. */
const secret = 'fedcba9876543210fedcba9876543210';
const paths = [...settingsOf(SERVER_SETTINGS)].map(({ path }) => path);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtm-fuzz-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function check(args: readonly string[], env: NodeJS.ProcessEnv) {
  const lines: string[] = [];
  const say = (line = '') => void lines.push(line);
  const code = await runProgram(['server', ...args, '--check-config'], {
    input: process.stdin,
    output: process.stdout,
    env,
    style: makeStyle(false),
    interactive: false,
    print: say,
    warn: say,
    command: 'rtm',
    onInterrupt: () => () => {},
  });
  return { code, text: lines.join('\n') };
}

const scalars = (random: Random): unknown =>
  random.oneOf<() => unknown>([
    () => random.number32(),
    () => -random.number32(),
    () => random.below(100),
    () => random.uint32() / 7,
    () => random.text(random.below(20)),
    () => random.oneOf([true, false, null, '', 'sdk', 'off', 'EU', '127.0.0.1:1', 'rtms://a:1', 'redis://a:1']),
    () => appId,
  ])();

/** Settings whose values are secrets, or hold some. */
const secrets: Readonly<Record<string, (random: Random) => unknown>> = {
  apps: (random) => {
    const certificate = random.oneOf<unknown>([secret, `${secret}0`, [secret], { secret }, secret.slice(1)]);
    const app = random.oneOf<unknown>([{ appId, certificate }, { appId, certificates: certificate }, certificate]);
    return random.oneOf<unknown>([[app], app, [[app]], [app, app]]);
  },
  engine: (random) =>
    `${random.oneOf(['redis', 'rediss', 'http'])}://a:${secret}@${random.oneOf(['h:1', 'h', '', 'h:x'])}`,
  adminToken: (random) => random.oneOf<unknown>([secret, `${secret} `, [secret], secret.slice(0, 15)]),
};

function anyValue(random: Random, depth = 0): unknown {
  if (depth > 3 || random.below(3) > 0) return scalars(random);
  const size = random.below(4);
  if (random.below(2) === 0) return Array.from({ length: size }, () => anyValue(random, depth + 1));
  const names = ['appId', 'certificate', 'certificates', 'certFile', 'count', 'perSeconds', '__proto__', 'constructor'];
  return Object.fromEntries(Array.from({ length: size }, () => [random.oneOf(names), anyValue(random, depth + 1)]));
}

/** A file with some settings: most of known names, some of the right form. */
function fileOf(random: Random): string {
  const root: Record<string, unknown> = { apps: [{ appId, certificate: secret }] };
  for (let left = random.below(5); left > 0; left--) {
    const path = random.oneOf(paths);
    let at = root;
    for (const name of path.slice(0, -1)) {
      const next = at[name];
      const section = typeof next === 'object' && next !== null && !Array.isArray(next) ? next : {};
      at[name] = section;
      at = section as Record<string, unknown>;
    }
    at[path.at(-1) ?? ''] = (secrets[path.join('.')] ?? anyValue)(random);
  }
  const text = JSON.stringify(root, undefined, random.below(2));
  if (random.below(4) > 0) return text;
  // A piece of it is noise: YAML that does not parse, or parses as something else.
  const at = random.below(text.length);
  return (
    text.slice(0, at) +
    random.oneOf([random.text(3), '&a ', '*a', '!!js ', '---\n', '{', ']', '\t', '? ', '%']) +
    text.slice(at)
  );
}

function environmentOf(random: Random): NodeJS.ProcessEnv {
  const entries = Array.from({ length: random.below(3) }, () => {
    const path = random.oneOf(paths);
    const hidden = secrets[path.join('.')];
    const value = random.oneOf([
      String(hidden === undefined ? scalars(random) : `${appId}:${secret}`),
      'tcp://10.0.0.1:9136',
    ]);
    return [variableOf(path), value.replaceAll('\0', '')];
  });
  return Object.fromEntries(entries);
}

const argumentsOf = (random: Random): string[] =>
  random.oneOf<() => string[]>([
    () => [],
    () => ['--port', String(scalars(random))],
    () => ['--app', `${appId}:${secret}`],
    () => ['--admin', String(scalars(random))],
    () => ['--limits', String(scalars(random))],
    () => ['--admin-host', String(scalars(random))],
  ])();

it('settings, whatever they are, are taken or refused in words', { timeout: FUZZ_TIMEOUT }, async () => {
  await fuzz(async (random) => {
    const path = join(folder, 'rtm.yaml');
    const file = fileOf(random);
    writeFileSync(path, file);
    const [env, args] = [environmentOf(random), argumentsOf(random)];
    const { code, text } = await check(['--config', path, ...args], env);
    const given = JSON.stringify({ file, env, args });
    expect([0, 1, 2], `${given}\n${text}`).toContain(code);
    expect(text, given).not.toContain(secret);
    expect(text, given).not.toMatch(/\n\s+at |TypeError|undefined is not|Cannot read/);
    if (code !== 0) expect(text.trim(), given).not.toBe('');
  });
});
