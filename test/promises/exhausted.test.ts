// File descriptors used up: one line that says what to do, and a number for the alarm.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { RtmClient } from '../../lib/client/rtm-client.js';
import { fixture } from './fixture.js';

const appId = '0123456789abcdef0123456789abcdef';

it('a server without a file descriptor says so once, with the limit, and takes the client when there is one', async () => {
  const command = `ulimit -n 256; exec "${process.execPath}" "${fixture('exhausted.mjs')}"`;
  const child = spawn('bash', ['-c', command], { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  try {
    const heard = (text: string) => vi.waitFor(() => expect(output).toContain(text), 20_000);
    child.stdin.write('take all\n');
    await heard('EMFILE behind many');
    const endpoints = /clients come to (.*)/.exec(output)?.[1] as string;
    const login = RtmClient.login({ appId, userId: 'ann', endpoints });
    await heard('used up');
    child.stdin.write('free them\n');
    const client = await login;
    const closed = once(child, 'close');
    child.stdin.write('end\n');
    await heard('waits: some');
    await Promise.all([client.logout(), closed]);
    expect(output.match(/^.*used up.*$/gm)).toEqual([
      'warning file descriptors used up, new connections wait: this process may have 256 (RLIMIT_NOFILE, hard limit 256); ' +
        'raise the limit (ulimit -n, LimitNOFILE= of a systemd unit) or set maxConnections event=exhausted',
    ]);
    expect(child.exitCode).toBe(0);
  } finally {
    child.kill('SIGKILL');
  }
});
