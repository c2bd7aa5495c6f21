// Tools that search for what keeps a process alive, such as jest --detectOpenHandles, name us only when we do.
import { expect, it } from 'vitest';
import { runChild } from '../lifecycle/child.js';
import { fixture } from './fixture.js';

it('the package is an open handle while a user is logged in, and not at rest', { timeout: 70_000 }, async () => {
  const { code, output } = await runChild([fixture('open-handles.mjs')], { deadline: 60_000 });
  const states = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(states).toEqual([
    { state: 'loaded', types: [], active: [] },
    { state: 'a service at rest', types: [], active: [] },
    { state: 'logged in', types: ['rtm-native'], active: [] },
    { state: 'logged in without a reference', types: [], active: [] },
    { state: 'ended, and the objects are still there', types: [], active: [] },
  ]);
  expect(code).toBe(0);
});
