// Medians and spread of a few rounds, and how figures are written.

/** The middle of the values; of an even number of them the mean of the two in the middle. */
export function median(values) {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The smallest value that at least `share` (0 to 1) of the values do not exceed. `sorted` ascends. */
export function percentile(sorted, share) {
  if (sorted.length === 0) return Number.NaN;
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** Median, lowest and highest of the rounds. */
export function spread(values) {
  return { median: median(values), low: Math.min(...values), high: Math.max(...values) };
}

/**
 * How many times better the values of `ours` are than those of `theirs`: the median over the rounds of the ratio within
 * each round, so that a slow minute of the machine falls on both. `better`: 'high' or 'low'.
 */
export function advantage(ours, theirs, better) {
  const rounds = Math.min(ours.length, theirs.length);
  const ratios = [];
  for (let round = 0; round < rounds; round += 1) {
    if (ours[round] === undefined || theirs[round] === undefined) continue;
    ratios.push(better === 'high' ? ours[round] / theirs[round] : theirs[round] / ours[round]);
  }
  return median(ratios);
}

/** A figure as tables show it: whole with commas from 100 on, one decimal from 10 on, else two. */
export function figure(value) {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 100) return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(2);
}

function short(value) {
  return value >= 10_000 ? `${Math.round(value / 1000)}k` : figure(value);
}

/** "lowest–highest", in thousands from 10,000 on. */
export function range({ low, high }) {
  return Number.isFinite(low) && Number.isFinite(high) ? `${short(low)}–${short(high)}` : '–';
}

/** A ratio: "3.2×". */
export function times(value) {
  if (!Number.isFinite(value)) return '–';
  return `${value >= 100 ? Math.round(value) : value >= 10 ? value.toFixed(1) : value.toFixed(2)}×`;
}
