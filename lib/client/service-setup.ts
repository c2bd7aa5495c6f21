import { invalidArgValue, RtmError } from '../errors.js';
import type { IRtmServiceEventHandler } from '../sdk/handlers.js';
import type { RtmService } from '../sdk/service.js';
import type { CheckedLoginOptions } from './options.js';

/** Prepares a new service up to the login. Returns what it cannot use, if anything. */
export function setUpService(
  service: RtmService,
  handler: IRtmServiceEventHandler,
  { appId, logFile, logFilter, logFileSize, parameters }: CheckedLoginOptions,
): Error | undefined {
  const code = service.initialize(appId, handler);
  if (code !== 0) return RtmError.from('initialize', code);
  if (logFilter !== undefined) service.setLogFilter(logFilter);
  if (logFileSize !== undefined) service.setLogFileSize(logFileSize);
  if (logFile !== undefined && service.setLogFile(logFile) !== 0) {
    return invalidArgValue('options.logFile', 'an absolute path in a writable folder', logFile);
  }
  if (service.setParameters(JSON.stringify(parameters)) !== 0) {
    return invalidArgValue(
      'options.parameters',
      'settings that the core accepts',
      'others (NODE_DEBUG=rtm says which)',
    );
  }
  return undefined;
}
