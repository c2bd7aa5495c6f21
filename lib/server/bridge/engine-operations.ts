// The operations of the cluster engine: fields → Engine → fields.
import type {
  Attributes,
  AttributeWrite,
  ChannelMessage,
  Engine,
  Presence,
  SessionAddress,
  SessionEnd,
  StoredAttribute,
} from '../cluster/engine.js';
import type { OperationTable, WriteAnswer } from './bridge.js';
import { Operation } from './operations.js';
import type { RecordReader, RecordWriter } from './record.js';
import { readHistoryFilter, writeHistoryPage } from './store-operations.js';

const TOKEN_BYTES = 16;

const readAddress = (reader: RecordReader): SessionAddress => ({ loop: reader.word(), sessionId: reader.id() });
const readTexts = (reader: RecordReader): string[] => reader.list(() => reader.text());

export function writeAttributes(writer: RecordWriter, entries: readonly StoredAttribute[]): void {
  writer.list(entries, (entry) =>
    writer.text(entry.key).text(entry.value).text(entry.updatedBy).number(entry.updatedMs),
  );
}

function writeOutcome({ found, entries }: Attributes): WriteAnswer {
  return (writer) => writeAttributes(writer.flag(found), entries);
}

function writeReplay(writer: RecordWriter, message: ChannelMessage): void {
  writer.number(message.offset).text(message.senderId).number(message.serverTimeMs).bytes(message.content);
}

/** What is to be done for each operation of the engine. `apps`: the App IDs of the server, by their numbers. */
export function engineOperations(engine: Engine, apps: readonly string[]): OperationTable {
  const app = (reader: RecordReader) => apps[reader.word()] as string;
  const flag = async (outcome: Promise<boolean>): Promise<WriteAnswer> => {
    const value = await outcome;
    return (writer) => writer.flag(value);
  };
  const word = async (outcome: Promise<number>): Promise<WriteAnswer> => {
    const value = await outcome;
    return (writer) => writer.word(value);
  };
  const attributes = async (outcome: Promise<Attributes>) => writeOutcome(await outcome);
  /** Operations that name a user and its fence, and have no answer. */
  const fenced = (reader: RecordReader) => [app(reader), reader.text(), reader.number()] as const;
  const readWrite = (reader: RecordReader): AttributeWrite => ({
    appId: app(reader),
    owner: reader.text(),
    writerId: reader.text(),
    sessionId: reader.id(),
    fence: reader.number(),
    requestId: reader.word(),
    serverTimeMs: reader.number(),
    notify: reader.flag(),
    action: reader.word(),
    entries: reader.list(() => [reader.text(), reader.text()] as const),
  });
  return {
    [Operation.PeerSend]: (reader) => {
      engine.sendToPeer({
        appId: app(reader),
        sender: readAddress(reader),
        seq: reader.number(),
        senderId: reader.text(),
        receiverId: reader.text(),
        flags: reader.word(),
        serverTimeMs: reader.number(),
        requiredCapabilities: reader.number(),
        content: reader.bytes(),
      });
      return undefined;
    },
    [Operation.Publish]: (reader) => {
      engine.publish({
        appId: app(reader),
        sender: readAddress(reader),
        fence: reader.number(),
        seq: reader.number(),
        senderId: reader.text(),
        channelId: reader.text(),
        flags: reader.word(),
        serverTimeMs: reader.number(),
        requiredCapabilities: reader.number(),
        content: reader.bytes(),
      });
      return undefined;
    },
    [Operation.Acknowledge]: (reader) => {
      engine.acknowledge(...fenced(reader), reader.number());
      return undefined;
    },
    [Operation.OpenSession]: async (reader) => {
      const request = {
        appId: app(reader),
        userId: reader.text(),
        address: readAddress(reader),
        capabilities: reader.number(),
      };
      const outcome = await engine.openSession(request);
      return (writer) => {
        writer.flag(outcome.opened).number(outcome.fence).raw(outcome.resumeToken, TOKEN_BYTES);
        writer.id(outcome.inboxEpoch).number(outcome.inboxOffset);
      };
    },
    [Operation.ResumeSession]: async (reader) => {
      const request = {
        appId: app(reader),
        userId: reader.text(),
        address: readAddress(reader),
        token: reader.raw(TOKEN_BYTES),
        capabilities: reader.number(),
        inboxEpoch: reader.id(),
        inboxOffset: reader.number(),
      };
      const outcome = await engine.resumeSession(request);
      return (writer) => {
        writer.byte(outcome.status).number(outcome.fence).raw(outcome.resumeToken, TOKEN_BYTES);
        writer.flag(outcome.inboxComplete);
        writer.list(outcome.previous ? [outcome.previous] : [], ({ loop, sessionId }) =>
          writer.word(loop).id(sessionId),
        );
      };
    },
    [Operation.StartDelivery]: (reader) => {
      engine.startDelivery(...fenced(reader));
      return undefined;
    },
    [Operation.ConfirmResume]: (reader) => {
      engine.confirmResume(...fenced(reader));
      return undefined;
    },
    [Operation.LinkLost]: (reader) => {
      engine.linkLost(...fenced(reader), reader.number());
      return undefined;
    },
    [Operation.CloseSession]: (reader) => {
      engine.closeSession(...fenced(reader), reader.byte() as SessionEnd);
      return undefined;
    },
    [Operation.CloseUser]: (reader) => flag(engine.closeUser(app(reader), reader.text(), reader.byte() as SessionEnd)),
    [Operation.Kick]: (reader) => flag(engine.kick(app(reader), reader.text(), reader.text())),
    [Operation.SessionEnded]: (reader) => {
      engine.sessionEnded(app(reader), reader.text(), reader.id());
      return undefined;
    },
    [Operation.Join]: async (reader) => {
      const request = {
        appId: app(reader),
        channelId: reader.text(),
        userId: reader.text(),
        address: readAddress(reader),
        fence: reader.number(),
        again: reader.flag(),
        epoch: reader.id(),
        offset: reader.number(),
      };
      const outcome = await engine.join(request);
      return (writer) => {
        writer.flag(outcome.joined).id(outcome.epoch).number(outcome.offset).word(outcome.memberCount);
        writer.flag(outcome.complete).list(outcome.replay, (message) => writeReplay(writer, message));
        const missed = outcome.missedAttributes;
        writer.list(missed ? [missed] : [], (entries) => writeAttributes(writer, entries));
      };
    },
    [Operation.Leave]: (reader) => flag(engine.leave(app(reader), reader.text(), reader.text(), reader.number())),
    [Operation.Members]: async (reader) => {
      const [appId, channelId, userId, fence] = [app(reader), reader.text(), reader.text(), reader.number()];
      const userIds = await engine.members(appId, channelId, userId, fence, reader.word());
      return (writer) => {
        writer.flag(userIds !== undefined).list(userIds ?? [], (each) => writer.text(each));
      };
    },
    [Operation.MemberCount]: (reader) => word(engine.memberCount(app(reader), reader.text())),
    [Operation.Presence]: async (reader) => {
      const states: Presence[] = await engine.presence(app(reader), readTexts(reader));
      return (writer) => {
        writer.list(states, (state) => writer.byte(state));
      };
    },
    [Operation.Watch]: (reader) => engine.watch(reader.word(), app(reader), readTexts(reader)),
    [Operation.Unwatch]: (reader) => {
      engine.unwatch(reader.word(), app(reader), readTexts(reader));
      return undefined;
    },
    [Operation.NoteSilence]: (reader) => {
      engine.noteSilence(...fenced(reader), reader.flag());
      return undefined;
    },
    [Operation.WriteUserAttributes]: (reader) => word(engine.writeUserAttributes(readWrite(reader))),
    [Operation.UserAttributes]: (reader) =>
      attributes(engine.userAttributes(app(reader), reader.text(), readTexts(reader))),
    [Operation.WriteChannelAttributes]: (reader) => word(engine.writeChannelAttributes(readWrite(reader))),
    [Operation.ChannelAttributes]: (reader) =>
      attributes(engine.channelAttributes(app(reader), reader.text(), readTexts(reader))),
    [Operation.EngineHistory]: async (reader) => {
      const page = await engine.queryHistory(app(reader), readHistoryFilter(reader));
      return (writer) => writeHistoryPage(writer, page);
    },
  };
}
