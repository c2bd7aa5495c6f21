// One member of a channel stops reading under traffic.
import { expect, it, onTestFinished } from 'vitest';
import { startWorld, within } from '../integration/client-world.js';
import { FaultProxy } from './fault-proxy.js';

it('a reader that stops is cut off as slow, and slows no other client', async () => {
  const world = await startWorld({ limits: 'off' });
  const proxy = await FaultProxy.start(world.server);
  onTestFinished(async () => {
    proxy.mend();
    await world.end();
    await proxy.close();
  });
  const stalled = await world.login('stalled', { endpoints: proxy.connectString });
  const others = await Promise.all(Array.from({ length: 9 }, (_, index) => world.login(`other ${index}`)));
  const [stalledRoom, ...rooms] = await Promise.all([stalled, ...others].map((each) => each.join('room')));
  const [speaker, ...listeners] = rooms;
  const texts = Array.from({ length: 4000 }, (_, index) => `${index} ${'x'.repeat(4000)}`);
  const heard = listeners.map(async (room) => {
    let next = 0;
    for await (const { text } of room.messages({ limit: 10_000 })) {
      expect(text).toBe(texts[next]);
      if (++next === texts.length) return;
    }
  });
  proxy.freeze();
  for (let from = 0; from < texts.length; from += 200) {
    await Promise.all(texts.slice(from, from + 200).map((text) => speaker!.send(text)));
  }
  await within('the others hear everything', Promise.all(heard), 20_000);
  expect(world.server.stats().slowConsumers).toBe(1);
  expect(others.every((each) => each.state === 'connected')).toBe(true);

  // It resumes its session and its channel, after the newest messages it missed.
  const last = new Promise<void>((resolve) => {
    stalledRoom!.on('message', ({ text }) => text === 'the end' && resolve());
  });
  proxy.mend();
  await speaker!.send('the end');
  await within('the end', last, 20_000);
  expect(world.server.stats().logins).toBe(10);
});
