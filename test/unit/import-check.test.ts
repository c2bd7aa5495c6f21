import { describe, expect, it } from 'vitest';

const { checkFile } = (await import('../../scripts/check-imports.mjs' as string)) as {
  checkFile(file: string, text: string): { imports: number; problems: string[] };
};

describe('the check of imports between the rooms of lib/', () => {
  it('names both files and the rule', () => {
    const { problems } = checkFile('client/media.ts', "import type { RtmService } from '../sdk/service.js';");
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(
      'lib/client/media.ts imports lib/sdk/service.ts: client may import base, native, session',
    );
  });

  it.each([
    ['sdk/channel.ts', "export { Channel } from '../client/channel.js';"],
    ['server/http/metrics.ts', "const options = await import('../options/server-options.js');"],
    ['server/storage/lmdb/data-folder.ts', "import { loadAddon } from '../../../native/load.js';"],
    ['server/cluster/lanes.ts', "import {\n  Shards,\n} from './redis/shards.js';"],
    ['errors.ts', "import '../lib/client/events.js';"],
    ['client/media.ts', "import { loadAddon } from '../native/load.js';"],
    ['helpers/text.ts', ''],
  ])('refuses what %s may not import', (file, text) => {
    expect(checkFile(file, text).problems).toHaveLength(1);
  });

  it('lets through what the order allows, and comments', () => {
    const text = [
      "import { RtmError } from '../errors.js';",
      "import type { Session } from '../session/session.js';",
      "// import { RtmService } from '../sdk/service.js';",
      "/** See `import x from '../server/stats.js'`. */",
    ].join('\n');
    expect(checkFile('client/media.ts', text)).toEqual({ imports: 2, problems: [] });
  });
});
