import { RtmError } from '../../errors.js';

/** Exit codes of the command line. */
export const EXIT = { ok: 0, failure: 1, usage: 2, interrupted: 130 } as const;

/** A failure the user can do something about: one line, no stack. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failure) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A wrong call: an option that is missing, or an option that cannot be used. */
export function usageError(message: string): CliError {
  return new CliError(message, EXIT.usage);
}

/** A failure that was shown where it happened: only the exit code is left to say it. */
export function alreadyTold(): CliError {
  return new CliError('');
}

const HINTS: Readonly<Record<string, string>> = {
  'login ERR_RTM_TIMEOUT':
    'no server answered; is it running at that address, and does the #sha256= pin match its current certificate?',
  'login ERR_RTM_UNKNOWN':
    'the server showed another certificate than the pinned one, or one that is not trusted; use the endpoint it prints now',
  'login ERR_RTM_INVALID_TOKEN':
    'the server does not accept the token: it has to be made for exactly this user, App ID and App certificate',
  'login ERR_RTM_TOKEN_EXPIRED': 'the token has expired; make a new one with "rtm token"',
  'login ERR_RTM_INVALID_APP_ID': 'the server does not know this App ID',
  'login ERR_RTM_INVALID_ARGUMENT':
    'the server cannot use this user id: 1 to 64 letters, digits, spaces and !#$%&()+-:;<=.>?@[]^_{}|~,',
  'initialize ERR_RTM_INVALID_APP_ID': 'the App ID has to be 32 hexadecimal characters',
};

/** The text for a user about an error: one line for each problem. */
export function explain(error: unknown): string {
  if (RtmError.is(error, 'ERR_RTM_ADDON')) return error.message; // a line for each fact
  if (RtmError.is(error)) return HINTS[`${error.operation} ${error.code}`] ?? oneLine(error.message);
  if (error instanceof CliError) return error.message; // may be a list
  return oneLine(error instanceof Error ? error.message : String(error));
}

/** The exit code an error stands for. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode;
  const code = error instanceof TypeError && 'code' in error ? String(error.code) : '';
  return code.startsWith('ERR_RTM_INVALID_ARG') ? EXIT.usage : EXIT.failure;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}
