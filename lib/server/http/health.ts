/** How far a server is in its life. */
export type HealthPhase = 'starting' | 'running' | 'draining' | 'closed';

/** A loop that has not run its timers for so long hangs, or the machine is far too slow. */
const STANDSTILL_MS = 10_000;

/**
 * Whether a server may get clients. A store or a cluster engine reports its problems here. A server with a problem is
 * not ready, and is ready again when the problem is withdrawn.
 */
export class Health {
  phase: HealthPhase = 'starting';
  readonly #problems = new Map<string, string>();

  /**
   * @param part the part that reports, such as `store` or `engine`; each part has one problem at a time
   * @param problem a description for people; undefined withdraws the problem
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
