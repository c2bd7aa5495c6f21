import { CONNECTION_STATE } from '../enums.js';
import { connectChannel, publishEstablished } from '../native/diagnostics.js';
import type { ServiceSink } from '../native/event-kinds.js';
import type { Activity } from './activity.js';
import { EventForwarder } from './event-forwarder.js';

export type { SessionEvents } from './event-forwarder.js';

const { CONNECTION_STATE_DISCONNECTED, CONNECTION_STATE_ABORTED } = CONNECTION_STATE;

/** Takes the events of one session: counts results, tells diagnostics, and passes everything on to the owner. */
export class SessionSink extends EventForwarder implements ServiceSink {
  /** Kept besides, so that a session whose events are to be expected is not collected. */
  readonly #session: { readonly lastFailure: string };
  #userId = '';
  /** When the login was asked for; 0 if nobody listens on `rtm:connect`. */
  #loginAt = 0;
  /** A login was accepted, and has had no result. */
  #loggingIn = false;

  constructor(activity: Activity, session: { readonly lastFailure: string }) {
    super(activity);
    this.#session = session;
  }

  /** A login has been accepted. */
  loginBegun(userId: string): void {
    this.#userId = userId;
    this.#loggingIn = true;
    this.#loginAt = connectChannel.hasSubscribers ? performance.now() : 0;
  }

  override onLoginSuccess(): void {
    this.#loggingIn = false;
    super.onLoginSuccess();
  }

  /** A logout ends a login that is under way, which gets no result of its own (docs/spec/connection.md §1). */
  override onLogout(code: number): void {
    if (this.#loggingIn) this.activity.concluded();
    this.#loggingIn = false;
    super.onLogout(code);
  }

  override onLoginFailure(code: number): void {
    this.#loggingIn = false;
    if (this.#loginAt !== 0 && connectChannel.hasSubscribers) {
      connectChannel.publish({
        userId: this.#userId,
        outcome: 'failed',
        duration: performance.now() - this.#loginAt,
        server: undefined,
        reason: code,
        detail: this.#session.lastFailure,
      });
    }
    super.onLoginFailure(code);
  }

  override onConnectionState(state: number, reason: number): void {
    this.activity.connected = state !== CONNECTION_STATE_DISCONNECTED && state !== CONNECTION_STATE_ABORTED;
    super.onConnectionState(state, reason);
  }

  onLinkEstablished(
    how: number,
    complete: boolean,
    ms: number,
    server: string,
    missed: boolean,
    channels: string[],
  ): void {
    publishEstablished(this.#userId, how, complete, ms, server);
    if (how !== 0) this.events?.onReconnected?.(how === 1, missed, channels);
  }
}
