// Logins are no way around the call frequencies, and have a frequency of their own: one token must not write without end
// by logging in again and again.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RtmClient, RtmServer } from '../../lib/index.js';

const appId = '0123456789abcdef0123456789abcdef';
/** Channel attribute writes that the SDK allows, and in how many milliseconds (docs/spec/limits.md §1). */
const writes = 100;
const windowMs = 5000;

let server: RtmServer;
let lines: string[];

beforeEach(async () => {
  lines = [];
  const log = (_level: string, line: string) => lines.push(line);
  server = await RtmServer.start({ host: '127.0.0.1', port: 0, apps: [{ appId }], loops: 2, log });
});
afterEach(() => server.close());

const login = (userId: string) => RtmClient.login({ appId, userId, endpoints: server.connectString, timeout: 10_000 });

const codeOf = (failure: unknown) => (failure as { code?: string }).code;

/** Writes until the server refuses; the number of writes that it took. */
async function writeAll(client: RtmClient): Promise<number> {
  const results = await Promise.allSettled(
    Array.from({ length: writes }, (_, index) => client.channelAttributes('room').set({ key: `value ${index}` })),
  );
  const refusals = results.flatMap((result) => (result.status === 'rejected' ? [codeOf(result.reason)] : []));
  expect(refusals.filter((code) => code !== 'ERR_RTM_TOO_OFTEN')).toEqual([]);
  return results.length - refusals.length;
}

describe('a user who logs in again and again', () => {
  it('writes no more attributes than one login allows, and others write as before', async () => {
    const [first, other] = await Promise.all([login('flooder'), login('other')]);
    const since = performance.now();
    let written = await writeAll(first);
    expect(written).toBe(writes);
    await first.logout();
    for (let again = 0; again < 6; ++again) {
      // Each client counts for itself, so only the server knows of the writes before.
      const client = await login('flooder');
      written += await writeAll(client);
      await other.channelAttributes('room').set({ other: String(again) });
      await client.logout();
    }
    const windows = Math.floor((performance.now() - since) / windowMs) + 1;
    expect(written).toBeLessThanOrEqual(windows * writes);
    await other.logout();
  });

  it('is refused with the code of the SDK, and others log in as before', async () => {
    const since = performance.now();
    const tries = 40;
    const results = await Promise.allSettled(Array.from({ length: tries }, () => login('flooder')));
    const seconds = (performance.now() - since) / 1000;
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [codeOf(result.reason)] : []));
    // Ten at once and two a second; what the others did to each other besides is no matter here.
    expect(refused.filter((code) => code === 'ERR_RTM_TOO_OFTEN').length).toBeGreaterThanOrEqual(
      tries - 10 - Math.ceil(2 * seconds),
    );
    const other = await login('other');
    await other.logout();
    expect(
      lines.filter((line) => /event=login-throttled address=127\.0\.0\.1 .*user="flooder"/.test(line)),
    ).not.toEqual([]);
    for (const result of results) if (result.status === 'fulfilled') await result.value.logout();
  });
});
