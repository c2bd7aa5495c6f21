// What the shared state tells a node, on its way to the loops.
import type { EngineNews } from '../cluster/engine.js';
import type { ServerBridge } from './bridge.js';
import { ALL_LOOPS, NewsKind } from './operations.js';
import type { RecordWriter } from './record.js';
import {
  writeChannelAttributesNews,
  writeChannelMessageNews,
  writeDropSessionNews,
  writeEndSessionNews,
  writeKickedNews,
  writeMemberCountNews,
  writeMemberEventNews,
  writePeerMessageNews,
  writePresenceNews,
  writeSendResultsNews,
  writeSuspendNews,
} from './records.js';

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
      this.bridge?.tell(NewsKind.SendResults, to.loop, (writer) =>
        writeSendResultsNews(writer, to.sessionId, firstSeq, count, code),
      ),
    peerMessage: (to, offset, { senderId, serverTimeMs, requiredCapabilities, cached, content }) =>
      this.bridge?.tell(NewsKind.PeerMessage, to.loop, (writer) =>
        writePeerMessageNews(
          writer,
          to.sessionId,
          offset,
          senderId,
          serverTimeMs,
          requiredCapabilities,
          cached,
          content,
        ),
      ),
    channelMessage: (appId, channelId, message, exceptSessionId) =>
      this.#tellApp(NewsKind.ChannelMessage, ALL_LOOPS, appId, (writer, app) => {
        const { offset, senderId, serverTimeMs, requiredCapabilities, content } = message;
        writeChannelMessageNews(
          writer,
          app,
          channelId,
          exceptSessionId === '' ? '0' : exceptSessionId,
          offset,
          senderId,
          serverTimeMs,
          requiredCapabilities,
          content,
        );
      }),
    memberEvent: (appId, channelId, joined, left, memberCount) =>
      this.#tellApp(NewsKind.MemberEvent, ALL_LOOPS, appId, (writer, app) =>
        writeMemberEventNews(writer, app, channelId, joined, left, memberCount),
      ),
    memberCount: (appId, channelId, count) =>
      this.#tellApp(NewsKind.MemberCount, ALL_LOOPS, appId, (writer, app) =>
        writeMemberCountNews(writer, app, channelId, count),
      ),
    channelAttributes: (appId, channelId, entries) =>
      this.#tellApp(NewsKind.ChannelAttributes, ALL_LOOPS, appId, (writer, app) =>
        writeChannelAttributesNews(writer, app, channelId, entries),
      ),
    presence: (loop, appId, userId, state) =>
      this.#tellApp(NewsKind.Presence, loop, appId, (writer, app) => writePresenceNews(writer, app, userId, state)),
    kicked: (session, channelId) =>
      this.bridge?.tell(NewsKind.Kicked, session.loop, (writer) =>
        writeKickedNews(writer, session.sessionId, channelId),
      ),
    endSession: (session, reason) =>
      this.bridge?.tell(NewsKind.EndSession, session.loop, (writer) =>
        writeEndSessionNews(writer, session.sessionId, reason),
      ),
    dropSession: (session) =>
      this.bridge?.tell(NewsKind.DropSession, session.loop, (writer) =>
        writeDropSessionNews(writer, session.sessionId),
      ),
    suspend: (retryAfterMs) => {
      this.#suspendedMs = retryAfterMs;
      this.#suspended(true);
      this.bridge?.tell(NewsKind.Suspend, ALL_LOOPS, (writer) => writeSuspendNews(writer, retryAfterMs));
    },
    resume: () => {
      this.#suspendedMs = undefined;
      this.#suspended(false);
      this.bridge?.tell(NewsKind.Resume, ALL_LOOPS, () => {});
    },
  };

  /** News of a user or a channel; of an App ID that this server does not serve, nobody is here to hear it. */
  #tellApp(kind: NewsKind, loop: number, appId: string, write: (writer: RecordWriter, app: number) => void): void {
    const app = this.#apps.indexOf(appId);
    if (app >= 0) this.bridge?.tell(kind, loop, (writer) => write(writer, app));
  }
}
