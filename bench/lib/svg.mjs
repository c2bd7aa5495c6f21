// Bar charts as SVG text, without any dependency. They read on light and dark pages: no background, mid-tone colours.
import { figure } from './stats.mjs';

const LABEL = 190;
const BAR = 430;
const VALUE = 130;
const STEP = 22;
const COLOURS = { ours: '#2f80ed', other: '#8a94a6', spread: '#d9822b', text: '#6b7280' };

const NAMES = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' };

function escaped(text) {
  return text.replace(/[<>&"]/g, (sign) => NAMES[sign]);
}

function textAt(x, y, text, more = '') {
  return `<text x="${x}" y="${y}" fill="${COLOURS.text}"${more}>${escaped(text)}</text>`;
}

/**
 * Panels of bars, one below the other. Each panel has its own title and scale.
 * `panels`: [{ title, bars: [{ label, value, low, high, ours }] }]; bars whose value is no number are left out.
 */
export function barChart({ title, unit, panels }) {
  const parts = [];
  let y = 24;
  parts.push(textAt(0, y, title, ' font-size="15" font-weight="bold"'));
  y += 20;
  parts.push(textAt(0, y, unit));
  for (const panel of panels) {
    const bars = panel.bars.filter(({ value }) => Number.isFinite(value));
    const top = Math.max(0, ...bars.map(({ value, high }) => Math.max(value, high ?? value))) || 1;
    const width = (value) => Math.round((value / top) * BAR * 10) / 10;
    y += 30;
    if (panel.title !== '') parts.push(textAt(0, y, panel.title, ' font-weight="bold"'));
    y += 8;
    for (const { label, value, low = value, high = value, ours = false } of bars) {
      const middle = y + STEP / 2;
      parts.push(textAt(LABEL - 8, middle + 4, label, ' text-anchor="end"'));
      const colour = ours ? COLOURS.ours : COLOURS.other;
      parts.push(`<rect x="${LABEL}" y="${y + 3}" width="${width(value)}" height="${STEP - 6}" fill="${colour}"/>`);
      if (high > low) {
        const [from, to] = [LABEL + width(low), LABEL + width(high)];
        parts.push(`<path d="M${from} ${middle}H${to}" stroke="${COLOURS.spread}" stroke-width="2"/>`);
      }
      parts.push(textAt(LABEL + Math.max(width(value), width(high)) + 6, middle + 4, figure(value)));
      y += STEP;
    }
  }
  const size = { width: LABEL + BAR + VALUE, height: y + 16 };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" ` +
      `height="${size.height}" font-family="sans-serif" font-size="12" role="img" aria-label="${escaped(title)}">`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}
