/** A part of the records of one partition: the time of its oldest record, and about how many bytes it has. */
export interface Part {
  readonly timeMs: number;
  readonly bytes: number;
}

/** The parts of `count` records, from the ranks and times where they begin, by turns. */
export function partsOf(bytes: number, count: number, begins: readonly number[]): Part[] {
  const parts: Part[] = [];
  for (let i = 0; i + 1 < begins.length; i += 2) {
    const [rank, timeMs, next = count] = begins.slice(i) as [number, number, number?];
    parts.push({ timeMs, bytes: (bytes * (next - rank)) / count });
  }
  return parts;
}

/**
 * The time before which an App's history has to end, so that about `bytes` leave and no more: a part counts from the time
 * of its oldest record on, although most of it is younger. If that would keep all, the oldest record goes. Undefined: there
 * are no records.
 */
export function endsOf(ages: readonly { readonly parts: readonly Part[] }[], bytes: number): number | undefined {
  const parts = ages.flatMap((each) => each.parts).sort((one, other) => one.timeMs - other.timeMs);
  const [oldest] = parts;
  if (oldest === undefined) return undefined;
  let all = 0;
  for (const part of parts) {
    all += part.bytes;
    if (all > bytes) return Math.max(part.timeMs, oldest.timeMs + 1);
  }
  return Number.MAX_SAFE_INTEGER;
}
