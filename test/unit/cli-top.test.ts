import { describe, expect, it } from 'vitest';
import { table } from '../../lib/cli/top/top-command.js';

const nothing = {
  sessions: 0,
  inboxes: 0,
  held: 0,
  channelAttributes: 0,
  userAttributes: 0,
  channels: 0,
  watches: 0,
  rings: 0,
  queues: 0,
  offline: 0,
};

describe('rtm top', () => {
  it('shows Apps and users in columns, each user with what it takes most for', () => {
    const [appA, appB] = ['a'.repeat(32), 'b'.repeat(32)];
    const lines = table({
      used: 96 * 1024 * 1024,
      limit: 1024 * 1024 * 1024,
      apps: [
        { appId: appA, bytes: 33 * 1024 * 1024 },
        { appId: appB, bytes: 0 },
      ],
      users: [
        {
          appId: appA,
          userId: 'mallory',
          bytes: 32 * 1024 * 1024,
          memory: { ...nothing, channelAttributes: 31.5 * 1024 * 1024, inboxes: 512 * 1024 },
        },
        // An id must not move the cursor of whoever looks.
        { appId: appA, userId: 'e\u001b[2J', bytes: 24_576, memory: { ...nothing, sessions: 24_576 } },
      ],
      channels: [{ appId: appB, channelId: 'room', bytes: 2048, members: 3 }],
    });
    expect(lines).toEqual([
      'memory 96.0 MiB of 1.0 GiB, 9 %',
      '',
      'APP                                  BYTES',
      `${appA}  33.0 MiB`,
      `${appB}       0 B`,
      '',
      'USER     APP          BYTES  MOST FOR',
      'mallory  aaaaaaaa  32.0 MiB  channelAttributes 31.5 MiB, inboxes 512 KiB',
      'e\ufffd[2J    aaaaaaaa  24.0 KiB  sessions 24.0 KiB',
      '',
      'CHANNEL  APP         BYTES  MEMBERS',
      'room     bbbbbbbb  2.0 KiB  3',
    ]);
  });

  it('says that nobody takes anything', () => {
    expect(table({ used: 0, limit: 0, apps: [], users: [], channels: [] }).at(-1)).toBe('No user takes any.');
  });
});
