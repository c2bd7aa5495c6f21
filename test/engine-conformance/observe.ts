// The observations of bots, for comparison with the model.
import type { Channel, RtmClient } from 'rtm-native';

/** Waits until `matches` is true; tests it whenever something may have changed. */
export async function eventually(
  what: string,
  matches: () => boolean | Promise<boolean>,
  milliseconds = 5000,
): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await matches())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${milliseconds} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A bot that records what it hears. */
export class Witness {
  readonly peer: string[] = [];
  readonly rooms = new Map<string, string[]>();
  /** By channel: `+alice` for a user who joined, `-alice` for a user who left. */
  readonly members = new Map<string, string[]>();
  /** The last reported state of each user. */
  readonly states = new Map<string, string>();
  readonly channels = new Map<string, Channel>();
  /** Why the login ended, if it did. */
  ended = '';

  constructor(readonly client: RtmClient) {
    client.on('message', ({ from, text, offline }) => this.peer.push(`${from}: ${text}${offline ? ' (offline)' : ''}`));
    client.on('presence', ({ changes }) => {
      for (const { userId, state } of changes) this.states.set(userId, state);
    });
    client.on('state', ({ current, reason }) => {
      if (current === 'aborted') this.ended = reason;
    });
  }

  async join(channelId: string): Promise<Channel> {
    const room: string[] = this.rooms.get(channelId) ?? [];
    const members: string[] = this.members.get(channelId) ?? [];
    this.rooms.set(channelId, room);
    this.members.set(channelId, members);
    const channel = await this.client.join(channelId);
    channel.on('message', ({ from, text }) => room.push(`${from}: ${text}`));
    channel.on('memberJoined', ({ userId }) => members.push(`+${userId}`));
    channel.on('memberLeft', ({ userId }) => members.push(`-${userId}`));
    this.channels.set(channelId, channel);
    return channel;
  }

  room(channelId: string): readonly string[] {
    return this.rooms.get(channelId) ?? [];
  }
}
