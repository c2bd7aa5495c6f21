import { CONNECTION_CHANGE_REASON, CONNECTION_STATE, type LOGIN_ERR_CODE } from '../enums.js';
import { RtmError } from '../errors.js';
import type { ClientState, StateChange, StateChangeReason } from './events.js';
import { inOneLine } from './pending-requests.js';

const STATES: ReadonlyMap<number, ClientState> = new Map([
  [CONNECTION_STATE.CONNECTION_STATE_DISCONNECTED, 'disconnected'],
  [CONNECTION_STATE.CONNECTION_STATE_CONNECTING, 'connecting'],
  [CONNECTION_STATE.CONNECTION_STATE_CONNECTED, 'connected'],
  [CONNECTION_STATE.CONNECTION_STATE_RECONNECTING, 'reconnecting'],
  [CONNECTION_STATE.CONNECTION_STATE_ABORTED, 'aborted'],
]);

const REASONS: ReadonlyMap<number, StateChangeReason> = new Map([
  [CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_LOGIN, 'login'],
  [CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_LOGIN_SUCCESS, 'loginSuccess'],
  [CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_LOGIN_FAILURE, 'loginFailure'],
  [CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_LOGIN_TIMEOUT, 'loginTimeout'],
  [CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_INTERRUPTED, 'interrupted'],
  [CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_LOGOUT, 'logout'],
  [CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_BANNED_BY_SERVER, 'bannedByServer'],
  [CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_REMOTE_LOGIN, 'remoteLogin'],
  [CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_TOKEN_EXPIRED, 'tokenExpired'],
]);

/** The error for a login that the server has ended. */
function loginEnd(reason: CONNECTION_CHANGE_REASON, userId: string): RtmError {
  const who = JSON.stringify(userId);
  switch (reason) {
    case CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_REMOTE_LOGIN:
      return new RtmError('ERR_RTM_REMOTE_LOGIN', `${who} has logged in elsewhere, which ended this login`);
    case CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_TOKEN_EXPIRED:
      return new RtmError('ERR_RTM_TOKEN_EXPIRED', `the token of ${who} has expired, which ended the login`);
    default:
      return new RtmError('ERR_RTM_BANNED_BY_SERVER', `the server has ended the login of ${who}`);
  }
}

/** A lost link that is back. */
export type Reconnection = Pick<StateChange, 'resumed' | 'missed'>;

const NOTHING_MISSED: Reconnection = { resumed: false, missed: { peer: false, channels: [] } };

/** The change to a state that the session has told, in the client's words. */
export function stateChange(
  previous: ClientState,
  state: CONNECTION_STATE,
  reasonCode: CONNECTION_CHANGE_REASON,
  userId: string,
  reconnection: Reconnection = NOTHING_MISSED,
): StateChange {
  const current = STATES.get(state) ?? 'disconnected';
  const error = current === 'aborted' ? loginEnd(reasonCode, userId) : undefined;
  return { previous, current, reason: REASONS.get(reasonCode) ?? 'logout', reasonCode, error, ...reconnection };
}

/**
 * The error of a failed login. The core's reason is in the message in one line, and in the cause with a line for each
 * attempt.
 */
export function loginError(userId: string, code: LOGIN_ERR_CODE, lastFailure: string): RtmError {
  const user = `user ${JSON.stringify(userId)}`;
  if (lastFailure === '') return RtmError.from('login', code, user);
  return RtmError.from('login', code, `${user}: ${inOneLine(lastFailure)}`, new Error(lastFailure));
}
