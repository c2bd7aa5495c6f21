/** How far a server is in its life. */
export type HealthPhase = 'starting' | 'running' | 'draining' | 'closed';

/** A loop that has not come to its timers for so long hangs, or the machine is far too slow for it. */
const STANDSTILL_MS = 10_000;

/**
 * Whether a server may get clients. Whoever stands behind it (a store, a cluster engine) reports what it cannot do; a
 * server with a problem is not ready, and ready again once the problem is taken back.
 */
export class Health {
  phase: HealthPhase = 'starting';
  readonly #problems = new Map<string, string>();

  /**
   * @param part who reports, such as `store` or `engine`; each has one problem at a time
   * @param problem what is wrong, for people; undefined: nothing (any more)
   */
  report(part: string, problem: string | undefined): void {
    if (problem === undefined) this.#problems.delete(part);
    else this.#problems.set(part, problem);
  }

  get ready(): boolean {
    return this.phase === 'running' && this.#problems.size === 0;
  }

  get problems(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#problems);
  }
}

/** Whether the process should be left alive, by how late its loops are. */
export function isAlive(loopDelayMs: number): boolean {
  return loopDelayMs < STANDSTILL_MS;
}
