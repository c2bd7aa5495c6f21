import { checkString, checkStrings } from '../checks.js';
import { invalidArgType } from '../errors.js';
import type { ChannelAttribute, UserAttribute } from '../native/values.js';
import type { CallOptions } from './abort.js';
import { type AttributeWriteOptions, checkCallOptions, checkWriteOptions } from './options.js';
import type { Requests } from './requests.js';

/**
 * Attributes to write: an object, or a `Map`, of keys (1 to 32 bytes of visible characters) and texts (1 byte to 8
 * KiB).
 */
export type AttributeValues = Readonly<Record<string, string>> | ReadonlyMap<string, string>;

/** One attribute of a channel. */
export interface ChannelAttributeValue {
  /** 1 byte to 8 KiB of text. */
  readonly value: string;
  /** The user who wrote this key last. */
  readonly updatedBy: string;
  /** When this key was written last, in milliseconds since the epoch, by the server's clock. */
  readonly updatedAt: number;
}

/** The attributes of a channel after a change that was to be told to its members. */
export interface AttributesNotice {
  /** Id of the channel. */
  readonly channelId: string;
  /** All attributes of the channel, not only the changed ones. */
  readonly attributes: ReadonlyMap<string, ChannelAttributeValue>;
}

/** Attributes as they cross: key, value, key, value … Throws unless they are texts. */
function flatten(attributes: AttributeValues): string[] {
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes)) {
    throw invalidArgType('attributes', 'an object or a Map of strings', attributes);
  }
  const entries: Iterable<[unknown, unknown]> = attributes instanceof Map ? attributes : Object.entries(attributes);
  return Array.from(entries, ([key, value]) => [
    checkString(key, 'a key of attributes'),
    checkString(value, `attributes[${JSON.stringify(key)}]`),
  ]).flat();
}

/** The attributes of a channel by key. */
export function channelAttributesOf(attributes: readonly ChannelAttribute[]): Map<string, ChannelAttributeValue> {
  return new Map(
    attributes.map(({ key, value, lastUpdateUserId, lastUpdateTs }) => [
      key,
      { value, updatedBy: lastUpdateUserId, updatedAt: lastUpdateTs },
    ]),
  );
}

/**
 * Attributes of users; `client.attributes`. Everybody may read them, each user writes only their own. They live as long
 * as the login, and survive reconnects.
 *
 * A user has at most 32, of 16 KiB in total. Every call throws a `TypeError` at once for arguments of the wrong type,
 * and may reject with an `RtmError`: `ERR_RTM_INVALID_ARGUMENT` (nothing named, or a bad key, value or user id),
 * `ERR_RTM_SIZE_OVERFLOW` (nothing has changed then), `ERR_RTM_TOO_OFTEN` (100 writes and 400 reads in 5 s),
 * `ERR_RTM_TIMEOUT` (5 s), `ERR_RTM_NOT_LOGGED_IN`, `ERR_RTM_FAILURE`.
 */
export class UserAttributes {
  readonly #requests: Requests;
  readonly #userId: string;

  /** @internal See `RtmClient.attributes`. */
  constructor(requests: Requests, userId: string) {
    this.#requests = requests;
    this.#userId = userId;
  }

  /** Replaces all of this user's attributes by these, at least one; see {@link clear} for none. */
  set(attributes: AttributeValues, options?: CallOptions): Promise<void> {
    const list = flatten(attributes);
    checkCallOptions(options);
    return this.#requests.start('setLocalUserAttributes', options, (requests) => requests.setLocalUserAttributes(list));
  }

  /** Adds or changes these attributes of this user, at least one, and keeps the others. */
  merge(attributes: AttributeValues, options?: CallOptions): Promise<void> {
    const list = flatten(attributes);
    checkCallOptions(options);
    return this.#requests.start('addOrUpdateLocalUserAttributes', options, (requests) =>
      requests.addOrUpdateLocalUserAttributes(list),
    );
  }

  /** Deletes this user's attributes with these keys, at least one; unknown keys are no error. */
  delete(keys: readonly string[], options?: CallOptions): Promise<void> {
    checkStrings(keys, 'keys');
    checkCallOptions(options);
    return this.#requests.start('deleteLocalUserAttributesByKeys', options, (requests) =>
      requests.deleteLocalUserAttributesByKeys(keys),
    );
  }

  /** Deletes all of this user's attributes. */
  clear(options?: CallOptions): Promise<void> {
    checkCallOptions(options);
    return this.#requests.start('clearLocalUserAttributes', options, (requests) => requests.clearLocalUserAttributes());
  }

  /**
   * Reads the attributes of a user who is online.
   *
   * @param userId - whose attributes; by default the attributes of this user
   * @param keys - which; keys that do not exist are left out. All by default
   * @throws RtmError `ERR_RTM_USER_NOT_FOUND` besides, if the user is not online
   */
  get(userId: string = this.#userId, keys?: readonly string[], options?: CallOptions): Promise<Map<string, string>> {
    checkString(userId, 'userId');
    if (keys !== undefined) checkStrings(keys, 'keys');
    checkCallOptions(options);
    const about = `user ${JSON.stringify(userId)}`;
    const answer =
      keys === undefined
        ? this.#requests.start<UserAttribute[]>(
            'getUserAttributes',
            options,
            (requests) => requests.getUserAttributes(userId),
            about,
          )
        : this.#requests.start<UserAttribute[]>(
            'getUserAttributesByKeys',
            options,
            (requests) => requests.getUserAttributesByKeys(userId, keys),
            about,
          );
    return answer.then((attributes) => new Map(attributes.map(({ key, value }) => [key, value])));
  }
}

/**
 * Attributes of one channel; `channel.attributes`, or `client.channelAttributes(channelId)` without joining it.
 * Everybody may read and write them; the last write of a key wins. They go with the channel, a few minutes after its
 * last member.
 *
 * A channel has at most 32, of 32 KiB in total. With `notify: true` a write tells all members by the event
 * `'attributes'`. Every call rejects like the calls of {@link UserAttributes}.
 */
export class ChannelAttributes {
  /** The channel they belong to. */
  readonly channelId: string;
  readonly #requests: Requests;

  /** @internal See `Channel.attributes` and `RtmClient.channelAttributes()`. */
  constructor(requests: Requests, channelId: string) {
    this.channelId = channelId;
    this.#requests = requests;
  }

  /** Replaces all attributes by these, at least one; see {@link clear} for none. */
  set(attributes: AttributeValues, options?: AttributeWriteOptions): Promise<void> {
    const list = flatten(attributes);
    checkWriteOptions(options);
    return this.#requests.start(
      'setChannelAttributes',
      options,
      (requests) => requests.setChannelAttributes(this.channelId, list, options?.notify ?? false),
      this.#where,
    );
  }

  /** Adds or changes these attributes, at least one, and keeps the others. */
  merge(attributes: AttributeValues, options?: AttributeWriteOptions): Promise<void> {
    const list = flatten(attributes);
    checkWriteOptions(options);
    return this.#requests.start(
      'addOrUpdateChannelAttributes',
      options,
      (requests) => requests.addOrUpdateChannelAttributes(this.channelId, list, options?.notify ?? false),
      this.#where,
    );
  }

  /** Deletes the attributes of these keys, at least one; unknown keys are no error. */
  delete(keys: readonly string[], options?: AttributeWriteOptions): Promise<void> {
    checkStrings(keys, 'keys');
    checkWriteOptions(options);
    return this.#requests.start(
      'deleteChannelAttributesByKeys',
      options,
      (requests) => requests.deleteChannelAttributesByKeys(this.channelId, keys, options?.notify ?? false),
      this.#where,
    );
  }

  /** Deletes all attributes. */
  clear(options?: AttributeWriteOptions): Promise<void> {
    checkWriteOptions(options);
    return this.#requests.start(
      'clearChannelAttributes',
      options,
      (requests) => requests.clearChannelAttributes(this.channelId, options?.notify ?? false),
      this.#where,
    );
  }

  /**
   * Reads the attributes; none of a channel that is unknown.
   *
   * @param keys - which; keys that do not exist are left out. All by default
   */
  get(keys?: readonly string[], options?: CallOptions): Promise<Map<string, ChannelAttributeValue>> {
    if (keys !== undefined) checkStrings(keys, 'keys');
    checkCallOptions(options);
    const answer =
      keys === undefined
        ? this.#requests.start<ChannelAttribute[]>(
            'getChannelAttributes',
            options,
            (requests) => requests.getChannelAttributes(this.channelId),
            this.#where,
          )
        : this.#requests.start<ChannelAttribute[]>(
            'getChannelAttributesByKeys',
            options,
            (requests) => requests.getChannelAttributesByKeys(this.channelId, keys),
            this.#where,
          );
    return answer.then(channelAttributesOf);
  }

  get #where(): string {
    return `channel ${JSON.stringify(this.channelId)}`;
  }
}
