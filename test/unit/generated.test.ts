// The check of the generated files, in a copy of the project in which a description has changed.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = new URL('../..', import.meta.url).pathname;
const attributes = readFileSync(join(root, '.gitattributes'), 'utf8');
const generated = [...attributes.matchAll(/^(\S+) linguist-generated$/gm)].map(([, path]) => path as string);

let copy: string;

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'rtm-generated-'));
  for (const path of [
    'scripts',
    'docs/configuration.md', // has generated parts
    'proto',
    'package.json',
    'biome.json',
    '.clang-format',
    '.gitignore',
    '.gitattributes',
    ...generated,
  ]) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});

afterEach(() => {
  rmSync(copy, { recursive: true, force: true });
});

function generate(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/generate.mjs', ...args], {
    cwd: copy,
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

function change(path: string, from: string, to: string): void {
  const text = readFileSync(join(copy, path), 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(copy, path), text.replace(from, to));
}

// It formats what it generates.
const formats = process.env['CI'] !== undefined || spawnSync('clang-format', ['--version']).status === 0;

describe.skipIf(!formats)('the check of the generated files', { timeout: 60_000 }, () => {
  it('passes while every file matches its description', () => {
    expect(generate('--check')).toMatchObject({ status: 0 });
  });

  it('fails and names the file when a field was added to the description only, until npm run generate', () => {
    change('proto/rtm.proto', '  uint32 grace_ms = 10;', '  bool returning = 11;\n  uint32 grace_ms = 10;');
    const stale = generate('--check');
    expect(stale.status).toBe(1);
    expect(stale.output).toContain('cpp/wire/session_messages.hpp: stale');
    expect(stale.output).toContain('proto/rtm.proto');
    expect(generate()).toMatchObject({ status: 0 });
    expect(readFileSync(join(copy, 'cpp/wire/session_messages.hpp'), 'utf8')).toContain('&LoginResult::returning');
    expect(generate('--check')).toMatchObject({ status: 0 });
  });

  it('fails when one description of many places changed, and names each place', () => {
    change('proto/server-settings.mjs', 'queryPeers: { sdk: 256', 'queryPeers: { sdk: 300');
    change('proto/engine-constants.mjs', 'value: 32,', 'value: 64,');
    change(
      'proto/events.mjs',
      "event('MemberCount', 49, { count: 'word' })",
      "event('MemberCount', 49, { count: 'number' })",
    );
    const stale = generate('--check');
    expect(stale.status).toBe(1);
    const named = [...stale.output.matchAll(/^ {2}(\S+): stale/gm)].map(([, path]) => path);
    expect(named).toEqual([
      'cpp/binding/event_kinds.hpp',
      'cpp/binding/events/event_records.hpp',
      'lib/native/decode-events.ts',
      'cpp/wire/sdk_limits.hpp',
      'cpp/server/engine/seam/engine_constants.hpp',
      'lib/server/cluster/redis/scripts/constants.lua',
      'lib/server/cluster/engine-constants.ts',
    ]);
  });

  it('brings a new setting, in a group of its own or among the limits, to every place that needs it', () => {
    const bounds = "type: 'std::uint32_t', least: 1, most: 4096, byDefault: 32, about: 'messages that are kept'";
    const member = `messages: { cpp: 'engineParameters.ring.messages', engine: 'replayMessages', ${bounds} }`;
    const group = `replay: { ts: 'RtmServerReplay', about: 'What is replayed.', settings: { ${member} } },`;
    change(
      'proto/server-settings.mjs',
      "  media: {\n    cpp: 'MediaSettings'",
      `  ${group}\n  media: {\n    cpp: 'MediaSettings'`,
    );
    change('proto/server-settings.mjs', "  'media.*': 'media',", "  'media.*': 'media',\n  'replay.*': 'replay',");
    const limit =
      "{ sdk: 5, most: 9, cpp: 'engineParameters.line.messages', engine: 'inboxMessages', about: 'unread' }";
    change('proto/server-settings.mjs', '  queryPeers: {', `  inboxMessages: ${limit},\n  queryPeers: {`);
    change(
      'proto/redis-functions.mjs',
      "    historyRecord: 'bytes',",
      "    replayMessages: 'setting',\n    historyRecord: 'bytes',",
    );
    change(
      'proto/server-settings.mjs',
      '  historyOpen: flag(',
      "  guests: flag(true, 'users are let in'),\n  historyOpen: flag(",
    );
    expect(generate()).toMatchObject({ status: 0 });
    const places = {
      'cpp/binding/arguments/server_settings.hpp': [
        'replay.override("messages", options.engineParameters.ring.messages);',
        'given.override("inboxMessages", options.engineParameters.line.messages);',
        'given.override("guests", options.guests);',
      ],
      'cpp/server/settings.hpp': ['bool guests = true;'],
      'cpp/server/validate_settings.hpp': [
        '{"replay.messages", parameters.ring.messages, 1, 4096}',
        '{"limits.inboxMessages", parameters.line.messages, 1, 9}',
      ],
      'cpp/server/engine/seam/engine_constants.hpp': [
        'inline constexpr std::uint32_t kRingMessages = 32;',
        'inline constexpr std::uint32_t kLineMessages = 5;',
      ],
      'lib/server/options/setting-types.ts': [
        'readonly replay?: RtmServerReplay | undefined;',
        'readonly inboxMessages?: number | undefined;',
        'readonly guests?: boolean | undefined;',
      ],
      'lib/server/options/settings.ts': [
        'guests: { byDefault: true,',
        "'guests',",
        "'replay',",
        'inboxMessages: { least: 0, most: 9, byDefault: undefined,',
      ],
      'lib/server/cluster/engine-settings.ts': [
        "replayMessages: given.groups['replay']?.['messages'],",
        "inboxMessages: given.limits.values['inboxMessages'],",
        'replayMessages: given.replayMessages ?? 32,',
        'inboxMessages: given.inboxMessages ?? 5,',
      ],
      'lib/server/cluster/redis/script-arguments.ts': ['String(settings.replayMessages),'],
      'lib/server/cluster/redis/scripts/arguments.lua': ['replayMessages = '],
      'docs/configuration.md': ['| `replay.messages` |', '| `limits.inboxMessages` |', '| `guests` |'],
    };
    for (const [path, lines] of Object.entries(places)) {
      const text = readFileSync(join(copy, path), 'utf8');
      for (const line of lines) expect(text, path).toContain(line);
    }
  });

  it('brings a field of a record, and a value of an enumeration, to both languages and to Redis', () => {
    change('proto/bridge.mjs', "      receiverId: 'text',", "      receiverId: 'text',\n      urgent: 'flag',");
    change('proto/bridge.mjs', "      endMs: 'number',", "      endMs: 'number',\n      words: 'text',");
    change(
      'proto/bridge.mjs',
      "      restores: 'flag in C++',",
      "      restores: 'flag in C++',\n      hops: 'word in C++',",
    );
    change('proto/bridge.mjs', "      rebuild: 'flag in C++',", "      rebuild: 'flag in C++',\n      moves: 'word',");
    change('proto/bridge.mjs', "GraceOver: ''", "GraceOver: '', Moved: 'The user lives elsewhere.'");
    change('proto/rtm.proto', 'OFFLINE = 2; }', 'OFFLINE = 2; AWAY = 3; }');
    change(
      'proto/rtm.proto',
      '  HISTORY_NOT_ALLOWED = 4;',
      '  HISTORY_BUSY = 6; // too many at once\n  HISTORY_NOT_ALLOWED = 4;',
    );
    expect(generate()).toMatchObject({ status: 0 });
    const places = {
      'cpp/server/engine/seam/operation_records.hpp': [
        'bool urgent = false;',
        'std::uint32_t hops = 0;',
        'std::uint32_t moves = 0;',
        'Moved = 5,',
      ],
      'cpp/server/model/stored_records.hpp': ['std::string words;'],
      'cpp/server/bridge/bridge_records.hpp': ['.flag(in.urgent)', '.text(in.words)', 'out.moves = in.word();'],
      'lib/server/cluster/engine-seam.ts': [
        'readonly urgent: boolean;',
        'readonly moves: number;',
        'Moved: 5,',
        'Away: 3,',
      ],
      'lib/server/storage/stored-records.ts': ['readonly words: string;'],
      'lib/server/bridge/records.ts': ['urgent: reader.flag(),', 'words: reader.text(),', '.word(value.moves)'],
      'lib/server/cluster/redis/scripts/constants.lua': ["Moved = '5'", "Away = '3'"],
      'cpp/client/api/own_codes.hpp': ['/// Callback: too many at once.', 'Busy = 6,'],
      'lib/own-codes.ts': ['HISTORY_ERR_BUSY: 6,'],
    };
    for (const [path, lines] of Object.entries(places)) {
      const text = readFileSync(join(copy, path), 'utf8');
      for (const line of lines) expect(text, path).toContain(line);
    }
    const records = [
      'cpp/server/bridge/bridge_records.hpp',
      'lib/server/bridge/records.ts',
      'lib/server/cluster/engine-seam.ts',
    ];
    for (const path of records) expect(readFileSync(join(copy, path), 'utf8'), path).not.toContain('hops');
  });

  it('brings a level of the log, a code of the server, and a choice to every place that needs it', () => {
    change(
      'proto/common-constants.mjs',
      '  debug: {',
      "  trace: { bit: 0x10, inFile: 'TRACE', json: 'trace' },\n  debug: {",
    );
    change('proto/server-codes.mjs', '      InvalidMessage: 7,', '      InvalidMessage: 7,\n      Busy: 9,');
    change('proto/server-settings.mjs', "{ values: ['all', 'members']", "{ values: ['all', 'members', 'nobody']");
    expect(generate()).toMatchObject({ status: 0 });
    const places = {
      'cpp/base/log_levels.hpp': ['Trace = 0x10', 'kLogLevels = 0x81f', 'return "TRACE";'],
      'lib/log-levels.ts': ['trace: 0x10,', "trace: 'trace',"],
      'cpp/server/model/codes.hpp': ['inline constexpr std::uint32_t kBusy = 9;'],
      'test/cpp/integration/codes_test.cpp': ['kSame<code::peer::kBusy, PEER_MESSAGE_ERR_BUSY>'],
      'lib/server/cluster/codes.ts': ['Busy: 9,'],
      'lib/server/cluster/redis/scripts/constants.lua': ["Busy = '9'"],
      'cpp/server/settings.hpp': ['enum class ChannelAttributesWriters : std::uint8_t { All, Members, Nobody };'],
      'lib/server/options/settings.ts': ["values: ['all', 'members', 'nobody']"],
      'lib/server/options/setting-types.ts': ["'all' | 'members' | 'nobody'"],
    };
    for (const [path, lines] of Object.entries(places)) {
      const text = readFileSync(join(copy, path), 'utf8');
      for (const line of lines) expect(text, path).toContain(line);
    }
  });

  it('gives no two codes one number', () => {
    change('proto/rtm.proto', '  HISTORY_NOT_ALLOWED = 4;', '  HISTORY_BUSY = 5;\n  HISTORY_NOT_ALLOWED = 4;');
    const stale = generate();
    expect(stale.status).toBe(1);
    expect(stale.output).toContain('HistoryCode.TIMEOUT: 5 is taken; expected another number');
  });

  it('makes nothing of a setting that nothing reads', () => {
    change('proto/server-settings.mjs', "        engine: 'leaseMs',\n", '');
    const stale = generate();
    expect(stale.status).toBe(1);
    expect(stale.output).toContain('nothing reads times.lease; expected "cpp", "type" or "engine"');
  });

  it('makes nothing of a setting that a cluster would ignore', () => {
    change('proto/server-settings.mjs', "        engine: 'attributeAfterlifeMs',\n", '');
    const stale = generate();
    expect(stale.status).toBe(1);
    expect(stale.output).toContain('a cluster ignores times.attributes; expected its name there ("engine")');
  });

  it('gives no function of Redis a setting that there is not', () => {
    change('proto/redis-functions.mjs', "noticeLimit: 'setting'", "noticesLimit: 'setting'");
    const stale = generate();
    expect(stale.status).toBe(1);
    expect(stale.output).toContain('join.noticesLimit: expected a setting of server-settings.mjs');
  });

  it('fails when a generated file was edited', () => {
    change('cpp/wire/kinds.hpp', 'Overloaded = 11', 'Overloaded = 13');
    const stale = generate('--check');
    expect(stale.status).toBe(1);
    expect(stale.output).toContain('cpp/wire/kinds.hpp: stale');
  });
});
