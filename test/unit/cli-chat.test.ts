import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { Chat, type ChatView } from '../../lib/cli/chat/chat.js';
import { parseChatInput } from '../../lib/cli/chat/chat-input.js';
import { ChatLines } from '../../lib/cli/chat/chat-lines.js';
import { columnsOf, hexdump, printable, shellWord } from '../../lib/cli/terminal/printable.js';
import { makeStyle, wantsColor } from '../../lib/cli/terminal/style.js';
import type { RtmClient } from '../../lib/client/rtm-client.js';
import { RtmError } from '../../lib/errors.js';

const noon = new Date(2024, 0, 1, 12, 0, 5).getTime();

describe('typed lines', () => {
  it.each([
    ['hello', { kind: 'say', text: 'hello' }],
    ['  keeps its spaces ', { kind: 'say', text: '  keeps its spaces ' }],
    ['//path', { kind: 'say', text: '/path' }],
    ['   ', { kind: 'nothing' }],
    ['/join  a room ', { kind: 'join', channelId: 'a room' }],
    ['/peer bob', { kind: 'peer', userId: 'bob' }],
    ['/leave', { kind: 'leave', channelId: undefined }],
    ['/leave lobby', { kind: 'leave', channelId: 'lobby' }],
    ['/members', { kind: 'members' }],
    ['/help', { kind: 'help' }],
    ['/quit', { kind: 'quit' }],
    ['/join', { kind: 'mistake', message: expect.stringContaining('/join <channel>') }],
    ['/dance', { kind: 'mistake', message: expect.stringContaining('/help') }],
  ])('%j is understood', (line, expected) => {
    expect(parseChatInput(line)).toEqual(expected);
  });
});

describe('text from the network', () => {
  it('cannot move the cursor, repaint, ring or run backwards', () => {
    expect(printable('a\u001b[2Jb\u0007c\u009bd\u202ee\rf')).toBe('a\ufffd[2Jb\ufffdc\ufffdd\ufffde\ufffdf');
  });

  it('keeps tabs, emoji and other scripts, and indents further lines', () => {
    expect(printable('a\tb 😀 你好\r\nsecond')).toBe('a\tb 😀 你好\n    second');
  });

  it('shows the beginning of bytes', () => {
    expect(hexdump(new Uint8Array([0]))).toBe('[1 byte] 00');
    expect(hexdump(new Uint8Array(100))).toBe(`[100 bytes] ${'00 '.repeat(24)}…`);
    expect(hexdump(new Uint8Array(0))).toBe('[0 bytes]');
  });

  it('is measured in columns', () => {
    expect(['abc', '你好', '😀', 'e\u0301', ''].map(columnsOf)).toEqual([3, 4, 2, 1, 0]);
  });

  it('is quoted for a shell where needed', () => {
    expect(shellWord('rtms://127.0.0.1:9136')).toBe('rtms://127.0.0.1:9136');
    expect(shellWord('rtms://a#sha256=1')).toBe("'rtms://a#sha256=1'");
    expect(shellWord("it's")).toBe("'it'\\''s'");
  });
});

describe('colours', () => {
  it('follow NO_COLOR, FORCE_COLOR, and the terminal, in this order', () => {
    expect(wantsColor({ isTTY: true }, {})).toBe(true);
    expect(wantsColor({ isTTY: true }, { NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(false);
    expect(wantsColor({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
    expect(wantsColor({}, {})).toBe(false);
    expect(wantsColor({}, { FORCE_COLOR: '1' })).toBe(true);
    expect(wantsColor({ isTTY: true }, { FORCE_COLOR: '0' })).toBe(false);
    expect(makeStyle(true).red('x')).toBe('\u001b[31mx\u001b[39m');
    expect(makeStyle(false).red('x')).toBe('x');
  });
});

describe('lines of a chat', () => {
  const lines = new ChatLines(makeStyle(false), () => noon);
  const bob = { kind: 'peer', id: 'bob' } as const;
  const base = { from: 'bob', messageId: 1, timestamp: noon };

  it('show messages that arrive', () => {
    expect(lines.received({ ...base, type: 'text', text: 'hi', offline: false })).toBe('12:00:05 bob: hi');
    expect(lines.received({ ...base, type: 'text', text: 'hi', offline: true })).toContain('while you were away');
    expect(
      lines.received({ ...base, channelId: 'lobby', type: 'raw', raw: new Uint8Array([255]), description: 'x' }),
    ).toBe('12:00:05 #lobby bob: x [1 byte] ff');
  });

  it('show the outcome of a message', () => {
    expect(lines.sent(bob, 'hi', 'delivered')).toBe('12:00:05 you → bob: hi ✓✓');
    expect(lines.sent({ kind: 'channel', id: 'lobby' }, 'hi', 'accepted')).toBe('12:00:05 #lobby you: hi ✓');
    expect(lines.failed(bob, 'hi', RtmError.from('sendMessageToPeer', 3))).toContain('✗ bob is not online');
    expect(lines.failed(bob, 'hi', RtmError.from('sendMessageToPeer', 2))).toContain('it may still arrive');
  });
});

/** A chat whose typed lines, client and screen are in the hands of the test. */
function makeSession(typed: string[], interactive = false) {
  const shown: string[] = [];
  const prompts: string[] = [];
  const channel = Object.assign(new EventEmitter(), {
    id: 'lobby',
    send: vi.fn(async (_text: string) => ({ messageId: 2 })),
    members: vi.fn(async () => ['carol', 'alice']),
    leave: vi.fn(async () => {}),
  });
  const client = Object.assign(new EventEmitter(), {
    sendToPeer: vi.fn(async (_peer: string, _text: string) => ({ messageId: 1, delivery: 'delivered' as const })),
    join: vi.fn(async (_id: string) => channel),
  });
  const view: ChatView = {
    async *lines() {
      yield* typed;
    },
    setPrompt: (prompt) => void prompts.push(prompt),
    print: (line) => void shown.push(line.replace(/^\d\d:\d\d:\d\d /, '')),
    close: vi.fn(),
  };
  const session = new Chat(client as never as RtmClient, view, new ChatLines(makeStyle(false)), interactive);
  return { session, client, channel, view, shown, prompts };
}

describe('a chat', () => {
  it('sends a typed line and shows that it was delivered', async () => {
    const { session, client, shown, prompts } = makeSession(['one', 'two', '/quit', 'three']);
    await session.open({ kind: 'peer', id: 'bob' });
    await session.run();
    expect(client.sendToPeer.mock.calls).toEqual([
      ['bob', 'one'],
      ['bob', 'two'],
    ]);
    expect(shown).toEqual(['you → bob: one ✓✓', 'you → bob: two ✓✓']);
    expect(prompts).toEqual(['bob> ']);
    expect(session.failed).toBe(false);
  });

  it('waits for each result in a pipe, so that nothing overtakes and nothing is cut off', async () => {
    const { session, client, shown } = makeSession(['one', 'two']);
    let running = 0;
    client.sendToPeer.mockImplementation(async () => {
      expect(running++).toBe(0);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return { messageId: 1, delivery: 'delivered' };
    });
    await session.open({ kind: 'peer', id: 'bob' });
    await session.run();
    expect(shown).toHaveLength(2);
  });

  it('joins, talks, lists and leaves channels', async () => {
    const { session, channel, shown, prompts } = makeSession(['/join lobby', 'hi', '/members', '/leave', 'to nobody']);
    await session.open(undefined);
    await session.run();
    expect(channel.send).toHaveBeenCalledWith('hi');
    expect(channel.leave).toHaveBeenCalledTimes(1);
    expect(shown).toEqual([
      '· you joined #lobby: alice, carol',
      '#lobby you: hi ✓',
      '· alice, carol',
      '· you left #lobby',
      '! to whom? /peer <user> or /join <channel>',
    ]);
    expect(prompts).toEqual(['> ', '#lobby> ', '> ']);
    expect(session.failed).toBe(true);
  });

  it('says why a message failed, and that something failed', async () => {
    const { session, client, shown } = makeSession(['hi']);
    client.sendToPeer.mockRejectedValue(RtmError.from('sendMessageToPeer', 3));
    await session.open({ kind: 'peer', id: 'bob' });
    await session.run();
    expect(shown).toEqual(['you → bob: hi ✗ bob is not online']);
    expect(session.failed).toBe(true);
  });

  it('shows messages and notices as they come, and answers the first writer', async () => {
    const { session, client, channel, shown, prompts } = makeSession(['hi back', '/join lobby']);
    await session.open(undefined);
    client.emit('message', { type: 'text', from: 'bob', text: 'hi', timestamp: noon, messageId: 1, offline: false });
    await session.run();
    channel.emit('memberJoined', { channelId: 'lobby', userId: 'dave' });
    expect(client.sendToPeer).toHaveBeenCalledWith('bob', 'hi back');
    expect(shown).toEqual([
      'bob: hi',
      'you → bob: hi back ✓✓',
      '· you joined #lobby: alice, carol',
      '· dave joined #lobby',
    ]);
    expect(prompts).toEqual(['> ', 'bob> ', '#lobby> ']);
  });

  it('ends when the server ends the login', async () => {
    const { session, client, view, shown } = makeSession([]);
    const error = new RtmError('ERR_RTM_REMOTE_LOGIN', 'alice has logged in elsewhere');
    client.emit('state', { previous: 'connected', current: 'aborted', reason: 'remoteLogin', reasonCode: 8, error });
    expect(shown).toEqual(['! alice has logged in elsewhere']);
    expect(view.close).toHaveBeenCalled();
    expect(session.failed).toBe(true);
  });
});
