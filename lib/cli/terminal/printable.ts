const MAX_SHOWN_BYTES = 24;

/** Controls, and the marks that reorder text around them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Makes text from the network safe to show: no escape sequences that could move the cursor or repaint the screen, no
 * marks that let text run backwards. Line breaks stay and are indented.
 */
export function printable(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(UNSAFE, '\ufffd').replaceAll('\n', '\n    ');
}

/** Shows the beginning of binary data: `[5 bytes] 00 01 02 03 04`. */
export function hexdump(data: Uint8Array): string {
  const shown = Buffer.from(data.subarray(0, MAX_SHOWN_BYTES))
    .toString('hex')
    .replace(/..(?=.)/g, '$& ');
  const size = data.length === 1 ? '1 byte' : `${data.length} bytes`;
  return `[${size}] ${shown}${data.length > MAX_SHOWN_BYTES ? ' …' : ''}`.trimEnd();
}

/** Local time of day, such as `09:41:07`. */
export function clock(time: number | Date): string {
  const date = new Date(time);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** A word as it can be pasted into a shell. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;
const NO_WIDTH = /\p{Mn}|\p{Me}|\u200d|\ufe0f/u;

/** About how many columns a text takes in a terminal: two for emoji and East Asian characters, none for marks. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += NO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return columns;
}
