// Bytes of the heap that the JavaScript side takes for one received message, and for one result, handed to a listener that
// reads every field. Prints a line of JSON for each. Needs --expose-gc and a young generation that one run does not fill.

import { createRtmService } from '../../dist/index.js';
import { BatchReader } from '../../dist/native/decode.js';
import { EventKind } from '../../dist/native/event-kinds.js';
import { runtime } from '../../dist/native/runtime.js';

const EVENTS = 255;
/** Few enough that no scavenge happens during a run: its memory would be missing in the figure. */
const ROUNDS = 20;
const text = 'x'.repeat(256);
let sink = 0;

const service = createRtmService();
service.initialize('0123456789abcdef0123456789abcdef', {
  onMessageReceivedFromPeer(peer, message) {
    sink += peer.length + message.getMessageId() + message.getMessageType() + message.getServerReceivedTs();
    sink += message.getText().length + message.getRawMessageLength() + (message.isOfflineMessage() ? 1 : 0);
  },
  onSendMessageResult(id, code) {
    sink += id + code;
  },
});
const { objects } = runtime();
const handle = 1; // of the first object of a process
if (objects.get(handle) === undefined) throw new Error('the first service has no longer handle 1');
objects.hold(handle, true); // as while it is logged in

function batch(kind, fields, numbersEach, slab) {
  const words = [EventKind.UserName, 0, 0, 5];
  const numbers = [];
  for (let index = 0; index < EVENTS; index++) {
    words.push(kind, handle, ...fields(index));
    for (let n = 0; n < numbersEach; n++) numbers.push(1e15 + index);
  }
  return { words: [EVENTS + 1, words.length, 0, 0, ...words], numbers, slab: `alice${slab}` };
}

function measure(name, { words, numbers, slab }) {
  const columns = { words: Uint32Array.from(words), numbers: Float64Array.from(numbers) };
  const reader = new BatchReader(columns, { bytes() {}, ownBuffer() {} });
  const sinks = { get: (each) => objects.get(each), onClientLog() {} };
  const bytes = Buffer.from(slab, 'latin1');
  const round = () => {
    reader.load(bytes.latin1Slice());
    while (reader.left > 0) reader.next(sinks);
    reader.unload();
  };
  for (let warm = 0; warm < 2000; warm++) round();
  const runs = [];
  for (let run = 0; run < 7; run++) {
    gc();
    const before = process.memoryUsage().heapUsed;
    for (let each = 0; each < ROUNDS; each++) round();
    runs.push((process.memoryUsage().heapUsed - before) / ROUNDS / EVENTS);
  }
  console.log(JSON.stringify({ name, bytes: Math.min(...runs) }));
}

const end = (index) => 5 + (index + 1) * text.length;
measure(
  'decode message',
  batch(EventKind.PeerMessage, (index) => [0, 1, end(index)], 2, text.repeat(EVENTS)),
);
measure(
  'decode result',
  batch(EventKind.PeerSendResult, () => [0], 1, ''),
);
if (sink === 0) throw new Error('nothing was read');
process.exit(0);
