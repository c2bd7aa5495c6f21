// Asks a web server: a request as JSON, signed, and an answer as JSON.
import { createHmac } from 'node:crypto';
import type { RtmServerAuthorize, RtmServerAuthorizeAnswer } from '../options/callout-options.js';

const MOST_ANSWER_BYTES = 16 * 1024;

/** `v1=` and HMAC-SHA256 of the time, a dot and the body, in hex. The receiver refuses old times, so that no request counts twice. */
export function signature(secret: string, seconds: number, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

/** The body of a response, of which no more than needed is read. */
async function textOf(response: Response): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let size = 0;
  for await (const part of response.body as AsyncIterable<Uint8Array>) {
    size += part.byteLength;
    // Leaving the loop closes the connection.
    if (size > MOST_ANSWER_BYTES) throw new Error(`malformed answer: more than ${MOST_ANSWER_BYTES} bytes`);
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('malformed answer: it is no JSON'); // the parser's own words would quote it
  }
}

/** The function that asks `url`. What is not answered by 200 and JSON fails. */
export function httpAuthorize({ url, secret }: { readonly url: URL; readonly secret: string }): RtmServerAuthorize {
  return async (request, { signal }) => {
    const body = JSON.stringify({ v: 1, ...request });
    const seconds = Math.floor(Date.now() / 1000);
    const response = await fetch(url, {
      method: 'POST',
      body,
      signal,
      redirect: 'error', // another server was not asked
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-rtm-timestamp': String(seconds),
        'x-rtm-signature': signature(secret, seconds, body),
      },
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Error(`status ${response.status}`);
    }
    return parsed(await textOf(response)) as RtmServerAuthorizeAnswer; // Callout checks its form
  };
}
