import { limit, type Row, rule, type Subject } from './row.js';

const rows: Row[] = [];
/** A call frequency of limits §1: one below, at, and one above. */
function rate(id: string, count: number, seconds: number, what: string): void {
  const limits: [string, number, string][] = [
    ['below', count - 1, 'accepted'],
    ['at', count, 'accepted'],
    ['above', count + 1, 'the last call is refused, and sends nothing'],
  ];
  for (const [where, calls, outcome] of limits) {
    rows.push(limit(`limit.rate.${id}.${where}`, 'limits §1', `${calls} × ${what} in ${seconds} s: ${outcome}`));
  }
}
rate('send', 1500, 3, 'sendMessageToPeer and sendMessage of all channels together');
rate('join', 50, 3, 'join of any channels');
rate('join-same', 2, 5, 'join of one channel');
rate('members', 5, 2, 'getMembers');
rate('member-count', 1, 1, 'getChannelMemberCount');
rate('presence-query', 100, 5, 'queryPeersOnlineStatus');
rate('subscribe', 10, 5, 'subscribePeersOnlineStatus');
rate('unsubscribe', 10, 5, 'unsubscribePeersOnlineStatus');
rate('subscription-list', 10, 5, 'queryPeersBySubscriptionOption');
rate('user-write', 100, 5, 'the four writes of user attributes together');
rate('user-read', 400, 5, 'the two reads of user attributes together');
rate('channel-write', 100, 5, 'the four writes of channel attributes together');
rate('channel-read', 400, 5, 'the two reads of channel attributes together');

export const rates: Subject = {
  name: 'rates',
  title: 'Call frequencies',
  rows: [
    ...rows,
    rule('rule.rate.window', 'limits §1', 'a call is accepted again when the oldest one has left the window'),
    rule('rule.rate.refused', 'limits §1', 'refused calls do not count'),
    rule('rule.rate.apart', 'limits §1', 'a group that is used up does not affect the others'),
    rule('rule.rate.instances', 'limits §1', 'each instance has a quota of its own'),
    rule('rule.rate.unlimited', 'limits §1', 'leave, logout, factories and log setters have no limit'),
    rule('rule.rate.reconnect', 'limits §1', 'a reconnect does not renew a quota'),
    rule('rule.limit.profile', 'limits §1–§7', 'clients refuse at the limits of their server'),
    rule(
      'rule.limit.sizes',
      'limits §3, §4',
      "clients use the server's sizes and numbers of attributes and invitations",
    ),
    rule('rule.rate.policy', 'limits §1', 'a server without call frequencies accepts every call'),
  ],
};
