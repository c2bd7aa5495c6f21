import { expect, it } from 'vitest';
import { canMakeNetworks, runInNetwork } from './namespace.js';

it.skipIf(!canMakeNetworks)(
  'over a link that loses every tenth packet everything arrives, once and in order',
  async (context) => {
    const count = 500;
    const { report } = await runInNetwork('dual', 'lossy.mjs', [String(count)]);
    if (report['skipped'] !== undefined) {
      console.warn(`skipped: iptables cannot lose packets here: ${report['skipped']}`);
      return context.skip();
    }
    console.log(`10 % loss: ${JSON.stringify(report)}`);
    expect(report).toMatchObject({ delivered: 2 * count, inOrder: true, sessions: 2 });
  },
);
