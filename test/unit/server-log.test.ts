// Security events in the lines of the core: their fields in the JSON log.
import { describe, expect, it } from 'vitest';
import { splitEvent } from '../../lib/cli/server/server-log.js';

describe('splitEvent', () => {
  it('takes the fields off the end of a line', () => {
    expect(
      splitEvent(
        'login refused: invalid token event=login-refused address=192.0.2.7 port=50312 app="0123" user="ann" suppressed=12',
      ),
    ).toEqual({
      message: 'login refused: invalid token',
      fields: {
        event: 'login-refused',
        address: '192.0.2.7',
        port: 50312,
        app: '0123',
        user: 'ann',
        suppressed: 12,
      },
    });
  });

  it('reads an id that looks like fields as an id', () => {
    expect(
      splitEvent('x event=login-refused address=192.0.2.7 port=1 user="a\\" address=198.51.100.1\\u000a\\\\\\u00e9"')
        .fields,
    ).toEqual({
      event: 'login-refused',
      address: '192.0.2.7',
      port: 1,
      user: 'a" address=198.51.100.1\n\\\u00e9',
    });
  });

  it('takes an id that was cut for its beginning', () => {
    expect(splitEvent(`x event=login-refused user="${'a'.repeat(64)}..."`).fields).toMatchObject({
      user: `${'a'.repeat(64)}...`,
    });
  });

  it('leaves other lines as they are', () => {
    for (const line of ['client 127.0.0.1:1: closed', 'an event=happened here', '']) {
      expect(splitEvent(line)).toEqual({ message: line, fields: {} });
    }
  });
});
