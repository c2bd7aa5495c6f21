// Messages for observability tools over node:diagnostics_channel; see docs/diagnostics.md.
import { type Channel, channel } from 'node:diagnostics_channel';

/** Channel `rtm:connect`: a login has ended, one way or the other. */
export interface ConnectDiagnostic {
  /** The user of the client. */
  readonly userId: string;
  /** How it ended. */
  readonly outcome: 'connected' | 'failed';
  /** Milliseconds since the call. */
  readonly duration: number;
  /** Where: `127.0.0.1:9136`, or `chat.example:9136 at 127.0.0.1:9136`; undefined if it failed. */
  readonly server: string | undefined;
  /** The number of `LOGIN_ERR_CODE` if the login failed. */
  readonly reason: number | undefined;
  /** The reason if the login failed, with a line for each attempt. */
  readonly detail: string | undefined;
}

/** Channel `rtm:reconnect`: a lost link is back. */
export interface ReconnectDiagnostic {
  /** The user of the client. */
  readonly userId: string;
  /**
   * True if the session goes on. False if the server had forgotten the session, and the client has logged in again and
   * restored its channels, attributes and subscriptions.
   */
  readonly resumed: boolean;
  /** Milliseconds since the loss. */
  readonly duration: number;
  /** Where, as in {@link ConnectDiagnostic}. */
  readonly server: string;
}

/** Channel `rtm:resume`: a session goes on over a new link; comes with an `rtm:reconnect`. */
export interface ResumeDiagnostic {
  /** The user of the client. */
  readonly userId: string;
  /** Milliseconds since the loss of the old link. */
  readonly duration: number;
  /** Where, as in {@link ConnectDiagnostic}. */
  readonly server: string;
  /** False: more peer messages were missed than the server keeps, and some are lost. */
  readonly complete: boolean;
}

/** Channel `rtm:request`: a call of an `RtmClient` or `Channel` that went to the server has its outcome. */
export interface RequestDiagnostic {
  /** The user of the client. */
  readonly userId: string;
  /** As in `RtmError.operation`: `sendMessageToPeer`, `sendMessage`, `join`, `getMembers` … */
  readonly operation: string;
  /** Milliseconds from the call to its end. */
  readonly duration: number;
  /** `'aborted'`: by the call's own signal or timeout; it may still take effect unless `sent` is false. */
  readonly outcome: 'ok' | 'failed' | 'aborted';
  /** The code of the error if the call failed, such as `ERR_RTM_TIMEOUT`. */
  readonly code: string | undefined;
  /** As in `RtmError.sent`; also for a call that its signal ended, whose error is the signal's own reason. */
  readonly sent: boolean | undefined;
}

/** A channel with the type of what is published on it. */
interface Typed<T> extends Channel {
  publish(message: T): void;
}

export const connectChannel: Typed<ConnectDiagnostic> = channel('rtm:connect');
export const reconnectChannel: Typed<ReconnectDiagnostic> = channel('rtm:reconnect');
export const resumeChannel: Typed<ResumeDiagnostic> = channel('rtm:resume');
export const requestChannel: Typed<RequestDiagnostic> = channel('rtm:request');

/** A link is there; `how` as in the event LinkEstablished. Nothing is published unless a tool listens. */
export function publishEstablished(
  userId: string,
  how: number,
  complete: boolean,
  duration: number,
  server: string,
): void {
  if (how === 0) {
    if (!connectChannel.hasSubscribers) return;
    connectChannel.publish({ userId, outcome: 'connected', duration, server, reason: undefined, detail: undefined });
    return;
  }
  const resumed = how === 1;
  if (reconnectChannel.hasSubscribers) reconnectChannel.publish({ userId, resumed, duration, server });
  if (resumed && resumeChannel.hasSubscribers) resumeChannel.publish({ userId, duration, server, complete });
}
