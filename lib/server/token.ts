import { createHmac, randomBytes, randomInt } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { MAX_ID_BYTES, TOKEN_PRIVILEGE_LOGIN, TOKEN_SERVICE_RTM } from '../common-constants.js';

/** What {@link buildToken} needs to know. */
export interface TokenOptions {
  /** App ID of the project: 32 hexadecimal characters, used as text, so upper and lower case differ. */
  readonly appId: string;
  /**
   * App certificate of the project: 32 hexadecimal characters. A secret of the server side; never hand it to clients.
   */
  readonly appCertificate: string;
  /** The user the token is for; the id passed to `login` must be exactly this one. 1 to 64 bytes of the allowed set. */
  readonly userId: string;
  /**
   * Life in seconds from `issuedAt`, 1 to 4294967295. Servers count more than 86400 (24 hours) as 86400.
   *
   * @defaultValue 86400
   */
  readonly expireSeconds?: number | undefined;
  /**
   * Time of issue in Unix seconds, 0 to 4294967295. Servers refuse a time more than 5 minutes ahead of their clock.
   *
   * @defaultValue the current time
   */
  readonly issuedAt?: number | undefined;
  /**
   * 1 to 99999999. Only worth giving where a token has to be reproducible.
   *
   * @defaultValue random
   */
  readonly salt?: number | undefined;
}

/** The identity of a project, as made by {@link createAppCredentials}. */
export interface AppCredentials {
  /** 32 lower-case hexadecimal characters; public, every client names it. */
  appId: string;
  /** 32 lower-case hexadecimal characters; secret, signs the tokens. */
  appCertificate: string;
}

const VERSION = '007';
const MAX_UINT32 = 0xffff_ffff;
const MAX_SALT = 99_999_999;
const DEFAULT_EXPIRE_SECONDS = 86_400;

const HEX_32 = /^[0-9a-f]{32}$/i;
// The same set as isValidUserId() of the C++ core: no quotes, asterisk, slashes, backquote, control or non-ASCII.
const USER_ID_CHARACTERS = /^[A-Za-z0-9 !#$%&()+\-:;<=.>?@[\]^_{}|~,]*$/;

/**
 * Makes an RTM token in format 007: one RTM service with the login privilege, both valid for `expireSeconds`.
 *
 * Call it where users are authenticated, and hand the result to the client for `login` and `renewToken`. The text is
 * what the vendor's own `RtmTokenBuilder` makes, apart from the random salt and the compression. A token may be used
 * for any number of logins while it is valid. (docs/spec/tokens.md §3, §4)
 *
 * @returns the token, about 140 ASCII characters.
 * @throws TypeError with `code` `'ERR_RTM_INVALID_ARGUMENT'` when an option is missing, of the wrong type or out of
 * range. The message names the option; it never quotes the certificate.
 *
 * @example
 * ```ts
 * const token = buildToken({ appId, appCertificate, userId: 'alice', expireSeconds: 3600 });
 * ```
 */
export function buildToken(options: TokenOptions): string {
  if (typeof options !== 'object' || options === null) {
    throw invalidArgument('options', 'an object with appId, appCertificate and userId', describe(options));
  }
  const { appId, appCertificate, userId } = options;
  checkHex('appId', appId);
  checkHex('appCertificate', appCertificate);
  checkUserId(userId);
  const expireSeconds = options.expireSeconds ?? DEFAULT_EXPIRE_SECONDS;
  checkInteger('expireSeconds', expireSeconds, 1, MAX_UINT32);
  const issuedAt = options.issuedAt ?? Math.floor(Date.now() / 1000);
  checkInteger('issuedAt', issuedAt, 0, MAX_UINT32);
  const salt = options.salt ?? randomInt(1, MAX_SALT + 1);
  checkInteger('salt', salt, 1, MAX_SALT);

  const service = [u16(TOKEN_SERVICE_RTM), u16(1), u16(TOKEN_PRIVILEGE_LOGIN), u32(expireSeconds), str(userId)];
  const signingInfo = Buffer.concat([str(appId), u32(issuedAt), u32(expireSeconds), u32(salt), u16(1), ...service]);
  // The format has it this way round: the number is the key and the certificate is the data.
  const signingKey = hmac(u32(salt), hmac(u32(issuedAt), appCertificate));
  const signature = hmac(signingKey, signingInfo);
  return VERSION + deflateSync(Buffer.concat([str(signature), signingInfo])).toString('base64');
}

/**
 * Makes the identity of a new project from 128 random bits each. Keep the certificate where only the server side reads
 * it: whoever has it can make a token for any user.
 */
export function createAppCredentials(): AppCredentials {
  return { appId: randomBytes(16).toString('hex'), appCertificate: randomBytes(16).toString('hex') };
}

function hmac(key: Buffer, data: Buffer | string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** A 16-bit byte length and the bytes. */
function str(value: Buffer | string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  return Buffer.concat([u16(bytes.length), bytes]);
}

function checkHex(name: string, value: unknown): void {
  if (typeof value !== 'string' || !HEX_32.test(value)) {
    // Described, not quoted: a certificate with a typing mistake in it is still most of a secret.
    throw invalidArgument(name, '32 hexadecimal characters', describe(value));
  }
}

function checkUserId(value: unknown): void {
  if (typeof value !== 'string') throw invalidArgument('userId', 'a string', describe(value));
  const size = Buffer.byteLength(value, 'utf8');
  if (size === 0 || size > MAX_ID_BYTES) {
    throw invalidArgument('userId', `1 to ${MAX_ID_BYTES} bytes`, `${size} bytes`);
  }
  if (value === 'null') throw invalidArgument('userId', 'a name other than the reserved word null', '"null"');
  if (!USER_ID_CHARACTERS.test(value)) {
    throw invalidArgument(
      'userId',
      'letters, digits, space and !#$%&()+-:;<=.>?@[]^_{}|~, only',
      JSON.stringify(value),
    );
  }
}

function checkInteger(name: string, value: unknown, least: number, most: number): void {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
    const actual = typeof value === 'number' ? String(value) : describe(value);
    throw invalidArgument(name, `an integer from ${least} to ${most}`, actual);
  }
}

/** The kind of a wrong value without its content. */
function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'string') return `a value of type ${typeof value}`;
  return HEX_32.test(value.trim()) ? 'white space around them' : `a string of ${value.length} characters`;
}

function invalidArgument(name: string, expected: string, actual: string): TypeError {
  return Object.assign(new TypeError(`${name}: expected ${expected}, got ${actual}`), {
    code: 'ERR_RTM_INVALID_ARGUMENT',
  });
}
