// The parts list of a release: what npm lists and what is inside the addon, the same for the same commit.
import { describe, expect, it } from 'vitest';

const { partsList } = (await import('../../scripts/prebuild/sbom.mjs' as string)) as {
  partsList(npmList: string, release: { name: string; version: string; epoch: number }): string;
};
const release = { name: 'rtm-native', version: '0.1.0', epoch: 1_700_000_000 };

const npmList = (changes: object = {}) =>
  JSON.stringify({
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: `urn:uuid:${crypto.randomUUID()}`,
    version: 1,
    metadata: {
      timestamp: new Date().toISOString(),
      component: { 'bom-ref': 'rtm-native@0.1.0', type: 'library', name: 'some-folder', version: '0.1.0' },
    },
    components: [{ 'bom-ref': 'commander@14.0.3', type: 'library', name: 'commander', version: '14.0.3' }],
    dependencies: [
      { ref: 'rtm-native@0.1.0', dependsOn: ['commander@14.0.3'] },
      { ref: 'commander@14.0.3', dependsOn: [] },
    ],
    ...changes,
  });

describe('the parts list', () => {
  it('is the same for the same commit, whenever and wherever npm wrote its list', async () => {
    const first = partsList(npmList(), release);
    expect(partsList(npmList(), release)).toBe(first);
    expect(JSON.parse(first).serialNumber).toMatch(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(JSON.parse(first).metadata).toMatchObject({
      timestamp: '2023-11-14T22:13:20.000Z',
      component: { name: 'rtm-native' },
    });
    expect(partsList(npmList(), { ...release, epoch: 1 })).not.toBe(first);
  });

  it('names the libraries inside the addon, with the hashes of their sources', () => {
    const { components, dependencies } = JSON.parse(partsList(npmList(), release));
    const names = components.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['commander', 'zlib', 'openssl', 'libuv']));
    const zlib = components.find(({ name }: { name: string }) => name === 'zlib');
    expect(zlib.hashes).toEqual([{ alg: 'SHA-256', content: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
    const own = dependencies.find(({ ref }: { ref: string }) => ref === 'rtm-native@0.1.0');
    expect(own.dependsOn).toContain(zlib['bom-ref']);
    const known = new Set([...components.map((each: Record<string, string>) => each['bom-ref']), 'rtm-native@0.1.0']);
    for (const { ref } of dependencies) expect(known).toContain(ref);
  });

  it('refuses a list of another package', () => {
    expect(() => partsList(npmList({ dependencies: [] }), release)).toThrow(
      'expected dependencies of rtm-native@0.1.0',
    );
  });
});
