import { invalidArgValue, RtmError } from '../errors.js';
import type { Session } from '../session/session.js';
import type { SessionEvents } from '../session/session-sink.js';
import { appIdFault } from './faults.js';
import type { CheckedLoginOptions } from './options.js';

/** Prepares a new session up to the login. Returns what it cannot use, if anything. */
export function setUpSession(
  session: Session,
  events: SessionEvents,
  { appId, logFile, logFilter, logFileSize, parameters }: CheckedLoginOptions,
): Error | undefined {
  const code = session.initialize(appId, events);
  if (code !== 0) return RtmError.from('initialize', code, appIdFault(appId) ?? session.lastFailure);
  if (logFilter !== undefined) session.setLogFilter(logFilter);
  if (logFileSize !== undefined) session.setLogFileSize(logFileSize);
  if (logFile !== undefined && session.setLogFile(logFile) !== 0) {
    return invalidArgValue('options.logFile', 'an absolute path in a writable folder', logFile);
  }
  if (session.setParameters(JSON.stringify(parameters)) !== 0) {
    return invalidArgValue(
      'options.parameters',
      'settings that the core accepts',
      'others (NODE_DEBUG=rtm says which)',
    );
  }
  return undefined;
}
