// An enumeration beyond the 1.5.0 surface, in a file of its own: errors.ts needs it, and may import nothing else.

/** Result of `RtmService.queryHistory` and `onHistoryQueryResult`. An addition to the 1.5.0 surface. */
export const HISTORY_ERR_CODE = {
  /** Return and callback: accepted; the messages are in the callback. */
  HISTORY_ERR_OK: 0,
  /** Callback: any other failure, such as a store that does not answer, or a logout. */
  HISTORY_ERR_FAILURE: 1,
  /** Return: neither source nor destination, a bad id, an end before the start, or a limit other than 1 to 100. */
  HISTORY_ERR_INVALID_ARGUMENT: 2,
  /** Callback: more than 100 queries in 1 s by all users of the App ID on this server. */
  HISTORY_ERR_TOO_OFTEN: 3,
  /** Callback: messages of others, or a channel the user is not in. */
  HISTORY_ERR_NOT_ALLOWED: 4,
  /** Callback: no answer within 10 s. */
  HISTORY_ERR_TIMEOUT: 5,
  /** Return: `initialize` has not succeeded yet. */
  HISTORY_ERR_NOT_INITIALIZED: 101,
  /** Return: `login` has not succeeded yet, or the user has logged out. */
  HISTORY_ERR_USER_NOT_LOGGED_IN: 102,
} as const;
export type HISTORY_ERR_CODE = (typeof HISTORY_ERR_CODE)[keyof typeof HISTORY_ERR_CODE];
