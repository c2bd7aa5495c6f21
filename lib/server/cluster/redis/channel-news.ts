import type { News } from '../mailboxes.js';
import { splitId } from '../partitions.js';
import { attributesOf } from './attributes.js';
import type { Core } from './core.js';
import { field, number, text, unpack } from './fields.js';
import { type LocalChannel, type LocalChannels, messageOf } from './local-channels.js';

/** Of channels: the news of the mailbox, and after lost news the state that was asked for. */
export class ChannelNews {
  constructor(
    private readonly core: Core,
    private readonly local: LocalChannels,
    /** The present fence of a session, if it is on this node. */
    private readonly fenceOf: (sessionId: string) => number | undefined,
  ) {}

  handle(letter: string, news: News): void {
    const local = this.local.get(text(news, 1));
    if (letter === 'K') {
      this.#kicked(news, local);
      return;
    }
    if (local === undefined) return;
    switch (letter) {
      case 'C': {
        const { message, sender } = messageOf(text(news, 2), news.slice(3));
        this.local.message(local, message, sender);
        return;
      }
      case 'M':
        this.local.membership(local, number(news, 5), text(news, 3), text(news, 4), number(news, 2));
        break;
      case 'N':
        this.local.counted(local, number(news, 2));
        return;
      case 'A':
        this.local.attributes(local, number(news, 2), attributesOf(news.slice(3), []));
        return;
      case 'a':
        this.local.attributesDue(local, number(news, 2));
        return;
    }
  }

  #kicked(news: News, local: LocalChannel | undefined): void {
    const { name } = splitId(field(news, 1));
    const userId = text(news, 2);
    const sessionId = text(news, 4);
    const member = local?.members.get(userId);
    const mine = member?.sessionId === sessionId;
    if (local !== undefined && mine) this.local.exit(local, userId);
    this.core.news.kicked({ loop: mine ? member.loop : number(news, 3), sessionId }, name);
  }

  /** What to ask of the channels of a partition after lost news. */
  questions(partition: number): (string | Buffer)[] {
    const ask: string[] = [];
    for (const local of this.local.in(partition)) {
      ask.push('c', local.channel.id, local.epoch, String(local.offset), String(local.version));
      for (const [userId, { sessionId, fence }] of local.members) {
        ask.push('m', local.channel.id, userId, sessionId, String(fence));
      }
    }
    return ask;
  }

  /** The state of a channel, in answer to {@link questions}. */
  channelState(answer: readonly unknown[]): void {
    const [, id, epoch, offset, count, entries, noticedAt, attributes, version, notices, written] = answer as [
      Buffer,
      Buffer,
      Buffer,
      Buffer,
      number,
      Buffer[],
      Buffer,
      Buffer[],
      Buffer,
      Buffer[],
      Buffer,
    ];
    const local = this.local.get(String(id));
    if (local === undefined) return;
    for (const entry of notices) {
      const fields = unpack(entry);
      this.local.membership(local, number(fields, 0), text(fields, 1), text(fields, 2), count);
    }
    local.version = Number(String(version));
    for (const entry of entries) {
      const { message, sender } = messageOf(String(epoch), unpack(entry));
      this.local.message(local, message, sender);
    }
    local.epoch = String(epoch);
    if (Number(String(offset)) > local.offset) local.offset = Number(String(offset));
    if (String(noticedAt) !== local.noticedAt) {
      local.noticedAt = String(noticedAt);
      this.local.attributes(local, Number(String(written)), attributesOf(attributes, []));
    }
    this.local.counted(local, count);
  }

  /** The state of a member, in answer to {@link questions}. */
  memberState(answer: readonly unknown[]): void {
    const [, id, user, fence, there] = answer as [Buffer, Buffer, Buffer, Buffer, number];
    const local = this.local.get(String(id));
    const member = local?.members.get(String(user));
    if (there === 1 || local === undefined || member === undefined || String(member.fence) !== String(fence)) return;
    // The session has been resumed since: its next join tells whether it is still a member.
    if ((this.fenceOf(member.sessionId) ?? 0) > member.fence) return;
    this.local.exit(local, String(user));
    this.core.news.kicked({ loop: member.loop, sessionId: member.sessionId }, local.channelId);
  }
}
