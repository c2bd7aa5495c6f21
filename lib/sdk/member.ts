/** One member of a channel (docs/spec/api.md §7), as handed to callbacks. */
export class RtmChannelMember {
  readonly #userId: string;
  readonly #channelId: string;

  /** @internal */
  constructor(userId: string, channelId: string) {
    this.#userId = userId;
    this.#channelId = channelId;
  }

  /** The member. */
  getUserId(): string {
    return this.#userId;
  }

  /** The channel that it is a member of. */
  getChannelId(): string {
    return this.#channelId;
  }

  /** Here for ported programs; does nothing. */
  release(): void {}
}

/** The C++ name of {@link RtmChannelMember}. */
export interface IChannelMember extends RtmChannelMember {}
