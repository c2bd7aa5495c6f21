// Writes a table for a terminal or for Markdown. A column is { title, align: 'left' | 'right' }; cells are texts.

function pad(text, width, align) {
  return align === 'left' ? text.padEnd(width) : text.padStart(width);
}

/** Lines for a terminal. A title may have two lines ("CPU µs\nserver"). */
export function textTable(columns, rows) {
  const titles = columns.map(({ title }) => title.split('\n'));
  const height = Math.max(...titles.map((lines) => lines.length));
  const head = Array.from({ length: height }, (_, line) =>
    titles.map((lines) => lines[line - (height - lines.length)] ?? ''),
  );
  const widths = columns.map((_, index) => Math.max(...[...head, ...rows].map((cells) => cells[index].length)));
  const line = (cells) =>
    cells
      .map((cell, index) => pad(cell, widths[index], columns[index].align))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [...head.map(line), rule, ...rows.map(line)].join('\n');
}

/** The table in Markdown. */
export function markdownTable(columns, rows) {
  const line = (cells) =>
    `| ${cells.map((cell) => cell.replaceAll('-\n', '').replaceAll('\n', ' ').trim().replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line(columns.map(({ title }) => title)),
    `|${columns.map(({ align }) => (align === 'left' ? '---' : '---:')).join('|')}|`,
    ...rows.map(line),
  ].join('\n');
}

/** Breaks a text into lines of at most `width` characters. */
export function wrapped(text, width = 100) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}
