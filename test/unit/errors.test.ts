import { describe, expect, it } from 'vitest';
import { LOGIN_ERR_CODE, PEER_MESSAGE_ERR_CODE } from '../../lib/enums.js';
import {
  describe as describeValue,
  invalidArgType,
  OPERATIONS,
  RtmError,
  type RtmSdkOperation,
} from '../../lib/errors.js';

describe('RtmError', () => {
  it('carries code, operation and the number of the SDK', () => {
    const error = RtmError.from('login', LOGIN_ERR_CODE.LOGIN_ERR_TOKEN_EXPIRED, 'user alice');
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'RtmError',
      code: 'ERR_RTM_TOKEN_EXPIRED',
      operation: 'login',
      reason: 6,
      temporary: false,
    });
    expect(error.message).toBe('login failed: LOGIN_ERR_TOKEN_EXPIRED (6): user alice');
    expect(error.stack).toContain('errors.test.ts');
  });

  it('calls the same thing by the same name for all operations', () => {
    expect(RtmError.from('sendMessageToPeer', PEER_MESSAGE_ERR_CODE.PEER_MESSAGE_ERR_SENT_TIMEOUT).code).toBe(
      'ERR_RTM_TIMEOUT',
    );
    expect(RtmError.from('join', 4).code).toBe('ERR_RTM_TIMEOUT');
    expect(RtmError.from('join', 8).code).toBe('ERR_RTM_TOO_OFTEN');
    expect(RtmError.from('sendMessage', 102).code).toBe('ERR_RTM_NOT_LOGGED_IN');
    expect(RtmError.from('getMembers', 102).code).toBe('ERR_RTM_NOT_LOGGED_IN');
    expect(RtmError.from('sendMessageToPeer', 8).code).toBe('ERR_RTM_INCOMPATIBLE_MESSAGE');
  });

  it('has a well-formed code for every number of every operation', () => {
    for (const operation of Object.keys(OPERATIONS) as RtmSdkOperation[]) {
      for (const [member, reason] of Object.entries(OPERATIONS[operation])) {
        if (reason === 0) continue;
        const { code } = RtmError.from(operation, reason);
        expect(code, member).toMatch(/^ERR_RTM_[A-Z]+(_[A-Z]+)*$/);
        expect(code, member).not.toMatch(/_ERR_.*_ERR_|CHANNEL_ERR|OK$/);
      }
    }
  });

  it('is honest about a number that it does not know', () => {
    expect(RtmError.from('login', 77)).toMatchObject({ code: 'ERR_RTM_FAILURE', reason: 77 });
  });

  it('says which failures may be tried again', () => {
    expect(RtmError.from('sendMessageToPeer', 3).temporary).toBe(true);
    expect(RtmError.from('login', 5).temporary).toBe(false);
    expect(new RtmError('ERR_RTM_TIMEOUT', 'late').temporary).toBe(true);
  });

  it('keeps what it says in JSON, and on the way to another thread', () => {
    const error = RtmError.from('login', 8, 'user "bob"');
    const { name, message, code, operation, reason, temporary } = error;
    expect(JSON.parse(JSON.stringify(error))).toEqual({ name, message, code, operation, reason, temporary });
    expect(structuredClone(error.toJSON())).toEqual(error.toJSON());
  });

  it('is recognised by code, also as a cause', () => {
    const cause = new Error('socket');
    const error: unknown = RtmError.from('login', 9, undefined, cause);
    expect(RtmError.is(error)).toBe(true);
    expect(RtmError.is(error, 'ERR_RTM_TIMEOUT') && error.cause).toBe(cause);
    expect(RtmError.is(error, 'ERR_RTM_CLOSED')).toBe(false);
    expect(RtmError.is(cause)).toBe(false);
    expect(RtmError.is(undefined)).toBe(false);
  });
});

describe('argument errors', () => {
  it('name the argument, what was expected and what came', () => {
    const error = invalidArgType('peerId', 'a string', 42);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({
      code: 'ERR_RTM_INVALID_ARG_TYPE',
      argument: 'peerId',
      expected: 'a string',
      actual: 'type number',
    });
    expect(error.message).toBe('peerId: expected a string, received type number');
  });

  it('describe a value without giving it away', () => {
    expect(
      [null, undefined, 'secret', 1, {}, [], new Date(0), Object.create(null), () => 0].map(describeValue),
    ).toEqual([
      'null',
      'undefined',
      'type string',
      'type number',
      'an instance of Object',
      'an instance of Array',
      'an instance of Date',
      'an object',
      'function',
    ]);
  });
});
