import { afterAll, describe, expect, it } from 'vitest';
import { canMakeNetworks, loginIn } from './namespace.js';

const times: string[] = [];
afterAll(() => {
  if (times.length > 0) console.log(`time to log in, ms: ${times.join(', ')}`);
});

async function logsIn(what: string, ...how: Parameters<typeof loginIn>): Promise<void> {
  const report = await loginIn(...how);
  expect(report).toMatchObject({ logins: 1 });
  expect(report.error, report.message).toBeUndefined();
  times.push(`${what} ${report.loginMs}`);
}

const both = ['127.0.0.1 server.test', '::1 server.test'];

describe.skipIf(!canMakeNetworks)('a client logs in', () => {
  it('where there is IPv4 only', () => logsIn('IPv4 only', 'onlyIpv4', '127.0.0.1', ['server.test'], both));

  it('where there is IPv6 only', () => logsIn('IPv6 only', 'onlyIpv6', '::1', ['server.test'], both));

  it('where there are both', () => logsIn('both', 'dual', '::', ['server.test'], both));

  it('to a server that has IPv4 only, by a name with both', () =>
    logsIn('server with IPv4 only', 'dual', '127.0.0.1', ['server.test'], both));

  it('by a name whose AAAA record is dead', () =>
    logsIn('dead AAAA', 'deadRoutes', '127.0.0.1', ['server.test'], ['fd99::2 server.test', '127.0.0.1 server.test']));

  it('by a name whose A record is dead', () =>
    logsIn('dead A', 'deadRoutes', '::1', ['server.test'], ['10.99.0.2 server.test', '::1 server.test']));

  it('when the first endpoint of the list is dead', () =>
    logsIn('dead endpoint', 'deadRoutes', '127.0.0.1', ['10.99.0.2', '127.0.0.1']));

  it('when the first endpoint of the list has no address', () =>
    logsIn('unknown name', 'dual', '127.0.0.1', ['nowhere.test', '127.0.0.1']));

  it('by a name with both, if both are dead for the first endpoint', () =>
    logsIn(
      'dead name',
      'deadRoutes',
      '::',
      ['dead.test', 'server.test'],
      ['fd99::2 dead.test', '10.99.0.2 dead.test', ...both],
    ));
});
