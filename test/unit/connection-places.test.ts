import { describe, expect, it } from 'vitest';
import { ConnectionPlaces, prefixOf } from '../../lib/server/http/connection-places.js';

const attacker = '192.0.2.1';
const prober = '192.0.2.2';

/** Connections by name, and the order in which they were closed. */
function makeConnections() {
  const closed: string[] = [];
  const named = (name: string) => ({ destroy: () => closed.push(name) });
  return { closed, named };
}

describe('the places of the admin listener', () => {
  it('go to each newcomer, at the cost of the connection that waited longest', () => {
    const { closed, named } = makeConnections();
    const places = new ConnectionPlaces(2);
    for (const name of ['first', 'second', 'third', 'fourth']) places.add(named(name), attacker);
    expect(closed).toEqual(['first', 'second']);
    expect(places.size).toBe(2);
  });

  it('are taken from the prefix with most connections, however long others have waited', () => {
    const { closed, named } = makeConnections();
    const places = new ConnectionPlaces(3);
    places.add(named('probe'), prober);
    for (let index = 1; index <= 5; index++) places.add(named(`flood ${index}`), attacker);
    expect(closed).toEqual(['flood 1', 'flood 2', 'flood 3']);
    places.add(named('probe 2'), prober);
    expect(closed.at(-1)).toBe('flood 4');
  });

  it('stay with a connection whose request is being answered', () => {
    const { closed, named } = makeConnections();
    const places = new ConnectionPlaces(2);
    const busy = named('busy');
    places.add(busy, attacker);
    places.setAnswering(busy, true);
    places.add(named('silent'), attacker);
    places.add(named('newcomer'), attacker);
    expect(closed).toEqual(['silent']);
  });

  it('are taken from those, too, when nobody else has one', () => {
    const { closed, named } = makeConnections();
    const places = new ConnectionPlaces(2);
    for (const name of ['busy 1', 'busy 2']) {
      const connection = named(name);
      places.add(connection, attacker);
      places.setAnswering(connection, true);
    }
    places.add(named('newcomer'), attacker);
    expect(closed).toEqual(['busy 1']);
  });

  it('count the wait of a connection anew when its answer has gone', () => {
    const { closed, named } = makeConnections();
    const places = new ConnectionPlaces(2);
    const kept = named('kept');
    places.add(kept, prober);
    places.add(named('silent'), prober);
    places.setAnswering(kept, true);
    places.setAnswering(kept, false);
    places.add(named('newcomer'), prober);
    expect(closed).toEqual(['silent']);
  });

  it('are free again when a connection closes, once', () => {
    const { closed, named } = makeConnections();
    const places = new ConnectionPlaces(1);
    const gone = named('gone');
    places.add(gone, prober);
    places.remove(gone);
    places.remove(gone);
    places.add(named('newcomer'), prober);
    expect([closed, places.size]).toEqual([[], 1]);
  });
});

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['', ''],
])('the address %s counts as %s', (address, prefix) => {
  expect(prefixOf(address)).toBe(prefix);
});
