// What the abuse suite counts as a failure.
import { describe, expect, it } from 'vitest';

// The suite is plain JavaScript without declarations.
const { sanitizedLine, sanitizedWrongs, wrongs } = await import(
  new URL('../../bench/abuse/report.mjs', import.meta.url).href
);

const MIB = 1024 * 1024;
const good = { done: 50, failed: 0, p50: 1, p99: 2 };
const users = { messages: good, stored: good, logins: good };
const row = {
  attack: 'half-tls',
  seconds: 10,
  done: 600,
  attacked: users,
  memoryMost: 40 * MIB,
  recoveredMs: 10,
};
const sanitized = { sanitizer: 'thread', rows: [row, row], exit: 'code 0', reports: [] as string[] };

describe('an attack', () => {
  it('passes if all that the users did went well', () => {
    expect(wrongs(row, { memory: 256 * MIB })).toEqual([]);
  });

  it.each([
    ['a login fails', { attacked: { ...users, logins: { ...good, failed: 1, why: 'TIMEOUT' } } }, '1 of 51 logins'],
    ['no message comes', { attacked: { ...users, messages: { ...good, done: 0 } } }, 'no messages in all that time'],
    ['memory passes its bound', { memoryMost: 257 * MIB }, 'RssAnon 257 MiB, above 256'],
    ['the attacker fails', { failed: 'no schema' }, 'the attacker failed: no schema'],
    ['nothing is as before', { recoveredMs: undefined }, 'not as before'],
    ['the server ends', { ended: true }, 'the server ended'],
  ])('fails if %s', (_name, change, why) => {
    expect(wrongs({ ...row, ...change }, { memory: 256 * MIB })).toEqual([expect.stringContaining(why)]);
  });
});

describe('a run under a sanitizer', () => {
  it('passes without a report, and says what the users did', () => {
    expect(sanitizedWrongs(sanitized)).toEqual([]);
    expect(sanitizedLine(sanitized)).toBe(
      'thread: 2 attacks in 20.0 s, 100 messages, 100 stored and 100 logins of the users; no reports, ' +
        'the server ended with code 0',
    );
  });

  it.each([
    ['the sanitizer reports a race', { reports: ['data race'] }, 'the sanitizer reported:\ndata race'],
    ['the server ends with another code', { exit: 'code 66' }, 'with code 0, it ended with code 66'],
    ['the server is killed', { exit: 'signal SIGKILL' }, 'it ended with signal SIGKILL'],
    ['no attack was played', { rows: [] }, 'no attack was played'],
    [
      'a message fails',
      { rows: [{ ...row, attacked: { ...users, messages: { ...good, failed: 2, why: 'TIMEOUT' } } }] },
      'half-tls: 2 of 52 messages failed (TIMEOUT)',
    ],
  ])('fails if %s', (_name, change, why) => {
    expect(sanitizedWrongs({ ...sanitized, ...change })).toEqual([expect.stringContaining(why)]);
  });
});
