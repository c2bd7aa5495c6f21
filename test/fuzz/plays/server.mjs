// Plays of server_fuzz: what clients do, in the order of time.
import { filler, kindsOf, number } from './choices.mjs';

const quick = (step) => [step[0] | 0x80, ...step.slice(1)];

export const serverSeeds = () => {
  const kinds = kindsOf('server_fuzz', 'kOfClients');
  const witness = 'witness-5f0c2d9be1a7';
  const texts = ['ann', 'ben', 'cem', witness, 'a', 'b', 'closed', '', 'an invalid "id"', 'c'.repeat(65)];
  texts.push('0'.repeat(32), '1'.repeat(32), 'key', 'value');
  const { fill } = filler(texts);
  const hello = 0; // of the blobs: an encoded text
  /** A client: the first step that names it connects and logs it in. */
  const client = (place, how) => {
    let fresh = true;
    return {
      who: () => {
        const bytes = fresh ? [place, how] : [place];
        fresh = false;
        return bytes;
      },
      gone: () => {
        fresh = true;
      },
    };
  };
  const user = (place, number, extra = 0) => client(place, (number << 3) | extra);
  const send = (from, kind, values) => [17, ...from.who(), kinds.indexOf(kind), ...fill(kind, values)];
  const ping = (from) => send(from, 'Ping', { token: 1 });
  const step = (choice, from, ...rest) => [choice, ...from.who(), ...rest];
  const wait = (power) => [13, power];
  const ask = [14];
  const command = (which, number, ...rest) => [16, number, which, ...rest];
  const plain = [0];
  const limited = [1];
  const trio = () => [user(0, 0), user(1, 1, 1), user(2, 2, 6)];
  const seeds = {};
  const play = (name, write) => {
    seeds[name] = write(...trio()).flat();
  };

  play('messages', (ann, ben, cem) => [
    limited,
    ping(ann),
    ping(ben),
    send(ann, 'PeerSend', { seq: 1, peerId: 'ben', content: hello }),
    send(ben, 'InboxAck', { offset: 1 }),
    send(ann, 'PeerSend', { seq: 2, peerId: 'cem', flags: 1, content: hello }),
    send(ann, 'PeerSend', { seq: 3, peerId: 'b', content: hello }),
    ping(cem),
    send(cem, 'InboxAck', { offset: 1, refused: [1] }),
    send(cem, 'PeerSend', { seq: 1, peerId: 'ann', content: hello }),
    ask,
  ]);
  play('channels', (ann, ben, cem) => [
    plain,
    ...[ann, ben, cem].map((each) => send(each, 'Join', { requestId: 1, channelId: 'a' })),
    send(ann, 'ChannelSend', { seq: 1, channelId: 'a', content: hello }),
    send(ben, 'GetMembers', { requestId: 2, channelId: 'a' }),
    send(ben, 'GetMemberCounts', { requestId: 3, channelIds: ['a', 'b'] }),
    send(ben, 'Join', { requestId: 4, channelId: 'closed' }),
    send(cem, 'Leave', { requestId: 2, channelId: 'a' }),
    send(cem, 'ChannelSend', { seq: 1, channelId: 'a', content: hello }),
    wait(7),
    step(10, ben),
    ask,
  ]);
  play('presence', (ann, ben) => [
    limited,
    send(ann, 'PresenceSubscribe', { requestId: 1, userIds: ['ben', 'cem'] }),
    send(ann, 'PresenceQuery', { requestId: 2, userIds: ['ben', witness] }),
    ping(ben),
    step(10, ben),
    wait(7),
    send(ann, 'PresenceUnsubscribe', { requestId: 3, userIds: ['ben'] }),
    send(ann, 'Logout', { requestId: 4 }),
  ]);
  play('attributes', (ann, ben) => [
    plain,
    send(ben, 'Join', { requestId: 1, channelId: 'a' }),
    send(ann, 'UserAttributesWrite', { requestId: 1, entries: [{ key: 'key', value: 'value' }] }),
    send(ben, 'UserAttributesRead', { requestId: 2, userId: 'ann', keys: ['key'] }),
    ...[0, 1, 2, 3].map((action) =>
      send(ann, 'ChannelAttributesWrite', {
        requestId: 2 + action,
        channelId: 'a',
        action,
        entries: [{ key: 'key', value: 'value' }],
        notify: true,
      }),
    ),
    send(ben, 'ChannelAttributesRead', { requestId: 3, channelId: 'a' }),
    send(ann, 'UserAttributesWrite', { requestId: 8, action: 3 }),
  ]);
  play('media', (ann, ben) => {
    // Connections of bodies say HELLO only.
    const [up, down] = [client(1, 0x40), client(2, 0x40)];
    const medium = [texts.length]; // the first id that the server has given
    const steps = [
      plain,
      send(ann, 'MediaUpload', { requestId: 1, size: 5 }),
      step(15, up, 0, 0, 5, 0, 1),
      send(up, 'MediaEnd', { sha256: Buffer.alloc(32) }),
      send(ann, 'MediaUpload', { requestId: 2, size: 30, image: true }),
      send(ann, 'MediaCancel', { requestId: 2 }),
      [17, ...ann.who(), kinds.indexOf('MediaDownload'), ...number(3), ...medium],
      step(15, down, 2, 0, 0, 0, 0),
      wait(7),
    ];
    ben.gone();
    return [...steps, step(10, up), ask];
  });
  for (const [name, changes, rest] of [
    ['resume', 0, [1]],
    ['resume-wrong-secret', 1, [3, 1]],
    ['resume-other-user', 4, [0, 1]],
    ['resume-other-session', 8, [0, 1]],
    ['resume-other-inbox', 16, [9, 1]],
    ['resume-channels', 32, [0, 1, 1, 0]],
  ]) {
    play(name, (ann, ben) => {
      const again = client(0, 0x40);
      return [
        plain,
        send(ann, 'Join', { requestId: 1, channelId: 'a' }),
        send(ben, 'Join', { requestId: 1, channelId: 'a' }),
        step(10, ann),
        send(ben, 'PeerSend', { seq: 1, peerId: 'ann', content: hello }),
        send(ben, 'ChannelSend', { seq: 2, channelId: 'a', content: hello }),
        wait(3),
        step(3, again, 0, changes, ...(changes === 1 ? [5] : []), ...rest),
        ping(again),
        send(ben, 'PeerSend', { seq: 3, peerId: 'ann', content: hello }),
        ask,
      ];
    });
  }
  play('resume-twice', (ann, ben) => {
    const [again, thief] = [client(0, 0x40), client(2, 0x41)];
    const steps = [plain, ping(ann), ping(ben), step(10, ann), step(3, again, 0, 0, 0, 0)];
    return [...steps, step(3, thief, 0, 0, 0, 0), step(3, thief, 2, 0, 0, 0), ping(thief), wait(7), wait(7)];
  });
  play('history', (ann, ben) => [
    limited,
    send(ann, 'PeerSend', { seq: 1, peerId: 'ben', flags: 2, content: hello }),
    send(ann, 'HistoryQuery', { requestId: 1, source: 'ann', destination: 'ben', endMs: 2 ** 45, limit: 20 }),
    send(ben, 'HistoryQuery', { requestId: 2, source: 'ann', endMs: 2 ** 45, limit: 5, descending: true }),
    send(ben, 'HistoryQuery', { requestId: 3, source: 'ann', endMs: 2 ** 45, countOnly: true }),
    wait(6),
  ]);
  play('owner', (ann, ben) => [
    plain,
    send(ann, 'Join', { requestId: 1, channelId: 'a' }),
    send(ben, 'Join', { requestId: 1, channelId: 'a' }),
    command(3, 0, 1),
    command(5, 0),
    send(ben, 'ChannelSend', { seq: 2, channelId: 'a', content: hello }),
    command(4, 0),
    command(1, 1),
    command(2, 1),
    command(0, 0),
    wait(5),
    ask,
  ]);
  play('stalled', (ann, ben) => [
    plain,
    ping(ann),
    step(12, ann, 1),
    ...[1, 2, 3].map((seq) => quick(send(ben, 'PeerSend', { seq, peerId: 'ann', content: hello }))),
    wait(6),
    step(12, ann, 0),
    ask,
  ]);
  play('broken', (ann, ben, cem) => [
    limited,
    step(8, ann, 6, 0, 0, 2, 9, 8, 1),
    step(9, ben, kinds.indexOf('Ping'), 5, 2),
    step(7, cem, kinds.indexOf('Join'), 1, 4, 3, 0, 0x80),
    step(6, ben, 4, ...fill('LoginResult', { sessionId: 1, resumeToken: 3 })),
    step(0, ann, 7),
    step(1, ann, 0, 0, 1, 0),
    step(11, ben),
    wait(7),
  ]);
  play('strangers', () => {
    const [silent, mute, late] = [client(0, 0x80), client(1, 0x86), client(2, 0x40)];
    const steps = [limited, step(0, silent, 0), wait(2), step(1, silent, 0, 0, 1, 0), step(8, mute, 1, 0)];
    return [...steps, step(1, late, 0, 7, 0, 3), wait(7), wait(7)];
  });
  return seeds;
};
