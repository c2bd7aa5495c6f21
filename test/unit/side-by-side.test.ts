// Checks that run side by side: how many at a time, in which order, and what is shown of them.
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

interface Part {
  name: string;
  steps: { command: string; args: string[]; options?: object }[];
  lane?: string;
  after?: string[];
}
interface Outcome {
  name: string;
  ok: boolean;
  output: string;
}
type RunStep = (command: string, args: string[], options: { onOutput(text: string): void }) => Promise<{ ok: boolean }>;
interface How {
  lanes?: Record<string, number>;
  width?: number;
  runStep?: RunStep;
  started?: (part: Part) => void;
  ended?: (outcome: Outcome) => void;
}

describe('parts that run side by side', () => {
  // Plain JavaScript, so the compiler knows no types for it.
  let sideBySide: (parts: Part[], how?: How) => Promise<Outcome[]>;

  beforeAll(async () => {
    ({ sideBySide } = await import(join(import.meta.dirname, '../../scripts/side-by-side.mjs')));
  });

  const shell = (command: string, options?: object) => ({
    command: 'sh',
    args: ['-c', command],
    ...(options && { options }),
  });
  const part = (name: string, more: Partial<Part> = {}): Part => ({ name, steps: [shell(`echo ${name}`)], ...more });

  /** Runs parts with steps that end when they are told to, and notes what starts. */
  function withManualSteps(parts: Part[], how: How = {}) {
    const started: string[] = [];
    const ends = new Map<string, (ok: boolean) => void>();
    const runStep: RunStep = (_, [, command = '']) =>
      new Promise((resolve) => ends.set(command.replace('echo ', ''), (ok) => resolve({ ok })));
    const outcomes = sideBySide(parts, { ...how, runStep, started: ({ name }) => started.push(name) });
    const end = async (name: string, ok = true) => {
      ends.get(name)?.(ok);
      // The next part starts within the promise callbacks of this turn.
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { started, end, outcomes };
  }

  it('runs two at a time and starts the next one when one ends', async () => {
    const { started, end, outcomes } = withManualSteps(['a', 'b', 'c'].map((name) => part(name)));
    await end('none');
    expect(started).toEqual(['a', 'b']);
    await end('b');
    expect(started).toEqual(['a', 'b', 'c']);
    await end('a');
    await end('c');
    expect((await outcomes).map(({ name }) => name)).toEqual(['b', 'a', 'c']);
  });

  it('runs the parts of a lane one after the other, beside those of another lane', async () => {
    const lane = (name: string, of: string) => part(name, { lane: of });
    const { started, end, outcomes } = withManualSteps([lane('a1', 'a'), lane('a2', 'a'), lane('b1', 'b')]);
    await end('none');
    expect(started).toEqual(['a1', 'b1']);
    await end('b1');
    expect(started).toEqual(['a1', 'b1']);
    await end('a1');
    expect(started).toEqual(['a1', 'b1', 'a2']);
    await end('a2');
    await outcomes;
  });

  it('starts a part after those that it needs, and fails it without a run when one of them fails', async () => {
    const { started, end, outcomes } = withManualSteps([
      part('needs both', { after: ['good', 'bad'] }),
      part('needs it', { after: ['needs both'] }),
      part('needs good', { after: ['good'] }),
      part('good'),
      part('bad'),
    ]);
    await end('good');
    expect(started).toEqual(['good', 'bad', 'needs good']);
    await end('bad', false);
    await end('needs good');
    expect(started).toEqual(['good', 'bad', 'needs good']);
    const ended = Object.fromEntries((await outcomes).map(({ name, ok, output }) => [name, ok || output]));
    expect(ended).toMatchObject({ good: true, bad: '', 'needs good': true });
    expect(ended['needs both']).toBe('not run, because this failed: bad\n');
    expect(ended['needs it']).toBe('not run, because this failed: needs both\n');
  });

  it('gives the output of a part in one piece, both streams and all steps in order, up to the step that fails', async () => {
    const outcomes: Outcome[] = [];
    const steps = [shell('echo one; echo two >&2'), shell('echo three; exit 3'), shell('echo never')];
    await sideBySide([part('mixed', { steps }), part('plain')], { ended: (outcome) => outcomes.push(outcome) });
    expect(outcomes).toContainEqual(expect.objectContaining({ name: 'plain', ok: true, output: 'plain\n' }));
    expect(outcomes).toContainEqual(expect.objectContaining({ name: 'mixed', ok: false, output: 'one\ntwo\nthree\n' }));
  });

  it('says which program could not be started, and which one ran out of time', async () => {
    const outcomes = await sideBySide([
      part('missing', { steps: [{ command: 'no-such-program', args: [] }] }),
      part('endless', { steps: [shell('echo begun; exec sleep 60', { timeout: 0.2 })] }),
    ]);
    const output = (name: string) => outcomes.find((outcome) => outcome.name === name)?.output;
    expect(output('missing')).toMatch(/^no-such-program: .*ENOENT/);
    expect(output('endless')).toMatch(/^begun\nsh: stopped after 0\.2 s$/m);
    expect(outcomes.every(({ ok }) => !ok)).toBe(true);
  });

  it('refuses parts that have one name, that name an unknown part, or that wait for each other', async () => {
    await expect(sideBySide([part('a'), part('a')])).rejects.toThrow('two parts have the same name');
    await expect(sideBySide([part('a', { after: ['b'] })])).rejects.toThrow('a: runs after "b", which is no part');
    await expect(sideBySide([part('a', { after: ['b'] }), part('b', { after: ['a'] })])).rejects.toThrow(
      'these parts wait for each other: a, b',
    );
  });
});
