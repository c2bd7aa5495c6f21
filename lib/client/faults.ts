// The fault of an argument that the core has refused, for the text of the error. The core judges with one code for
// all faults; these functions are asked only after a refusal, and say nothing where they find no fault.
import { MAX_ID_BYTES, SDK_MESSAGE_BYTES } from '../common-constants.js';
import type { Outgoing } from './messages.js';

const ID_CHARACTERS = 'letters A-Z a-z, digits, space and !#$%&()+-:;<=.>?@[]^_{}|~,';
const NOT_IN_IDS = /[^A-Za-z0-9 !#$%&()+\-:;<=.>?@[\]^_{}|~,]/u;

const bytesOf = (text: string) => Buffer.byteLength(text);

/** `name` is what the id is called, such as `userId`. */
export function idFault(name: string, id: string): string | undefined {
  if (id === '') return `${name}: is empty, expected 1 to ${MAX_ID_BYTES} bytes`;
  const wrong = NOT_IN_IDS.exec(id);
  if (wrong !== null) {
    const codePoint = (wrong[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    const shown = /\p{C}/u.test(wrong[0]) ? '' : `${JSON.stringify(wrong[0])}, `;
    return `${name}: ${shown}U+${codePoint} at index ${wrong.index} is not allowed, expected ${ID_CHARACTERS}`;
  }
  if (bytesOf(id) > MAX_ID_BYTES) return `${name}: ${bytesOf(id)} bytes, at most ${MAX_ID_BYTES}`;
  if (id === 'null') return `${name}: the word null is no id`;
  return undefined;
}

/** The fault of the first id of a list that has one. */
export function idsFault(name: string, ids: readonly string[]): string | undefined {
  if (ids.length === 0) return `${name}: is empty, expected at least one`;
  for (const [index, id] of ids.entries()) {
    const fault = idFault(`${name}[${index}]`, id);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

export function appIdFault(appId: string): string | undefined {
  if (/^[0-9a-f]{32}$/i.test(appId)) return undefined;
  const wrong = /[^0-9a-f]/i.exec(appId);
  const what = wrong === null ? `${appId.length} characters` : `${JSON.stringify(wrong[0])} at index ${wrong.index}`;
  return `appId: ${what}, expected 32 hexadecimal characters`;
}

function textFault(name: string, text: string): string | undefined {
  const index = [...text].findIndex((character) => /^[\uD800-\uDFFF]$/.test(character));
  return index === -1
    ? undefined
    : `${name}: has half a surrogate pair, after ${index} characters, which is not Unicode`;
}

/** Of a message, whose texts and bytes count together. */
export function messageFault(message: Outgoing): string | undefined {
  const texts: Record<string, string | undefined> =
    typeof message === 'string'
      ? { text: message }
      : { description: message.description, fileName: 'fileName' in message ? message.fileName : undefined };
  let bytes = 0;
  for (const [name, text] of Object.entries(texts)) {
    const fault = textFault(name, text ?? '');
    if (fault !== undefined) return fault;
    bytes += bytesOf(text ?? '');
  }
  if (typeof message !== 'string') {
    if ('raw' in message) bytes += message.raw.byteLength;
    if ('thumbnail' in message) bytes += message.thumbnail?.byteLength ?? 0;
  }
  // A server may have another limit, of which only the core knows.
  const most = `at most ${SDK_MESSAGE_BYTES} with the limits of the SDK, of text, bytes, file name and thumbnail together`;
  return `message: ${bytes} bytes, ${most}`;
}
