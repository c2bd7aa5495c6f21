// Plays of client_fuzz: what the program calls, and what the server answers.
import { filler, kindsOf } from './choices.mjs';

export const clientSeeds = () => {
  const kinds = kindsOf('client_fuzz', 'kOfServers');
  const texts = ['room', 'ann', 'ben', 'me', 'lobby', 'key', 'other', '0123456789abcdef', 'value'];
  texts.push('memory://127.0.0.1:1', 'x'.repeat(64), '');
  const { fill } = filler(texts);
  const call = (which, user, ...rest) => [0x40 | which, user, ...rest];
  const serve = (which, ...rest) => [which, 0, ...rest];
  const frame = (kind, values) =>
    serve(15, (kinds.indexOf(kind) + kinds.length - 15) % kinds.length, ...fill(kind, values));
  const wait = (power) => [12, power];
  const polite = [0];
  const content = (place, values) => serve(3, ...fill('Content', values), place);
  const signal = (which, action, from) => serve(14, which, action, from);
  const seeds = {
    messages: [
      polite,
      call(3, 0, 0, 0, 0),
      call(4, 1, 1, 1, 1),
      frame('SendResults', { ranges: [1, 1, 0, 2, 1, 5] }),
      content(0, { messageId: 1, type: 1, text: 'value' }),
      frame('PeerMessage', { offset: 1, senderId: 'ann', content: 0 }),
      content(0, { messageId: 2, type: 3, text: 'value', media: { mediaId: '0123456789abcdef', size: 3, width: 2 } }),
      frame('PeerMessage', { offset: 2, senderId: 'ben', flags: 1, content: 0 }),
      wait(7),
    ],
    channels: [
      polite,
      call(7, 0, 0),
      call(7, 0, 1),
      call(5, 0, 0, 0),
      call(10, 0, 0),
      frame('Members', { requestId: 3, userIds: ['me', 'ann'] }),
      frame('MemberEvent', { channelId: 'room', joined: ['ann', 'ben'], left: ['ben'] }),
      content(0, { messageId: 1, type: 1, text: 'value' }),
      frame('ChannelMessage', { channelId: 'room', offset: 1, senderId: 'ann', content: 0 }),
      frame('MemberCount', { channelId: 'room', count: 2 }),
      frame('ChannelAttributesEvent', { channelId: 'room', entries: [{ key: 'key', value: 'value' }] }),
      call(9, 0, 0),
      frame('Result', { requestId: 4 }),
      frame('ChannelKicked', { channelId: 'lobby' }),
    ],
    requests: [
      polite,
      call(12, 0),
      frame('PresenceStates', { requestId: 1, states: [0, 2] }),
      call(13, 0),
      frame('Result', { requestId: 2 }),
      frame('PresenceEvent', { userIds: ['ann'], states: [1] }),
      call(15, 0),
      call(14, 0),
      frame('Result', { requestId: 3 }),
      call(11, 0),
      frame('MemberCounts', { requestId: 4, counts: [1, 2] }),
      call(22, 0),
      frame('HistoryResult', {
        requestId: 5,
        messages: [{ source: 'ann', destination: 'me', text: 'value' }],
        total: 9,
      }),
    ],
    attributes: [
      polite,
      call(16, 0, 1),
      frame('Result', { requestId: 1 }),
      call(17, 0, 1),
      frame('Result', { requestId: 2, code: 3 }),
      call(18, 0, 1),
      frame('UserAttributes', { requestId: 3, entries: [{ key: 'key', value: 'value' }] }),
      call(19, 0, 0),
      frame('Result', { requestId: 4 }),
      call(20, 0, 1),
      call(21, 0, 0),
      frame('ChannelAttributes', { requestId: 6, entries: [{ key: 'key', value: 'value', updatedBy: 'ann' }] }),
      wait(6),
    ],
    invitations: [
      polite,
      call(23, 0),
      frame('SendResults', { ranges: [1, 1, 0] }),
      signal(0x80, 2, 1),
      signal(0x80, 4, 1),
      call(23, 1),
      call(24, 0, 0, 1),
      signal(0, 1, 1),
      signal(1, 1, 0),
      call(25, 0, 0, 1),
      signal(0, 5, 1),
      call(25, 0, 1, 0),
      wait(7),
    ],
    'called-off': [polite, signal(0, 1, 1), signal(0, 3, 1), signal(1, 1, 1), wait(7), wait(7), wait(7)],
    downloads: [
      polite,
      call(26, 0),
      frame('MediaTicket', { requestId: 1, mediaId: '0123456789abcdef', ticket: 1, size: 3 }),
      [15, 1, (kinds.indexOf('MediaOpened') + kinds.length - 15) % kinds.length, ...fill('MediaOpened', { size: 3 })],
      [
        15,
        1,
        (kinds.indexOf('MediaData') + kinds.length - 15) % kinds.length,
        ...fill('MediaData', { data: [1, 2, 3] }),
      ],
      [15, 1, (kinds.indexOf('MediaEnd') + kinds.length - 15) % kinds.length, ...fill('MediaEnd', { sha256: 2 })],
      call(26, 0),
      call(27, 0),
      wait(7),
    ],
    'link-lost': [
      polite,
      call(7, 0, 0),
      call(3, 0, 0, 0, 0),
      serve(8),
      wait(6),
      call(3, 0, 0, 0, 0),
      [9, 0],
      wait(7),
      call(1, 0),
      wait(5),
    ],
    resumes: [
      [8], // the input answers the handshakes
      serve(0),
      serve(1),
      call(7, 0, 0),
      frame('JoinResult', { requestId: 1, epoch: 1, memberCount: 1 }),
      serve(8),
      wait(5),
      [0, 1],
      [2, 1, 1, ...[1, 0, 1, 1, 1, 1], 1],
      wait(7),
    ],
    'sent-away': [
      polite,
      frame('Bye', { code: 9, retryAfterMs: 30, endpoints: ['memory://127.0.0.1:1', 'value'] }),
      wait(6),
      frame('Bye', { code: 5 }),
      call(0, 0),
      wait(5),
      frame('Bye', { code: 7 }),
    ],
    limits: [
      [4],
      fill('Limits', {
        messageBytes: 30,
        joinedChannels: 1,
        rates: [{ group: 3, count: 1, windowMs: 30 }],
        subscribedPeers: 1,
        queryPeers: 1,
      }),
      call(7, 0, 0),
      call(7, 0, 1),
      call(3, 0, 0, 0, 0),
      call(3, 0, 0, 0, 0),
      call(13, 0),
    ],
    paused: [
      polite,
      call(28, 0),
      call(3, 0, 0, 0, 0),
      frame('SendResults', { ranges: [1, 1, 0] }),
      call(29, 0),
      wait(3),
    ],
    tokens: [
      polite,
      call(2, 0, 1),
      frame('Result', { requestId: 1, tokenLifeMs: 30 }),
      call(2, 0, 0),
      wait(7),
      wait(7),
    ],
    broken: [polite, serve(7, 4, 0, 0, 1, 10), wait(5), serve(5, 2, 1, 1, 0, 0, 0, 4, 0, 1), [11, 1], wait(7), wait(7)],
    silence: [[11], call(3, 0, 0, 0, 0), [10, 0, 1], wait(7), wait(7), wait(7), wait(7)],
  };
  return Object.fromEntries(Object.entries(seeds).map(([name, parts]) => [name, parts.flat()]));
};
