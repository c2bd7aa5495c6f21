// Where the lines of a running server go: as text for people, or as JSON for machines. Neither has payloads or tokens.
import { RtmError } from '../../errors.js';
import { JSON_LOG_LEVELS } from '../../log-levels.js';
import { loadOptional } from '../../optional.js';
import type { ServerLog } from '../../server/options/server-options.js';
import { LOG_CHOICES, type LogChoice } from '../config/server-settings.js';
import { clock } from '../terminal/printable.js';
import type { Terminal } from '../terminal/terminal.js';

/** Events of the whole server. Each has a line at every level except `off`. */
export type ServerEvent =
  | 'start'
  | 'start-failed'
  | 'drain'
  | 'stop'
  | 'certificate'
  | 'certificate-refused'
  | 'rules'
  | 'rules-refused';

/** Of something that was to be read again, and was not usable. */
const REFUSED: readonly ServerEvent[] = ['certificate-refused', 'rules-refused'];

export interface ServerLogger {
  /** For the lines of the core; undefined: none are wanted. */
  readonly sink: ServerLog | undefined;
  /** True if people read the output, so that a banner is welcome. */
  readonly forPeople: boolean;
  tell(event: ServerEvent, message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** From here on warnings are left out: every connection is closed with one, and that is not worth a line each. */
  stopping(): void;
}

/** @throws RtmError `ERR_RTM_SERVER_START` if the form is `json` and pino is not installed */
export async function makeServerLogger(
  form: 'text' | 'json',
  most: LogChoice,
  terminal: Terminal,
): Promise<ServerLogger> {
  return form === 'json' ? jsonLogger(most, terminal) : textLogger(most, terminal);
}

/** Lets through what is important enough. */
function gate(most: LogChoice, write: ServerLog): { sink: ServerLog | undefined; stopping: () => void } {
  const last = LOG_CHOICES.indexOf(most);
  let ends = false;
  const sink: ServerLog = (level, line) => {
    if (ends && level === 'warning') return;
    if (LOG_CHOICES.indexOf(level) <= last) write(level, line);
  };
  return {
    sink: last === 0 ? undefined : sink,
    stopping: () => {
      ends = true;
    },
  };
}

function textLogger(most: LogChoice, terminal: Terminal): ServerLogger {
  return {
    ...gate(most, (level, line) => terminal.warn(`${clock(Date.now())} ${level} ${line}`)),
    forPeople: true,
    tell(event, message) {
      if (REFUSED.includes(event)) terminal.warn(message);
      else if (event === 'drain' || event === 'certificate' || event === 'rules') terminal.print(message);
      // A start is told by the banner, its failure by the program's last line, and a stop by the prompt.
    },
  };
}

const FIELD = / ([a-z]+)=("(?:[^"\\]|\\.)*"(?:\.\.\.)?|[^ "]+)/g;
const EVENT = / event=[a-z-]+(?: [a-z]+=(?:"(?:[^"\\]|\\.)*"|[^ "]+))*$/;

/** Takes the fields of a security event, `… event=login-refused address=192.0.2.7 …`, off the end of a line. */
export function splitEvent(line: string): { message: string; fields: Record<string, string | number> } {
  const found = EVENT.exec(line);
  if (found === null) return { message: line, fields: {} };
  const fields: Record<string, string | number> = {};
  for (const [, name = '', value = ''] of found[0].matchAll(FIELD)) {
    if (value.startsWith('"')) fields[name] = JSON.parse(value) as string;
    else fields[name] = name === 'port' || name === 'suppressed' ? Number(value) : value;
  }
  return { message: line.slice(0, found.index), fields };
}

async function jsonLogger(most: LogChoice, terminal: Terminal): Promise<ServerLogger> {
  const { pino, stdTimeFunctions } = loadOptional('pino', 'log as JSON');
  const log = pino(
    {
      level: most === 'off' ? 'silent' : 'debug', // less important lines have been left out before
      base: { pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line: string) => terminal.warn(line.trimEnd()) },
  );
  return {
    ...gate(most, (level, line) => {
      const { message, fields } = splitEvent(line);
      log[JSON_LOG_LEVELS[level]](fields, message);
    }),
    forPeople: false,
    tell(event, message, fields = {}) {
      const level = event === 'start-failed' ? 'fatal' : REFUSED.includes(event) ? 'error' : 'info';
      log[level]({ event, ...fields }, message);
    },
  };
}

/** The fields of an error in the log: its message, and its code if it has a stable one. */
export function errorFields(error: unknown): { readonly message: string; readonly code?: string } {
  const message = error instanceof Error ? error.message : String(error);
  return RtmError.is(error) ? { message, code: error.code } : { message };
}
