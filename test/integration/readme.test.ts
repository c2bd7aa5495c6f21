// The programs that stand in README.md and docs/diagnostics.md: they compile, and they do what their comments say.
import { existsSync, mkdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endAll, Program, root } from './cli-process.js';
import { startWorld, type World, within } from './client-world.js';

/** Inside the package, so that programs find it by its name. */
const work = join(root, '.cache/readme');
/** What the reader has already when a program begins. */
const given = { appId: 'string', token: 'string', client: "import('rtm-native').RtmClient" };

function blocksOf(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```[tj]s\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
}

/** The only block that contains a text. */
function blockWith(text: string): string {
  const [block, ...others] = blocksOf('README.md').filter((each) => each.includes(text));
  expect(others).toEqual([]);
  return block as string;
}

function run(name: string, source: string): Program {
  const file = join(work, `${name}.mjs`);
  writeFileSync(file, source);
  return new Program(process.execPath, [file], { RTM_ENDPOINTS: undefined }, work);
}

/** Resolves when a file has appeared in the folder of the programs. */
function fileIn(name: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(work, () => {
      if (!existsSync(join(work, name))) return;
      watcher.close();
      resolve();
    });
  });
}

beforeAll(() => {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
});
afterAll(endAll);

it('the programs of the pages compile, as strictly as TypeScript can', async () => {
  const blocks = [...blocksOf('README.md'), ...blocksOf('docs/diagnostics.md')];
  expect(blocks.length).toBeGreaterThan(3);
  for (const [index, block] of blocks.entries()) {
    const declares = (name: string) => new RegExp(`\\bconst (?:\\{[^}]*)?\\b${name}\\b`).test(block);
    const missing = Object.entries(given).filter(([name]) => block.includes(name) && !declares(name));
    const lines = missing.map(([name, type]) => `declare const ${name}: ${type};\n`);
    writeFileSync(join(work, `block-${index + 1}.mts`), `${lines.join('')}${block}export {};\n`);
  }
  const compilerOptions = {
    target: 'ES2022',
    lib: ['ES2022', 'ESNext.Disposable'],
    module: 'NodeNext',
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    noEmit: true,
  };
  writeFileSync(join(work, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.mts'] }));
  const tsc = join(createRequire(import.meta.url).resolve('typescript/package.json'), '..', 'bin/tsc');
  const compiled = new Program(process.execPath, [tsc, '-p', work, '--pretty', 'false']);
  expect([await compiled.exit(25_000), compiled.output]).toEqual([0, '']);
});

/** The members of an interface, without internal ones and without members of members. */
function membersOf(file: string, name: string): string[] {
  const source = readFileSync(join(root, file), 'utf8');
  const [, body = ''] = new RegExp(`^export interface ${name}\\b.*?\\{\\n(.*?)^\\}`, 'ms').exec(source) ?? [];
  const open = body.replaceAll(/\/\*\*(?:(?!\*\/).)*@internal(?:(?!\*\/).)*\*\/\s*readonly \w+/gs, '');
  return [...open.matchAll(/^ {2}readonly (\w+)/gm)].map(([, member = '']) => member);
}

/** The options in the first column of the table below a heading: `limits`, or `limits.base` for a member of it. */
function optionsBelow(heading: string): string[] {
  const [, part = ''] = readFileSync(join(root, 'README.md'), 'utf8').split(`### ${heading}\n`);
  const [table = ''] = part.split('\n#');
  const cells = [...table.matchAll(/^\| ([^|]*) \|/gm)].map(([, cell = '']) => cell);
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)(?:\.\w+)?`/g)].map(([, word = '']) => word));
}

it('the tables of README have every option, and no other', () => {
  const call = ['signal', 'timeout'];
  const login = [...membersOf('lib/client/options.ts', 'LoginOptions'), ...call];
  expect(optionsBelow('Options of `RtmClient.login()`').sort()).toEqual(login.sort());
  const server = [
    ...membersOf('lib/server/options/server-options.ts', 'RtmServerOptions'),
    ...membersOf('lib/server/options/setting-types.ts', 'RtmServerSettings'),
  ];
  expect(optionsBelow('Options of `RtmServer.start()`').sort()).toEqual([...new Set(server)].sort());
  const reading = membersOf('lib/client/options.ts', 'MessagesOptions');
  expect(optionsBelow('Reading messages').sort()).toEqual(reading.sort());
});

describe('README.md', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.end());

  /** A program of README, with what its reader fills in. */
  function filledIn(block: string, userId: string): string {
    const values = { appId: world.appId, token: world.token(userId) };
    const lines = Object.entries(values).map(([name, value]) => `const ${name} = ${JSON.stringify(value)};\n`);
    return lines.join('') + block.replace('rtms://chat.example.org:9136', world.server.connectString);
  }

  it('shows a client that talks with bob', async () => {
    const bob = await world.login('bob');
    bob.calls.on('invitation', (invitation) => void invitation.accept('coming'));
    const program = run('client', filledIn(blockWith("client.calls.invite('bob'"), 'alice'));
    await program.shows(/^delivered$/m);
    await program.shows(/^\[ \{ userId: 'bob', state: 'online' \} \]$/m);
    await program.shows(/outcome: 'accepted'.*response: 'coming'/s);
    const messages = bob.messages();
    const next = async () => (await within('a message', messages.next())).value;
    expect(await next()).toMatchObject({ from: 'alice', text: 'hello' });
    await bob.join('lobby');
    await program.shows(/^bob is here$/m);
    await bob.sendToPeer('alice', 'an echo, please');
    expect(await next()).toMatchObject({ from: 'alice', text: 'an echo, please' });
    const ended = (await bob.calls.invite('alice')).ended;
    expect(await within('the answer', ended)).toMatchObject({ outcome: 'accepted', response: 'on my way' });
    program.signal('SIGTERM');
    expect(await program.exit()).toBe('SIGTERM');
    expect(program.errors).toBe('');
    await bob.logout();
  });

  it('shows a client that goes on when bob is not online', async () => {
    const program = run(
      'alone',
      filledIn(blockWith("client.calls.invite('bob'"), 'carol').replace("'alice'", "'carol'"),
    );
    await program.shows(/^bob is not online$/m);
    program.signal('SIGTERM');
    await program.exit();
  });

  it('shows a server in the same process', async () => {
    const program = run('server', blockWith('RtmServer.start('));
    await program.shows(/^rtms:\/\/127\.0\.0\.1:\d+#sha256=\S+$/m);
    program.signal('SIGTERM');
    expect(await program.exit()).toBe('SIGTERM');
    expect(program.errors).toBe('');
  });

  it('shows how an image goes to bob, and how to fetch one', async () => {
    // The head of a PNG of 3 by 2 pixels.
    const png = Buffer.from('89504e470d0a1a0a0000000d494844520000000300000002080600000000000000', 'hex');
    writeFileSync(join(work, 'cat.jpg'), png);
    const login = `import { RtmClient } from 'rtm-native';
      const client = await RtmClient.login({ appId, userId: 'alice', token, endpoints: 'rtms://chat.example.org:9136' });\n`;
    const bob = await world.login('bob');
    const program = run('media', filledIn(login + blockWith('client.media.uploadImage('), 'alice'));
    const { value: image } = await within('the image', bob.messages().next());
    expect(image).toMatchObject({ from: 'alice', type: 'image', description: 'my cat', size: png.length });
    const appeared = fileIn('received.jpg');
    if (image?.type !== 'image') throw new Error(`expected an image, received ${image?.type}`);
    await bob.sendToPeer('alice', image);
    await within('received.jpg', appeared);
    expect(readFileSync(join(work, 'received.jpg')).equals(png)).toBe(true);
    program.signal('SIGTERM');
    await program.exit();
    await bob.logout();
  });
});
