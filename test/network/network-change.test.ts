import { expect, it } from 'vitest';
import { canMakeNetworks, runInNetwork } from './namespace.js';

it.skipIf(!canMakeNetworks)('a client that waits for its next try makes it at once when an address comes', async () => {
  const { report } = await runInNetwork('dual', 'network-change.mjs', []);
  console.log(`back ${report['backMs']} ms after the address`);
  expect(report).toMatchObject({ noticed: true, resumes: 1 });
});
