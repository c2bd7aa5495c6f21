import { checkStrings } from '../checks.js';
import { PEER_ONLINE_STATE, PEER_SUBSCRIPTION_OPTION } from '../enums.js';
import type { PeerStatus } from '../native/values.js';
import type { CallOptions } from './abort.js';
import { idsFault } from './faults.js';
import { checkCallOptions } from './options.js';
import type { Requests } from './requests.js';

/**
 * Where a user stands.
 *
 * - `'online'` – logged in
 * - `'unreachable'` – logged in, but silent for 6 s; only subscribers hear of it
 * - `'offline'` – not logged in, unknown, or silent for 30 s
 */
export type PresenceState = 'online' | 'unreachable' | 'offline';

/** The state of one user, as a subscriber hears of it. */
export interface PresenceChange {
  /** The user. */
  readonly userId: string;
  /** Where the user stands now. */
  readonly state: PresenceState;
}

/** States of users subscribed to: all of them after subscribing, then what changes. */
export interface PresenceNotice {
  /** A user each, at least one. */
  readonly changes: readonly PresenceChange[];
}

const STATES: ReadonlyMap<number, PresenceState> = new Map([
  [PEER_ONLINE_STATE.PEER_ONLINE_STATE_ONLINE, 'online'],
  [PEER_ONLINE_STATE.PEER_ONLINE_STATE_UNREACHABLE, 'unreachable'],
]);

/** The states of users in the client's words. */
export function presenceOf(peers: readonly PeerStatus[]): PresenceNotice {
  const changes = peers.map(({ peerId, onlineState }) => ({
    userId: peerId,
    state: STATES.get(onlineState) ?? 'offline',
  }));
  return { changes };
}

/**
 * Who is online: asked once, or subscribed to; `client.presence`.
 *
 * ```ts
 * client.on('presence', ({ changes }) => {
 *   for (const { userId, state } of changes) console.log(userId, state);
 * });
 * await client.presence.subscribe(['bob', 'carol']);
 * ```
 */
export class Presence {
  readonly #requests: Requests;

  /** @internal See `RtmClient.presence`. */
  constructor(requests: Requests) {
    this.#requests = requests;
  }

  /**
   * Asks whether users are online, up to 256 at a time. The result is in the order asked; unknown users are offline.
   *
   * @throws TypeError at once, for arguments of the wrong type
   * @throws RtmError `ERR_RTM_INVALID_ARGUMENT` (no or bad user ids, or too many), `ERR_RTM_TOO_OFTEN` (100 calls in
   * 5 s), `ERR_RTM_TIMEOUT` (10 s), `ERR_RTM_NOT_LOGGED_IN`, `ERR_RTM_FAILURE`
   */
  query(userIds: readonly string[], options?: CallOptions): Promise<Map<string, 'online' | 'offline'>> {
    checkStrings(userIds, 'userIds');
    checkCallOptions(options);
    return this.#requests
      .start<PeerStatus[]>(
        'queryPeersOnlineStatus',
        options,
        (requests) => requests.queryPeersOnlineStatus(userIds),
        undefined,
        () => idsFault('userIds', userIds),
      )
      .then((peers) => new Map(peers.map(({ peerId, isOnline }) => [peerId, isOnline ? 'online' : 'offline'])));
  }

  /**
   * Subscribes to the states of users, up to 512 in total, until `logout()`. Their present states follow by the event
   * `'presence'` of the client, then every change; so add its listener before. A reconnect keeps the subscriptions.
   * Subscribing again to the same user is no error.
   *
   * @throws TypeError at once, for arguments of the wrong type
   * @throws RtmError `ERR_RTM_OVERFLOW` (over 512 users in total; nothing has changed), `ERR_RTM_INVALID_ARGUMENT` (no
   * or bad user ids), `ERR_RTM_TOO_OFTEN` (10 calls in 5 s), `ERR_RTM_TIMEOUT` (10 s), `ERR_RTM_NOT_LOGGED_IN`,
   * `ERR_RTM_FAILURE`
   */
  subscribe(userIds: readonly string[], options?: CallOptions): Promise<void> {
    checkStrings(userIds, 'userIds');
    checkCallOptions(options);
    return this.#requests.start(
      'subscribePeersOnlineStatus',
      options,
      (requests) => requests.subscribePeersOnlineStatus(userIds),
      undefined,
      () => idsFault('userIds', userIds),
    );
  }

  /**
   * Ends subscriptions; users not subscribed to are no error.
   *
   * @throws TypeError at once, for arguments of the wrong type
   * @throws RtmError as {@link subscribe}
   */
  unsubscribe(userIds: readonly string[], options?: CallOptions): Promise<void> {
    checkStrings(userIds, 'userIds');
    checkCallOptions(options);
    return this.#requests.start(
      'unsubscribePeersOnlineStatus',
      options,
      (requests) => requests.unsubscribePeersOnlineStatus(userIds),
      undefined,
      () => idsFault('userIds', userIds),
    );
  }

  /**
   * The ids of the users subscribed to, in no particular order.
   *
   * @throws TypeError at once, for options of the wrong type
   * @throws RtmError `ERR_RTM_TOO_OFTEN` (10 calls in 5 s), `ERR_RTM_TIMEOUT` (5 s), `ERR_RTM_NOT_LOGGED_IN`,
   * `ERR_RTM_FAILURE`
   */
  subscriptions(options?: CallOptions): Promise<string[]> {
    checkCallOptions(options);
    return this.#requests.start('queryPeersBySubscriptionOption', options, (requests) =>
      requests.queryPeersBySubscriptionOption(PEER_SUBSCRIPTION_OPTION.PEER_SUBSCRIPTION_OPTION_ONLINE_STATUS),
    );
  }
}
