// How `npm run t:cpp` finds C++ tests by name, and how it proposes names for one that does not exist.
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

interface Test {
  file: string;
  kind: string;
  suite: string;
  name: string;
}

const source = `
TEST(Outbox, KeepsOrder) {
TEST_F(OutboxBounds, RefusesTheRest) {
TEST_P(Presence, IsAnswered) {
TYPED_TEST(Ring, Wraps) {
// TEST(Commented, Out) {
`;

describe('C++ tests by name', () => {
  // Plain JavaScript, so the compiler knows no types for it.
  let names: {
    testsIn(file: string, text: string): Test[];
    findTests(tests: Test[], pattern: string): Test[];
    gtestFilter(tests: Test[]): string;
    programOf(file: string): string;
    readTests(): Test[];
  };
  let nearest: (word: string, names: readonly string[], most?: number) => string[];
  let tests: Test[];

  beforeAll(async () => {
    const load = (name: string) => import(join(import.meta.dirname, '../../scripts', `${name}.mjs`));
    names = await load('gtest-names');
    ({ nearest } = await load('nearest'));
    tests = names.testsIn('test/cpp/client/outbox_test.cpp', source);
  });

  const found = (pattern: string) => names.findTests(tests, pattern).map(({ suite, name }) => `${suite}.${name}`);

  it('are read from the sources, with the program that contains them', () => {
    expect(tests.map(({ suite, kind }) => `${suite} ${kind}`.trim())).toEqual([
      'Outbox',
      'OutboxBounds F',
      'Presence P',
      'Ring TYPED',
    ]);
    expect(names.programOf('test/cpp/client/outbox_test.cpp')).toBe('rtm_test_client');
    expect(names.readTests().length).toBeGreaterThan(300);
  });

  it('are found by filter, by word and by file', () => {
    expect(found('Outbox.*')).toEqual(['Outbox.KeepsOrder']);
    expect(found('Outbox*.*')).toEqual(['Outbox.KeepsOrder', 'OutboxBounds.RefusesTheRest']);
    expect(found('outbox')).toEqual(['Outbox.KeepsOrder', 'OutboxBounds.RefusesTheRest']);
    expect(found('Outbox.*:Ring.Wraps')).toEqual(['Outbox.KeepsOrder', 'Ring.Wraps']);
    expect(found('outbox_test.cpp')).toHaveLength(4);
    expect(found('Outbox.KeepsOrde')).toEqual([]);
  });

  it('are found by the name of an instance as well', () => {
    expect(found('All/Presence.IsAnswered/0')).toEqual(['Presence.IsAnswered']);
    expect(found('Ring/1.Wraps')).toEqual(['Ring.Wraps']);
  });

  it('run with all their instances', () => {
    expect(names.gtestFilter(tests)).toBe(
      'Outbox.KeepsOrder:OutboxBounds.RefusesTheRest:*/Presence.IsAnswered/*:*Ring/*.Wraps',
    );
  });

  it('are proposed for a name that does not exist', () => {
    expect(nearest('Outbx', ['Presence', 'Outbox', 'Ring'], 1)).toEqual(['Outbox']);
    expect(nearest('client-inbx', ['test/unit/pump.test.ts', 'test/unit/client-inbox.test.ts'], 1)).toEqual([
      'test/unit/client-inbox.test.ts',
    ]);
  });
});
