import { createHmac } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import agora from 'agora-token';
import { describe, expect, it } from 'vitest';
import { buildToken, createAppCredentials, type TokenOptions } from '../../lib/server/token.js';

const appId = '0123456789abcdef0123456789abcdef';
const appCertificate = 'fedcba9876543210fedcba9876543210';
const userId = 'alice';
const vector = { appId, appCertificate, userId, expireSeconds: 600, issuedAt: 1_700_000_000, salt: 12_345_678 };

const signingInfo =
  '2000303132333435363738396162636465663031323334353637383961626364656600f15365580200004e61bc0001000200010001005802000' +
  '00500616c696365';
const signature = '664e265b58b26c8a31291021a82d51cb063b8625aecc2fa44f6c319cebe96b02';

function contentOf(token: string): Buffer {
  expect(token.slice(0, 3)).toBe('007');
  expect(token.slice(3)).toMatch(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);
  return inflateSync(Buffer.from(token.slice(3), 'base64'));
}

/** The fields of a token with one RTM service, read apart from the code under test. */
function fieldsOf(token: string) {
  const content = contentOf(token);
  let at = 0;
  const bytes = (size: number) => {
    at += size;
    return content.subarray(at - size, at);
  };
  const u16 = () => bytes(2).readUInt16LE();
  const u32 = () => bytes(4).readUInt32LE();
  const str = () => bytes(u16());
  const fields = {
    signature: str().toString('hex'),
    appId: str().toString(),
    issuedAt: u32(),
    expire: u32(),
    salt: u32(),
    services: u16(),
    type: u16(),
    privileges: u16(),
    privilege: u16(),
    privilegeExpire: u32(),
    userId: str().toString(),
  };
  expect(at).toBe(content.length);
  return fields;
}

function errorOf(options: unknown): unknown {
  try {
    buildToken(options as TokenOptions);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('buildToken', () => {
  it('makes the content of the vector in the specification', () => {
    expect(contentOf(buildToken(vector)).toString('hex')).toBe(`2000${signature}${signingInfo}`);
  });

  it('makes one RTM service with the login privilege and the life of the token', () => {
    expect(fieldsOf(buildToken(vector))).toEqual({
      signature,
      appId,
      issuedAt: 1_700_000_000,
      expire: 600,
      salt: 12_345_678,
      services: 1,
      type: 2,
      privileges: 1,
      privilege: 1,
      privilegeExpire: 600,
      userId,
    });
  });

  it('issues for 24 hours from now with a random salt unless told otherwise', () => {
    const before = Math.floor(Date.now() / 1000);
    const fields = Array.from({ length: 50 }, () => fieldsOf(buildToken({ appId, appCertificate, userId })));
    const after = Math.floor(Date.now() / 1000);
    for (const { issuedAt, expire, privilegeExpire, salt } of fields) {
      expect(issuedAt).toBeGreaterThanOrEqual(before);
      expect(issuedAt).toBeLessThanOrEqual(after);
      expect([expire, privilegeExpire]).toEqual([86_400, 86_400]);
      expect(salt).toBeGreaterThanOrEqual(1);
      expect(salt).toBeLessThanOrEqual(99_999_999);
    }
    expect(new Set(fields.map(({ salt }) => salt)).size).toBeGreaterThan(40);
  });

  it("agrees byte for byte with the vendor's builder, given its salt and time", () => {
    for (const user of ['alice', ' ', 'x'.repeat(64), 'a b!#$%&()+-:;<=.>?@[]^_{}|~,']) {
      for (const expireSeconds of [1, 600, 86_400, 1_700_003_600]) {
        const theirs = agora.RtmTokenBuilder.buildToken(appId, appCertificate, user, expireSeconds);
        const { salt, issuedAt } = fieldsOf(theirs);
        const ours = buildToken({ appId, appCertificate, userId: user, expireSeconds, salt, issuedAt });
        expect(contentOf(ours)).toEqual(contentOf(theirs));
      }
    }
  });

  it('signs with the certificate as text, in the case it was given', () => {
    const upper = appCertificate.toUpperCase();
    const k1 = createHmac('sha256', Buffer.from('00f15365', 'hex')).update(upper).digest();
    const k2 = createHmac('sha256', Buffer.from('4e61bc00', 'hex')).update(k1).digest();
    const expected = createHmac('sha256', k2).update(Buffer.from(signingInfo, 'hex')).digest('hex');
    expect(fieldsOf(buildToken({ ...vector, appCertificate: upper })).signature).toBe(expected);
  });

  it('takes the extremes of every number', () => {
    const least = fieldsOf(buildToken({ ...vector, expireSeconds: 1, issuedAt: 0, salt: 1 }));
    expect([least.expire, least.issuedAt, least.salt]).toEqual([1, 0, 1]);
    const most = { expireSeconds: 4_294_967_295, issuedAt: 4_294_967_295, salt: 99_999_999 };
    expect(fieldsOf(buildToken({ ...vector, ...most }))).toMatchObject({
      expire: most.expireSeconds,
      issuedAt: most.issuedAt,
      salt: most.salt,
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a short App ID', { appId: 'abc' }, 'appId: expected 32 hexadecimal characters, got a string of 3 characters'],
    ['no App ID', { appId: undefined }, 'appId: expected 32 hexadecimal characters, got undefined'],
    [
      'an App ID that is no string',
      { appId: 7 },
      'appId: expected 32 hexadecimal characters, got a value of type number',
    ],
    [
      'an App ID with a line end',
      { appId: `${appId}\n` },
      'appId: expected 32 hexadecimal characters, got white space around them',
    ],
    ['an empty user id', { userId: '' }, 'userId: expected 1 to 64 bytes, got 0 bytes'],
    ['a long user id', { userId: 'x'.repeat(65) }, 'userId: expected 1 to 64 bytes, got 65 bytes'],
    ['bytes, not characters', { userId: 'é'.repeat(33) }, 'userId: expected 1 to 64 bytes, got 66 bytes'],
    ['a numeric user id', { userId: 42 }, 'userId: expected a string, got a value of type number'],
    ['the word null', { userId: 'null' }, 'userId: expected a name other than the reserved word null, got "null"'],
    [
      'a character outside the set',
      { userId: "o'neill" },
      'userId: expected letters, digits, space and !#$%&()+-:;<=.>?@[]^_{}|~, only, got "o\'neill"',
    ],
    ['a life of zero', { expireSeconds: 0 }, 'expireSeconds: expected an integer from 1 to 4294967295, got 0'],
    ['half a second', { expireSeconds: 1.5 }, 'expireSeconds: expected an integer from 1 to 4294967295, got 1.5'],
    [
      'a life in words',
      { expireSeconds: '600' },
      'expireSeconds: expected an integer from 1 to 4294967295, got a string of 3 characters',
    ],
    [
      'a time in milliseconds',
      { issuedAt: 1.7e12 },
      'issuedAt: expected an integer from 0 to 4294967295, got 1700000000000',
    ],
    ['a negative time', { issuedAt: -1 }, 'issuedAt: expected an integer from 0 to 4294967295, got -1'],
    ['no number', { issuedAt: Number.NaN }, 'issuedAt: expected an integer from 0 to 4294967295, got NaN'],
    ['a salt of zero', { salt: 0 }, 'salt: expected an integer from 1 to 99999999, got 0'],
    ['a large salt', { salt: 100_000_000 }, 'salt: expected an integer from 1 to 99999999, got 100000000'],
  ])('refuses %s and says what was expected', (_, wrong, message) => {
    const error = errorOf({ ...vector, ...wrong });
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ code: 'ERR_RTM_INVALID_ARGUMENT', message });
  });

  it('refuses options that are no object', () => {
    for (const options of [undefined, null, 'alice']) {
      expect(errorOf(options)).toMatchObject({ code: 'ERR_RTM_INVALID_ARGUMENT' });
    }
  });

  it('never quotes a wrong certificate', () => {
    const secret = 'fedcba9876543210fedcba987654321';
    const error = errorOf({ ...vector, appCertificate: secret }) as Error;
    expect(error.message).toBe('appCertificate: expected 32 hexadecimal characters, got a string of 31 characters');
  });

  it('refuses each printable character outside the set and takes each one inside it', () => {
    const allowed = /[A-Za-z0-9 !#$%&()+\-:;<=.>?@[\]^_{}|~,]/;
    for (let code = 0; code < 256; code++) {
      const character = String.fromCharCode(code);
      const error = errorOf({ ...vector, userId: `a${character}b` });
      expect(error === undefined, `character ${code}`).toBe(allowed.test(character));
    }
  });
});

describe('createAppCredentials', () => {
  it('makes 32 lower-case hexadecimal characters each, different every time', () => {
    const made = Array.from({ length: 20 }, () => createAppCredentials());
    for (const credentials of made) {
      expect(credentials.appId).toMatch(/^[0-9a-f]{32}$/);
      expect(credentials.appCertificate).toMatch(/^[0-9a-f]{32}$/);
      expect(buildToken({ ...credentials, userId })).toMatch(/^007/);
    }
    expect(new Set(made.flatMap(({ appId, appCertificate }) => [appId, appCertificate])).size).toBe(40);
  });
});
