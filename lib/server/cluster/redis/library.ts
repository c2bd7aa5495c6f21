import { createHash } from 'node:crypto';
import { readScripts } from './script-files.js';

/**
 * The scripts as one library of Redis Functions. Unlike scripts of EVALSHA, functions are replicated and stay through a
 * failover, so the calls behind a failover need no second try that could change their order. The names carry a digest
 * of the source, so that nodes of different versions find their own functions.
 */
export interface Library {
  readonly prefix: string;
  /** The text for FUNCTION LOAD. */
  readonly source: string;
}

export function readLibrary(): Library {
  const body = readScripts();
  const prefix = `rtm_${createHash('sha256').update(body).digest('hex').slice(0, 12)}_`;
  return { prefix, source: `#!lua name=${prefix.slice(0, -1)}\n${body.replaceAll('@PREFIX@', prefix)}` };
}
