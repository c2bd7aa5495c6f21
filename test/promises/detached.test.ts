import { expect, it } from 'vitest';
import { toContent } from '../../lib/client/messages.js';
import { RtmFileMessage } from '../../lib/sdk/media-message.js';
import { messageOf } from '../../lib/sdk/message.js';

/** An array whose memory another thread has now: it looks as if it were empty. */
function transferred(): Uint8Array {
  const bytes = new Uint8Array([1, 2, 3]);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

it.each<[string, (bytes: Uint8Array) => unknown]>([
  ['a message', (bytes) => toContent(bytes)],
  ['a message with a description', (raw) => toContent({ raw, description: 'x' })],
  ['a thumbnail', (thumbnail) => toContent({ type: 'file', mediaId: 'm', thumbnail } as never)],
  ['a message of the C++ names', (bytes) => messageOf(1, bytes)],
  ['a thumbnail of the C++ names', (bytes) => new RtmFileMessage(1, { mediaId: 'm' }).setThumbnail(bytes)],
])('%s of a transferred buffer is refused, and not sent as empty', (_what, use) => {
  expect(() => use(transferred())).toThrow(
    expect.objectContaining({
      code: 'ERR_RTM_INVALID_ARG_VALUE',
      message: expect.stringMatching(
        /: expected a Uint8Array with its memory, received one whose ArrayBuffer was transf/,
      ),
    }),
  );
  expect(() => use(new Uint8Array())).not.toThrow();
});
