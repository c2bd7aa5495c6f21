import { checkString } from '../checks.js';
import type { ChannelAttribute } from '../native/values.js';

/** One attribute of a channel (docs/spec/api.md §6). Made by `createChannelAttribute`, or handed to a callback. */
export class RtmChannelAttribute {
  #key = '';
  #value = '';
  #lastUpdateUserId = '';
  #lastUpdateTs = 0;

  /** @internal A received attribute. */
  static received(value: ChannelAttribute): RtmChannelAttribute {
    const attribute = new RtmChannelAttribute();
    attribute.#key = value.key;
    attribute.#value = value.value;
    attribute.#lastUpdateUserId = value.lastUpdateUserId;
    attribute.#lastUpdateTs = value.lastUpdateTs;
    return attribute;
  }

  /** 1 to 32 bytes of visible characters, checked by the call that uses it. */
  setKey(key: string): void {
    this.#key = checkString(key, 'key');
  }

  /** The key; "" if none was set. */
  getKey(): string {
    return this.#key;
  }

  /** 1 byte to 8 KB of UTF-8, checked by the call that uses it. */
  setValue(value: string): void {
    this.#value = checkString(value, 'value');
  }

  /** The value; "" if none was set. */
  getValue(): string {
    return this.#value;
  }

  /** The user who wrote this key last; set by the server. */
  getLastUpdateUserId(): string {
    return this.#lastUpdateUserId;
  }

  /** When this key was written last, in milliseconds since 1970 UTC; set by the server. */
  getLastUpdateTs(): number {
    return this.#lastUpdateTs;
  }

  /** Here for ported programs; does nothing. */
  release(): void {}
}

/** The C++ name of {@link RtmChannelAttribute}. */
export interface IRtmChannelAttribute extends RtmChannelAttribute {}
