// Comments of a description as comments of a language.

/** Lines of a comment in front of something, as one string that ends with a line break; nothing for no text. */
export function leading(mark, text) {
  if (!text) return '';
  return `${text
    .trim()
    .split('\n')
    .map((line) => `${mark} ${line}`.trimEnd())
    .join('\n')}\n`;
}

/** A comment behind something on its line. */
export const trailing = (text) => (text ? `  ///< ${text.trim().replaceAll('\n', ' ')}` : '');

/** A comment in front of something in TypeScript. */
export function jsdoc(text) {
  if (!text) return '';
  const lines = text.trim().split('\n');
  return lines.length === 1
    ? `/** ${lines[0]} */\n`
    : `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n */\n`;
}
