// Tests with random input: a second each in "npm test", RTM_FUZZ_SECONDS each in "npm run fuzz".
import { Random, testSeed } from './random.js';

const seconds = Number(process.env['RTM_FUZZ_SECONDS'] ?? 1);

/** How long a test with {@link fuzz} may take. */
export const FUZZ_TIMEOUT = (seconds + 30) * 1000;

/**
 * Calls `tryOne` with ever new random values until the time is over. A failure names the seed that repeats it: with
 * RTM_TEST_SEED set to it, that is the first one.
 */
export async function fuzz(tryOne: (random: Random) => Promise<void> | void): Promise<void> {
  const until = performance.now() + seconds * 1000;
  let seed = testSeed();
  let count = 0;
  do {
    try {
      await tryOne(new Random(seed));
    } catch (error) {
      throw new Error(`RTM_TEST_SEED=${seed}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
    seed = (seed + 1) >>> 0;
    count += 1;
  } while (performance.now() < until);
  if (process.env['RTM_FUZZ_SECONDS'] !== undefined) console.log(`${count} inputs in ${seconds} s`);
}
