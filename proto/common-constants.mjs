// Numbers that C++ and TypeScript both need in several rooms. scripts/generate.mjs makes of this description:
//   cpp/base/common_constants.hpp
//   lib/common-constants.ts       also the send flags of rtm.proto
//   cpp/base/log_levels.hpp, lib/log-levels.ts
// Where a number belongs to engines or stores, it is in engine-constants.mjs; where an option can change it, in
// server-settings.mjs. A C++ name is `k` and the name in PascalCase.

export const commonConstants = [
  {
    name: 'MAX_ID_BYTES',
    value: 64,
    type: 'std::size_t',
    about: 'Longest user or channel id, in bytes. All sizes of identifiers count bytes.',
  },
  {
    name: 'MAX_FRAME_BODY',
    value: 64 * 1024,
    type: 'std::size_t',
    about: 'Most bytes of the body of a frame.',
  },
  { name: 'PROTOCOL_VERSION', value: 1, about: 'Version of the protocol, which HELLO carries.' },
  {
    name: 'HISTORY_DESCENDING',
    value: 1,
    about: 'A bit of the flags with which lib/session asks the addon for the history: newest first.',
  },
  { name: 'HISTORY_COUNT_ONLY', value: 2, about: 'The same: no messages, only how many there are.' },
  {
    name: 'SEND_EXPIRY_UNIT',
    value: 256,
    type: 'std::uint64_t',
    about:
      'Of the flags number with which lib/session asks the addon to send: the bits of a send are below it, and the time to live in milliseconds is multiplied by it.',
  },
  {
    name: 'TOKEN_SERVICE_RTM',
    value: 2,
    type: 'std::uint16_t',
    about: 'Number of the RTM service in a token of format 007.',
  },
  {
    name: 'TOKEN_PRIVILEGE_LOGIN',
    value: 1,
    type: 'std::uint16_t',
    about: 'Number of the privilege to log in, of that service.',
  },
];

/** Regions of servers: their names in endpoints, and their bits in RTM_AREA_CODE of the public surface. */
export const areas = { CN: 1, NA: 2, EU: 4, AS: 8, JP: 16, IN: 32 };
export const everyArea = { name: 'GLOB', bit: 0xffffffff };

/**
 * Levels of logs, the most important first, by their names in TypeScript; that of C++ begins with a capital letter. `bit`:
 * as in LOG_FILTER_TYPE of the public surface. `inFile`: the word in a client's log file. `json`: the word in a server's log as
 * JSON. `option`: the word for a client's option `logLevel`, which means this level and those before it; none: only
 * `setLogFilter` has the level.
 *
 * @type {Record<string, { bit: number, inFile: string, json: string, option?: string }>}
 */
export const logLevels = {
  critical: { bit: 0x8, inFile: 'CRITICAL', json: 'fatal', option: 'critical' },
  error: { bit: 0x4, inFile: 'ERROR', json: 'error', option: 'error' },
  warning: { bit: 0x2, inFile: 'WARN', json: 'warn', option: 'warn' },
  info: { bit: 0x1, inFile: 'INFO', json: 'info', option: 'info' },
  debug: { bit: 0x800, inFile: 'DEBUG', json: 'debug' },
};
