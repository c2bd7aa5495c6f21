// What the shared state tells a node, on its way to the loops.
import type { EngineNews } from '../cluster/engine.js';
import type { ServerBridge } from './bridge.js';
import { writeAttributes } from './engine-operations.js';
import { ALL_LOOPS, NewsKind } from './operations.js';

/**
 * News for the server of `bridge`. What is told before there is one concerns nobody, since nobody is logged in; that the
 * engine is suspended is told again by {@link EngineNewsWriter.repeat}.
 */
export class EngineNewsWriter {
  bridge: ServerBridge | undefined;
  #suspendedMs: number | undefined;
  readonly #apps: readonly string[];
  readonly #suspended: (now: boolean) => void;

  /** `suspended` hears whether the engine is. */
  constructor(apps: readonly string[], suspended: (now: boolean) => void = () => {}) {
    this.#apps = apps;
    this.#suspended = suspended;
  }

  /** The loops listen from now on. */
  repeat(): void {
    if (this.#suspendedMs !== undefined) this.news.suspend(this.#suspendedMs);
  }

  readonly news: EngineNews = {
    sendResults: (to, firstSeq, count, code) =>
      this.bridge?.tell(NewsKind.SendResults, to.loop, (writer) => {
        writer.id(to.sessionId).number(firstSeq).number(count).word(code);
      }),
    peerMessage: (to, offset, message) =>
      this.bridge?.tell(NewsKind.PeerMessage, to.loop, (writer) => {
        writer.id(to.sessionId).number(offset).text(message.senderId).number(message.serverTimeMs);
        writer.number(message.requiredCapabilities).flag(message.cached).bytes(message.content);
      }),
    channelMessage: (appId, channelId, message, exceptSessionId) =>
      this.#tellAll(NewsKind.ChannelMessage, appId, channelId, (writer) => {
        writer
          .id(exceptSessionId === '' ? '0' : exceptSessionId)
          .number(message.offset)
          .text(message.senderId);
        writer.number(message.serverTimeMs).number(message.requiredCapabilities).bytes(message.content);
      }),
    memberEvent: (appId, channelId, joined, left, memberCount) =>
      this.#tellAll(NewsKind.MemberEvent, appId, channelId, (writer) => {
        writer
          .list(joined, (each) => writer.text(each))
          .list(left, (each) => writer.text(each))
          .word(memberCount);
      }),
    memberCount: (appId, channelId, count) =>
      this.#tellAll(NewsKind.MemberCount, appId, channelId, (writer) => writer.word(count)),
    channelAttributes: (appId, channelId, entries) =>
      this.#tellAll(NewsKind.ChannelAttributes, appId, channelId, (writer) => writeAttributes(writer, entries)),
    presence: (loop, appId, userId, state) =>
      this.#tell(NewsKind.Presence, loop, appId, userId, (writer) => writer.byte(state)),
    kicked: (session, channelId) =>
      this.bridge?.tell(NewsKind.Kicked, session.loop, (writer) => writer.id(session.sessionId).text(channelId)),
    endSession: (session, reason) =>
      this.bridge?.tell(NewsKind.EndSession, session.loop, (writer) => writer.id(session.sessionId).byte(reason)),
    dropSession: (session) =>
      this.bridge?.tell(NewsKind.DropSession, session.loop, (writer) => writer.id(session.sessionId)),
    suspend: (retryAfterMs) => {
      this.#suspendedMs = retryAfterMs;
      this.#suspended(true);
      this.bridge?.tell(NewsKind.Suspend, ALL_LOOPS, (writer) => writer.word(retryAfterMs));
    },
    resume: () => {
      this.#suspendedMs = undefined;
      this.#suspended(false);
      this.bridge?.tell(NewsKind.Resume, ALL_LOOPS, () => {});
    },
  };

  #tellAll(kind: NewsKind, appId: string, name: string, write: Parameters<ServerBridge['tell']>[2]): void {
    this.#tell(kind, ALL_LOOPS, appId, name, write);
  }

  /** News of a user or a channel; of an App ID that this server does not serve, nobody is here to hear it. */
  #tell(kind: NewsKind, loop: number, appId: string, name: string, write: Parameters<ServerBridge['tell']>[2]): void {
    const app = this.#apps.indexOf(appId);
    if (app < 0) return;
    this.bridge?.tell(kind, loop, (writer) => {
      writer.word(app).text(name);
      write(writer);
    });
  }
}
