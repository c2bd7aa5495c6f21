// Whole clients and servers over UDP, through a way that loses, delays and doubles datagrams.
import { describe, expect, it, type TestContext } from 'vitest';
import { startWorld } from '../integration/client-world.js';
import { DatagramForwarder } from './datagram-forwarder.js';
import { Traffic } from './traffic.js';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function scene({ onTestFinished }: TestContext, seed: number) {
  const world = await startWorld({ limits: 'off', loops: 2, udp: true });
  const way = await DatagramForwarder.start(world.server.port, seed);
  onTestFinished(async () => {
    way.weather = {};
    way.dark = false;
    await world.end();
    way.close();
  });
  const byUdp = `rtmu://127.0.0.1:${way.port}#sha256=${world.server.fingerprint}`;
  return { world, way, byUdp };
}

describe.concurrent('over UDP', () => {
  it.for([0.05, 0.3, 0.4])('everything arrives once and in order at a loss of %d', async (loss, context) => {
    const { world, way, byUdp } = await scene(context, 7);
    way.weather = { loss, delayMs: 50, jitterMs: 5, doubled: 0.02 };
    const weak = await world.login('weak', { endpoints: byUdp });
    const still = await world.login('still');
    const traffic = new Traffic(weak, still);
    await traffic.join('room', []);
    const states: string[] = [];
    weak.on('state', ({ current, reason }) => states.push(`${current} ${reason}`));
    traffic.start({ peer: 50, channel: 20 });
    await pause(2000);
    await traffic.stop();
    await traffic.settle();
    traffic.toMoved.expectAll('to it');
    traffic.fromMoved.expectAll('from it');
    traffic.channelToMoved.expectAll('in the channel');
    context.expect(states).toEqual([]);
    context.expect(way.lost).toBeGreaterThan(0);
  });

  it('a change of the port in mid-stream is not noticed', async (context) => {
    const { world, way, byUdp } = await scene(context, 11);
    way.weather = { loss: 0.3, delayMs: 20 };
    const moved = await world.login('moved', { endpoints: byUdp });
    const still = await world.login('still');
    const traffic = new Traffic(moved, still);
    const states: string[] = [];
    moved.on('state', ({ current, reason }) => states.push(`${current} ${reason}`));
    await traffic.join('room', []);
    traffic.start({ peer: 100, channel: 10 });
    for (let i = 0; i < 4; i += 1) {
      await pause(400);
      way.changePorts();
    }
    await traffic.stop();
    await traffic.settle();
    traffic.toMoved.expectAll('to it');
    traffic.fromMoved.expectAll('from it');
    context.expect(states).toEqual([]);
  });

  it('a dark way delays messages, and loses none', async (context) => {
    const { world, way, byUdp } = await scene(context, 13);
    const moved = await world.login('moved', { endpoints: byUdp });
    const still = await world.login('still');
    const traffic = new Traffic(moved, still);
    await traffic.join('room', []);
    traffic.start({ peer: 50, channel: 10 });
    await pause(300);
    way.dark = true;
    await pause(2500);
    way.dark = false;
    await traffic.stop();
    await traffic.settle();
    traffic.toMoved.expectAll('to it');
    traffic.fromMoved.expectAll('from it');
  });

  it('a client whose UDP goes nowhere logs in by TCP', async (context) => {
    const { world, way } = await scene(context, 17);
    way.dark = true;
    const endpoint = `${world.server.connectString.replace('&udp=on', '')}&udp=${way.port}`;
    const client = await world.login('walled', { endpoints: endpoint });
    await client.sendToPeer('walled', 'to itself');
  });

  it('the connect string says that the server takes UDP', async (context) => {
    const { world } = await scene(context, 19);
    context.expect(world.server.connectString).toMatch(/^rtms:\/\/127\.0\.0\.1:\d+#sha256=[0-9a-f]{64}&udp=on$/);
  });
});

it('plaintext and UDP exclude each other', async () => {
  await expect(startWorld({ udp: true, tls: false })).rejects.toThrow('udp: expected tls');
});
