// Clients of a server that stops move to another server under traffic: no call fails, and no message comes twice.
import { type RtmClient, RtmServer } from 'rtm-native';
import { expect, it } from 'vitest';
import { makeIdentity } from '../network/killable-server.js';
import { startWorld, within } from './client-world.js';

const PAIRS = 20;

it('no send fails while clients move, be it alone or one of many under way', { timeout: 90_000 }, async () => {
  const tls = makeIdentity(); // one certificate: the second server is trusted where the first was
  const own = await startWorld({ limits: 'off', tls });
  const apps = [{ appId: own.appId, certificate: own.appCertificate }];
  const second = await RtmServer.start({ host: '127.0.0.1', port: 0, apps, limits: 'off', tls });
  const parameters = { 'rtm.timing': { peer_message_ms: 20_000, channel_message_ms: 20_000 } };
  const bots: RtmClient[] = await Promise.all(
    Array.from({ length: 2 * PAIRS }, (_, index) => own.login(`bot ${index}`, { parameters })),
  );
  const rooms = await Promise.all(bots.map((bot, index) => bot.join(`room ${index >> 1}`)));
  const received = new Map<string, number>();
  for (const bot of bots)
    bot.on('message', ({ text }) => received.set(text ?? '', (received.get(text ?? '') ?? 0) + 1));

  const outcomes = new Map<string, number>();
  const note = (what: string) => outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
  const delivered: string[] = [];
  let running = true;
  const work = bots.map(async (bot, index) => {
    for (let n = 0; running; n++) {
      // Every second bot has 50 sends under way at a time, the others one.
      const texts = Array.from({ length: index % 2 === 0 ? 50 : 1 }, (_, i) => `${index} ${n} ${i}`);
      await Promise.all(
        texts.flatMap((text) => [
          rooms[index]?.send(text).then(
            () => note('channel'),
            (error: { code: string }) => note(`channel ${error.code}`),
          ),
          bot.sendToPeer(`bot ${index ^ 1}`, text).then(
            () => {
              delivered.push(text);
              note('peer');
            },
            (error: { code: string }) => note(`peer ${error.code}`),
          ),
        ]),
      );
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  const drained = own.server.drain({ endpoints: second.connectString, overMs: 1000 });
  await within('the drain', drained, 30_000);
  await own.server.close();
  while (second.stats().sessions < bots.length) await new Promise((resolve) => setImmediate(resolve));
  const before = delivered.length;
  while (delivered.length < before + 100) await new Promise((resolve) => setTimeout(resolve, 5));
  running = false;
  await within('the last sends', Promise.all(work), 30_000);

  // Two users on two servers that know nothing of each other cannot reach each other: that is said, and nothing else.
  const failures = [...outcomes].filter(([what]) => what.includes('ERR') && what !== 'peer ERR_RTM_PEER_UNREACHABLE');
  expect(failures).toEqual([]);
  for (const text of delivered) expect(received.get(text), text).toBe(1);
  expect([...received.values()].every((count) => count === 1)).toBe(true);
  await own.end();
  await second.close();
});
