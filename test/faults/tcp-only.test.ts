// A program that asks for TCP sends no datagram, neither for its logins nor for its files. The service context is that of the
// process, so these tests have a file of their own.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { RTM_CLOUD_PROXY_TYPE, setRtmServiceContext } from 'rtm-native';
import { afterEach, expect, it } from 'vitest';
import { startWorld } from '../integration/client-world.js';
import { FaultProxy } from './fault-proxy.js';

afterEach(() => expect(setRtmServiceContext({})).toBe(0));

/** One way. A handshake by TCP then takes longer than a search waits before it tries UDP. */
const DELAY_MS = 300;

/** Uploads over a slow network; resolves with the number of datagrams that came to the server's port of UDP meanwhile. */
async function datagramsOfAnUpload(proxyType: RTM_CLOUD_PROXY_TYPE): Promise<number> {
  expect(setRtmServiceContext({ proxyType })).toBe(0);
  const world = await startWorld();
  const proxy = await FaultProxy.start(world.server);
  const watched = createSocket('udp4');
  watched.bind(0, '127.0.0.1');
  await once(watched, 'listening');
  let datagrams = 0;
  watched.on('message', () => {
    datagrams += 1;
  });
  try {
    const client = await world.login('user', { endpoints: `${proxy.connectString}&udp=${watched.address().port}` });
    datagrams = 0; // a slow login by TCP may have tried UDP
    proxy.delay(DELAY_MS);
    await client.media.upload(import.meta.filename);
    proxy.delay(0);
    return datagrams;
  } finally {
    await world.end();
    await proxy.close();
    watched.close();
  }
}

it('a file is tried by UDP, too, if TCP is slow', async () => {
  expect(await datagramsOfAnUpload(RTM_CLOUD_PROXY_TYPE.RTM_NONE_PROXY)).toBeGreaterThan(0);
});

it('no file is tried by UDP in a process that asks for TCP', async () => {
  expect(await datagramsOfAnUpload(RTM_CLOUD_PROXY_TYPE.RTM_TCP_PROXY)).toBe(0);
});
