// The contract with programs that were built against the original headers: nothing in cpp/include may move. Each claim is
// proved twice, with today's headers and with copies in which one thing is changed.
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeAbiExpectations } from './abi-expectations.js';
import { root } from './cli-process.js';
import { withoutCpp } from './support/wire.js';

const patience = 60_000;
let folder: string;
let counts: ReturnType<typeof writeAbiExpectations>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtm-abi-'));
  counts = writeAbiExpectations(join(folder, 'expected'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program; its output, or what is wrong with it. */
function outputOf(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(command, args, { maxBuffer: 16 << 20 }, (_, stdout, stderr) => resolve(stdout + stderr));
  });
}

let copies = 0;

/** What the comparison says about headers in which `before` is replaced in one place. */
async function comparisonOf(header: string, before: string, after: string): Promise<string> {
  const include = join(folder, `include-${++copies}`);
  cpSync(join(root, 'cpp/include'), include, { recursive: true });
  const text = readFileSync(join(include, header), 'utf8');
  expect(text.split(before), `places with ${before}`).toHaveLength(2);
  writeFileSync(join(include, header), text.replace(before, after));
  const program = join(folder, `layout-${copies}`);
  const flags = ['-std=c++11', '-O0', `-I${include}`, `-I${join(folder, 'expected')}`];
  const errors = await outputOf('c++', [...flags, join(root, 'test/fixtures/abi_layout.cpp'), '-o', program]);
  return /error:/.test(errors) ? errors : await outputOf(program, []);
}

const service = 'IAgoraRtmService.h';
const calls = 'IAgoraRtmCallManager.h';

describe.skipIf(withoutCpp)('the drop-in headers', () => {
  it('have every slot, table, enumerator and struct where programs expect it', { timeout: patience }, async () => {
    expect(counts).toEqual({ methods: 169, enumerators: 209, members: 14 });
    const found = await comparisonOf(service, '#pragma once', '#pragma once');
    const tables = 13;
    const structs = 7;
    const all = counts.methods + counts.enumerators + counts.members + tables + structs;
    expect(found).toBe(`${all} compared, 0 different\n`);
  });

  const getId = 'virtual const char* getId() const = 0;';

  it.each([
    [
      'a virtual function in front of others',
      service,
      getId,
      `virtual void more() = 0;\n  ${getId}`,
      'IChannel::getId: expected slot',
    ],
    [
      'a virtual function behind the last',
      calls,
      'virtual void onRemoteInvitationCanceled(',
      'virtual void onMore() {}\n  virtual void onRemoteInvitationCanceled(',
      'IRtmCallEventHandler: expected length',
    ],
    [
      'a function that is no longer virtual',
      service,
      getId,
      'const char* getId() const { return nullptr; }',
      'IChannel::getId: expected slot',
    ],
    [
      'a changed parameter',
      service,
      'virtual void onMemberCountUpdated(int memberCount)',
      'virtual void onMemberCountUpdated(long memberCount)',
      'error:',
    ],
    [
      'a changed value',
      service,
      'PEER_MESSAGE_ERR_TOO_OFTEN = 5',
      'PEER_MESSAGE_ERR_TOO_OFTEN = 55',
      'PEER_MESSAGE_ERR_CODE::PEER_MESSAGE_ERR_TOO_OFTEN: expected value 5, found 55',
    ],
    ['a renamed enumerator', service, 'PEER_MESSAGE_ERR_TOO_OFTEN = 5', 'PEER_MESSAGE_ERR_OFTEN = 5', 'error:'],
    [
      'a member in front of others',
      service,
      '  const char* channelId;\n  /// Its members;',
      '  int more;\n  const char* channelId;\n  /// Its members;',
      'ChannelMemberCount::channelId: expected offset 0, found 8',
    ],
    [
      'a member behind the last',
      service,
      '  int count;',
      '  int count;\n  long more;',
      'ChannelMemberCount: expected size',
    ],
  ])('are told from a copy with %s', { timeout: patience }, async (_, header, before, after, message) => {
    const found = await comparisonOf(header, before, after);
    expect(found).toContain(message);
    expect(found).not.toContain(', 0 different');
  });
});
