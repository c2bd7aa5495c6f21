// Random operations against the reference model. A failure prints the seed and the shortest sequence that fails:
// RTM_SEED=<seed> runs that one sequence again.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../integration/support/random.js';
import { type Cluster, ENGINES, ENGINES_IN_WEATHER } from './engines.js';
import { Run } from './model.js';
import { type Operation, randomOperations, shrink } from './operations.js';

/** For all sequences of one engine; the last one may take a little longer. */
const BUDGET_MS = 8_000;
const MOST_SEQUENCES = 12;
const LENGTH = 120;
const SHRINK_MS = 15_000;

const wanted = process.env['RTM_SEED'];

describe.each([...ENGINES, ...ENGINES_IN_WEATHER])('over $name', (engine) => {
  let cluster: Cluster;
  let runs = 0;
  beforeAll(async () => {
    cluster = await engine.start();
  });
  afterAll(() => cluster.end());

  const run = async (operations: readonly Operation[], patience?: number): Promise<string> => {
    try {
      await new Run(cluster, `r${++runs}-`, patience).all(operations);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('random operations do what the model does', { timeout: BUDGET_MS + SHRINK_MS + 60_000 }, async () => {
    cluster.storm();
    const end = Date.now() + BUDGET_MS;
    const first = wanted === undefined ? Date.now() >>> 0 : Number(wanted) >>> 0;
    let sequences = 0;
    do {
      const seed = (first + sequences++) >>> 0;
      const operations = randomOperations(new Random(seed), LENGTH);
      const failure = await run(operations);
      if (failure === '') continue;
      const short = await shrink(operations, async (part) => (await run(part, 300)) !== '', SHRINK_MS);
      const lines = short.map((operation) => `  ${JSON.stringify(operation)}`).join('\n');
      expect.fail(
        `RTM_SEED=${seed}: ${failure}\nThese ${short.length} of ${LENGTH} operations fail:\n${lines}\n${await run(short)}`,
      );
    } while (wanted === undefined && sequences < MOST_SEQUENCES && Date.now() < end);
    const { counts } = cluster.weather ?? {};
    console.info(`${engine.name}: ${sequences} sequences from RTM_SEED=${first}`, counts ?? '');
    if (counts) expect(counts.delays * counts.drops).toBeGreaterThan(0);
  });
});

describe('the shrinking', () => {
  it('keeps the important lines', async () => {
    const operations = randomOperations(new Random(1), 60);
    const [a, b] = [operations[11], operations[42]] as [Operation, Operation];
    const short = await shrink(operations, async (part) => part.includes(a) && part.includes(b), 5000);
    expect(short).toEqual([a, b]);
  });

  it('starts from sequences that a seed fixes', () => {
    expect(randomOperations(new Random(7), 50)).toEqual(randomOperations(new Random(7), 50));
    expect(randomOperations(new Random(7), 50)).not.toEqual(randomOperations(new Random(8), 50));
  });
});
