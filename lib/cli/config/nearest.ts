/** How many single-character changes (insert, remove, replace, swap of neighbours) make `a` of `b`. */
function distance(a: string, b: string): number {
  let [before, last]: number[][] = [[], Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= a.length; row++) {
    const present = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(
        (last?.[column] ?? 0) + 1,
        (present[column - 1] ?? 0) + 1,
        (last?.[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, (before?.[column - 2] ?? 0) + 1);
      present.push(best);
    }
    [before, last] = [last, present];
  }
  return last?.[b.length] ?? 0;
}

/** The known name that a misspelt one was most likely meant to be; undefined if none is near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const plain = (word: string) => word.toLowerCase().replace(/[-_]/g, '');
  const ranked = known
    .map((each) => ({ each, far: distance(plain(name), plain(each)) }))
    .sort((left, right) => left.far - right.far);
  const best = ranked[0];
  return best && best.far <= Math.max(1, Math.floor(name.length / 3)) ? best.each : undefined;
}
