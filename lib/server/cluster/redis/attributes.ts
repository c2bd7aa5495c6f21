import type { Attributes, AttributeWrite, ChannelWrite, StoredAttribute } from '../engine.js';
import type { Core } from './core.js';
import { number, text, unpack } from './fields.js';
import { channelKeys, userKeys } from './keys.js';
import type { AttributeSizes } from './options.js';
import { type WriteUserArguments, writeChannelArguments, writeUserArguments } from './script-arguments.js';

/**
 * The attributes that a script lists, in ascending order of the bytes of the keys; only the attributes of `keys`,
 * unless it is empty.
 */
export function attributesOf(list: readonly Buffer[], keys: readonly string[]): StoredAttribute[] {
  const wanted = keys.length === 0 ? undefined : new Set(keys);
  return list
    .map((entry) => unpack(entry))
    .sort((a, b) => Buffer.compare(a[0] as Buffer, b[0] as Buffer))
    .filter((fields) => wanted === undefined || wanted.has(text(fields, 0)))
    .map((fields) => ({
      key: text(fields, 0),
      value: text(fields, 1),
      updatedBy: text(fields, 2),
      updatedMs: number(fields, 3),
    }));
}

/** Attributes of users and channels: scripts attributes and channel. */
export class AttributeCalls {
  constructor(private readonly core: Core) {}

  async writeUser(write: AttributeWrite): Promise<number> {
    const { settings } = this.core;
    const user = userKeys(write.appId, write.owner);
    const args = writeUserArguments(this.#what(write, settings.userAttributes), settings);
    return Number(String(await this.core.scripts.call<Buffer>(user.partition, 'writeUser', user.keys, args)));
  }

  async writeChannel(write: AttributeWrite): Promise<ChannelWrite> {
    const { settings } = this.core;
    const channel = channelKeys(write.appId, write.owner);
    const what = this.#what(write, settings.channelAttributes);
    const { notify, inDebt } = write;
    const args = writeChannelArguments({ id: channel.id, notify, inDebt, ...what }, settings);
    const [code, noticeBytes] = await this.core.scripts.call<[Buffer, number]>(
      channel.partition,
      'writeChannel',
      channel.keys,
      args,
    );
    return { code: Number(String(code)), noticeBytes };
  }

  #what(write: AttributeWrite, { entries, valueBytes, totalBytes }: AttributeSizes): WriteUserArguments {
    return {
      fence: write.fence,
      sessionId: write.sessionId,
      request: write.requestId,
      writerId: write.writerId,
      timeMs: write.serverTimeMs,
      action: write.action,
      mostEntries: entries,
      mostValueBytes: valueBytes,
      mostBytes: totalBytes,
      entries: write.entries.flat(),
    };
  }

  async readUser(appId: string, userId: string, keys: readonly string[]): Promise<Attributes> {
    const user = userKeys(appId, userId);
    const [found, list] = await this.core.scripts.call<[number, Buffer[]]>(user.partition, 'readUser', user.keys, []);
    return { found: found === 1, entries: attributesOf(list, keys) };
  }

  async readChannel(appId: string, channelId: string, keys: readonly string[]): Promise<Attributes> {
    const channel = channelKeys(appId, channelId);
    const [, list] = await this.core.scripts.call<[Buffer, Buffer[]]>(
      channel.partition,
      'readChannel',
      channel.keys,
      [],
    );
    return { found: true, entries: attributesOf(list, keys) };
  }
}
