// The operations of the store: fields → MessageStore → fields.
import type {
  HistoryFilter,
  HistoryPage,
  HistoryRecord,
  MediaRecord,
  MessageStore,
  OfflineEntry,
} from '../storage/message-store.js';
import type { OperationTable } from './bridge.js';
import { Operation } from './operations.js';
import type { RecordReader, RecordWriter } from './record.js';

const DIGEST_BYTES = 32;

function readMedia(reader: RecordReader): MediaRecord {
  return {
    appId: reader.text(),
    mediaId: reader.text(),
    size: reader.number(),
    digest: reader.raw(DIGEST_BYTES),
    image: reader.flag(),
    expiresAtMs: reader.number(),
  };
}

function writeMedia(writer: RecordWriter, records: readonly MediaRecord[]): void {
  writer.list(records, (record) => {
    writer.text(record.appId).text(record.mediaId).number(record.size).raw(record.digest, DIGEST_BYTES);
    writer.flag(record.image).number(record.expiresAtMs);
  });
}

function writeEntry(writer: RecordWriter, entry: OfflineEntry): void {
  writer.number(entry.id).text(entry.senderId).number(entry.timeMs).number(entry.requiredCapabilities);
  writer.bytes(entry.content);
}

function writeHistory(writer: RecordWriter, record: HistoryRecord): void {
  writer.text(record.source).text(record.destination).flag(record.channel).number(record.timeMs).text(record.text);
}

export function readHistoryFilter(reader: RecordReader): HistoryFilter {
  return {
    source: reader.text(),
    destination: reader.text(),
    peers: reader.flag(),
    channels: reader.flag(),
    startMs: reader.number(),
    endMs: reader.number(),
    nowMs: reader.number(),
    offset: reader.word(),
    limit: reader.word(),
    bytes: reader.number(),
    descending: reader.flag(),
  };
}

export function writeHistoryPage(writer: RecordWriter, page: HistoryPage): void {
  writer.word(page.total).list(page.records, (record) => writeHistory(writer, record));
}

/**
 * What is to be done for each operation of the store. `apps`: the App IDs of the server, by their numbers.
 */
export function storeOperations(store: MessageStore, apps: readonly string[]): OperationTable {
  const app = (reader: RecordReader) => apps[reader.word()] as string;
  return {
    [Operation.AppendOffline]: (reader) => {
      const [appId, receiver] = [app(reader), reader.text()];
      const message = {
        senderId: reader.text(),
        timeMs: reader.number(),
        requiredCapabilities: reader.number(),
        content: reader.bytes(),
      };
      return store.appendOffline(appId, receiver, message);
    },
    [Operation.LoadOffline]: async (reader) => {
      const [appId, receiver, nowMs] = [app(reader), reader.text(), reader.number()];
      const entries = await store.loadOffline(appId, receiver, nowMs);
      return (writer) => writer.list(entries, (entry) => writeEntry(writer, entry));
    },
    [Operation.RemoveOffline]: (reader) => {
      const [appId, receiver] = [app(reader), reader.text()];
      return store.removeOffline(appId, receiver, reader.number(), reader.number());
    },
    [Operation.AppendHistory]: (reader) => {
      const appId = app(reader);
      const record = {
        source: reader.text(),
        destination: reader.text(),
        channel: reader.flag(),
        timeMs: reader.number(),
        text: reader.text(),
      };
      return store.appendHistory(appId, record);
    },
    [Operation.QueryHistory]: async (reader) => {
      const appId = app(reader);
      const filter = readHistoryFilter(reader);
      const page = await store.queryHistory(appId, filter);
      return (writer) => writeHistoryPage(writer, page);
    },
    [Operation.FindMedia]: async (reader) => {
      const [appId, mediaId, nowMs] = [reader.text(), reader.text(), reader.number()];
      const record = await store.findMedia(appId, mediaId, nowMs);
      return (writer) => writeMedia(writer, record ? [record] : []);
    },
    [Operation.AddMedia]: (reader) => store.addMedia(readMedia(reader)),
    [Operation.TakeExpiredMedia]: async (reader) => {
      const [nowMs, most] = [reader.number(), reader.word()];
      const records = await store.takeExpiredMedia(nowMs, most);
      return (writer) => writeMedia(writer, records);
    },
    [Operation.IsMediaListed]: async (reader) => {
      const appIds = reader.list(() => reader.text());
      const mediaId = reader.text();
      if (store.isMediaListed) {
        const listed = await store.isMediaListed(mediaId);
        return (writer) => writer.flag(listed);
      }
      for (const appId of appIds) {
        if (await store.findMedia(appId, mediaId, 0)) return (writer) => writer.flag(true);
      }
      return (writer) => writer.flag(false);
    },
  };
}
