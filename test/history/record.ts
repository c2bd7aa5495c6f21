// The record of what real processes did and were told, and its judge: the program that also judges simulated runs.
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** An event of test/history/history.hpp, in the words of parse.cpp there. */
export interface HistoryEvent {
  /** Of the monotonic clock, which all processes share. */
  readonly ms: number;
  readonly what: string;
  readonly process?: number;
  readonly user?: string;
  readonly message?: number;
  readonly to?: string;
  readonly channel?: string;
  readonly outcome?: string;
  readonly clean?: boolean;
  readonly stored?: boolean;
}

const program = fileURLToPath(new URL('../../build-cpp/rtm_judge_history', import.meta.url));
/** Whether the judge is built; `npm run build:cpp` builds it. */
export const haveJudge = existsSync(program);

export const nowMs = () => Number(process.hrtime.bigint() / 1_000_000n);

export class HistoryRecord {
  readonly #events: HistoryEvent[] = [];

  add(event: HistoryEvent): void {
    this.#events.push(event);
  }

  /** An event of the world outside of the users' processes. */
  note(what: string, more: Partial<HistoryEvent> = {}): void {
    this.add({ ms: nowMs(), what, ...more });
  }

  count(what: string, outcome?: string): number {
    return this.#events.filter((event) => event.what === what && (outcome === undefined || event.outcome === outcome))
      .length;
  }

  /** What the judge says, empty if no promise was broken. `file` keeps the record. */
  judge(file?: string): string {
    const first = Math.min(...this.#events.map(({ ms }) => ms));
    // Of one process in the order in which it told them: the sort is stable.
    const lines = [...this.#events]
      .sort((a, b) => a.ms - b.ms)
      .map((event) => JSON.stringify({ ...event, ms: event.ms - first }));
    const input = `${lines.join('\n')}\n`;
    if (file !== undefined) writeFileSync(file, input);
    const judged = spawnSync(program, { input, encoding: 'utf8', maxBuffer: 1 << 28 });
    if (judged.error) throw judged.error;
    return judged.status === 0 ? '' : `${judged.stdout}${judged.stderr}`;
  }
}
