import type { HistoryRecord, MediaRecord, OfflineMessage } from '../message-store.js';
import { HISTORY_ENTRY_BYTES, STORED_ENTRY_BYTES } from '../store-constants.js';

// The layout of records in the values of the store. `FORMAT` in lmdb-store.ts is the number of this layout.

const OFFLINE_HEADER = 18; // time, capabilities: doubles; length of the sender's name
const HISTORY_HEADER = 5; // CHANNEL and OWN_TIME; lengths of source and destination
const CHANNEL = 1;
/** The time of the record, a double, follows the texts, because that of its key is another one. */
const OWN_TIME = 2;
const TIME_BYTES = 8;
const MEDIA_HEADER = 17; // size, end: doubles; image

export function encodeOffline(message: OfflineMessage): Buffer {
  const sender = Buffer.from(message.senderId, 'utf8');
  const value = Buffer.allocUnsafe(OFFLINE_HEADER + sender.length + message.content.length);
  value.writeDoubleLE(message.timeMs, 0);
  value.writeDoubleLE(message.requiredCapabilities, 8);
  value.writeUInt16LE(sender.length, 16);
  value.set(sender, OFFLINE_HEADER);
  value.set(message.content, OFFLINE_HEADER + sender.length);
  return value;
}

export function decodeOffline(value: Buffer): OfflineMessage {
  const content = OFFLINE_HEADER + value.readUInt16LE(16);
  return {
    senderId: value.toString('utf8', OFFLINE_HEADER, content),
    timeMs: value.readDoubleLE(0),
    requiredCapabilities: value.readDoubleLE(8),
    content: new Uint8Array(value.subarray(content)),
  };
}

export const offlineSender = (value: Buffer): string =>
  value.toString('utf8', OFFLINE_HEADER, OFFLINE_HEADER + value.readUInt16LE(16));
export const offlineTime = (value: Buffer): number => value.readDoubleLE(0);
export const offlineCost = (value: Uint8Array): number => value.length - OFFLINE_HEADER + STORED_ENTRY_BYTES;

/** `keyMs`: the time in the key, which gives the record its place. */
export function encodeHistory(record: HistoryRecord, keyMs: number): Buffer {
  const source = Buffer.from(record.source, 'utf8');
  const destination = Buffer.from(record.destination, 'utf8');
  const head = Buffer.allocUnsafe(HISTORY_HEADER);
  head.writeUInt8((record.channel ? CHANNEL : 0) + (record.timeMs === keyMs ? 0 : OWN_TIME), 0);
  head.writeUInt16LE(source.length, 1);
  head.writeUInt16LE(destination.length, 3);
  const parts = [head, source, destination, Buffer.from(record.text, 'utf8')];
  if (record.timeMs !== keyMs) {
    const time = Buffer.allocUnsafe(TIME_BYTES);
    time.writeDoubleLE(record.timeMs, 0);
    parts.push(time);
  }
  return Buffer.concat(parts);
}

export function decodeHistory(value: Buffer, keyMs: number): HistoryRecord {
  const flags = value.readUInt8(0);
  const end = value.length - ((flags & OWN_TIME) === 0 ? 0 : TIME_BYTES);
  const destination = HISTORY_HEADER + value.readUInt16LE(1);
  const text = destination + value.readUInt16LE(3);
  return {
    source: value.toString('utf8', HISTORY_HEADER, destination),
    destination: value.toString('utf8', destination, text),
    channel: (flags & CHANNEL) !== 0,
    timeMs: end === value.length ? keyMs : value.readDoubleLE(end),
    text: value.toString('utf8', text, end),
  };
}

export const historyCost = (value: Uint8Array): number => value.length - HISTORY_HEADER + HISTORY_ENTRY_BYTES;

/** Bytes that a record takes in an answer (HistoryFilter.bytes). */
export const historyAnswerBytes = (value: Uint8Array): number => value.length - HISTORY_HEADER + 32;

export function encodeMedia(record: MediaRecord): Buffer {
  const head = Buffer.allocUnsafe(MEDIA_HEADER);
  head.writeDoubleLE(record.size, 0);
  head.writeDoubleLE(record.expiresAtMs, 8);
  head.writeUInt8(record.image ? 1 : 0, 16);
  return Buffer.concat([head, record.digest]);
}

export function decodeMedia(value: Buffer, appId: string, mediaId: string, userId: string): MediaRecord {
  return {
    appId,
    userId,
    mediaId,
    size: value.readDoubleLE(0),
    expiresAtMs: value.readDoubleLE(8),
    image: value.readUInt8(16) === 1,
    digest: new Uint8Array(value.subarray(MEDIA_HEADER)),
  };
}
