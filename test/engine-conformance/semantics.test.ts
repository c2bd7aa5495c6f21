// The promises of each operation of the engine, seen by bots, over every engine.
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { within } from '../integration/client-world.js';
import { type Cluster, ENGINES, ENGINES_IN_WEATHER } from './engines.js';
import { eventually, Witness } from './observe.js';

const quick = { parameters: { 'rtm.timing': { outage_ms: 500 } } };

describe.each([...ENGINES, ...ENGINES_IN_WEATHER])('over $name', (engine) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await engine.start();
  });
  afterAll(() => cluster.end());

  const bot = async (userId: string, options = {}) => new Witness(await cluster.login(userId, options));
  /** A bot behind a way that can be cut. */
  const cuttable = async (userId: string) => {
    const relay = await cluster.relay();
    return { relay, witness: await bot(userId, { endpoints: relay.connectString, ...quick }) };
  };

  describe('sessions', () => {
    it('are one per user: the later login stays, the earlier login ends once', async () => {
      const logins: Witness[] = [];
      for (let i = 0; i < 6; i++) logins.push(await bot('one'));
      await eventually('five kicks', () => logins.slice(0, -1).every(({ ended }) => ended === 'remoteLogin'));
      expect(logins.at(-1)?.ended).toBe('');
      const other = await bot('asks');
      expect((await other.client.sendToPeer('one', 'who?')).delivery).toBe('delivered');
      await eventually('the message', () => logins.at(-1)?.peer.length === 1);
      expect(logins.slice(0, -1).flatMap(({ peer }) => peer)).toEqual([]);
    });

    it('are one per user also when logins race', async () => {
      const tries = await Promise.allSettled(Array.from({ length: 10 }, () => bot('raced')));
      const in_ = tries.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      const states = () => in_.map(({ client }) => client.state).sort();
      await eventually('one that stays', () => states().filter((state) => state === 'connected').length === 1);
      expect(new Set(states().slice(0, -1))).toEqual(new Set(in_.length > 1 ? ['aborted'] : []));
    });

    it('end with their channels, attributes and presence', async () => {
      const [leaver, stayer] = [await bot('leaver'), await bot('stayer')];
      await stayer.client.presence.subscribe(['leaver']);
      await Promise.all([leaver.join('left'), stayer.join('left')]);
      await leaver.client.attributes.set({ mood: 'fine' });
      await eventually('online', () => stayer.states.get('leaver') === 'online');
      await leaver.client.logout();
      await eventually('offline', () => stayer.states.get('leaver') === 'offline');
      await eventually('left', () => stayer.members.get('left')?.at(-1) === '-leaver');
      expect(await stayer.client.memberCounts(['left'])).toEqual(new Map([['left', 1]]));
      await bot('leaver');
      expect([...(await stayer.client.attributes.get('leaver'))]).toEqual([]);
    });

    it('take over from an older one without leaving it in a channel', async () => {
      const watcher = await bot('counter');
      await watcher.join('taken over');
      const first = await bot('taken');
      await first.join('taken over');
      await bot('taken');
      await eventually(
        'one member',
        async () => (await watcher.client.memberCounts(['taken over'])).get('taken over') === 1,
      );
      expect(watcher.members.get('taken over')).toEqual(['+taken', '-taken']);
    });
  });

  describe('peer messages', () => {
    it('are acknowledged by the receiver and come in order', async () => {
      const [alice, bob] = [await bot('alice'), await bot('bob')];
      const texts = Array.from({ length: 200 }, (_, i) => String(i));
      const results = await Promise.all(texts.map((text) => alice.client.sendToPeer('bob', text)));
      expect(new Set(results.map(({ delivery }) => delivery))).toEqual(new Set(['delivered']));
      await eventually('all', () => bob.peer.length >= texts.length);
      expect(bob.peer).toEqual(texts.map((text) => `alice: ${text}`));
    });

    it('to an offline user fail, and never come later', async () => {
      const alice = await bot('to nobody');
      await expect(alice.client.sendToPeer('nobody', 'x')).rejects.toMatchObject({ code: 'ERR_RTM_PEER_UNREACHABLE' });
      const late = await bot('nobody');
      await alice.client.sendToPeer('nobody', 'y');
      await eventually('the second', () => late.peer.length > 0);
      expect(late.peer).toEqual(['to nobody: y']);
    });

    it('for an offline user come at the login, once, before newer ones', async () => {
      const [alice, carol] = [await bot('keeper'), await bot('other keeper')];
      for (const text of ['1', '2', '3']) {
        expect((await alice.client.sendToPeer('away', text, { offline: true })).delivery).toBe('cached');
        expect((await carol.client.sendToPeer('away', text, { offline: true })).delivery).toBe('cached');
      }
      const back = await bot('away');
      await alice.client.sendToPeer('away', '4', { offline: true });
      await eventually('seven', () => back.peer.length >= 7);
      const of = (who: string) =>
        back.peer.filter((line) => line.startsWith(who)).map((line) => line.slice(who.length + 2));
      expect(of('keeper')).toEqual(['1 (offline)', '2 (offline)', '3 (offline)', '4']);
      expect(of('other keeper')).toEqual(['1 (offline)', '2 (offline)', '3 (offline)']);
      await back.client.logout();
      const again = await bot('away');
      await alice.client.sendToPeer('away', '5');
      await eventually('the fifth', () => again.peer.length > 0);
      expect(again.peer).toEqual(['keeper: 5']);
    });

    it('are the last 200 for one receiver', async () => {
      const alice = await bot('chatty');
      const texts = Array.from({ length: 210 }, (_, i) => String(i));
      for (const text of texts) await alice.client.sendToPeer('full', text, { offline: true });
      const full = await bot('full');
      await eventually('200', () => full.peer.length >= 200);
      expect(full.peer).toEqual(texts.slice(10).map((text) => `chatty: ${text} (offline)`));
    });

    it('with the history flag are found in it', async () => {
      const [alice, bob] = [await bot('historian'), await bot('reader')];
      await alice.client.sendToPeer('reader', 'noted', { history: true });
      await alice.client.sendToPeer('reader', 'not noted');
      const since = { source: 'historian', destination: 'reader', start: 0, end: Date.now() + 60_000 };
      const page = await bob.client.history.query(since);
      expect(page.messages.map(({ text }) => text)).toEqual(['noted']);
    });
  });

  describe('channels', () => {
    it('give all members the same messages in the same order, and the sender none of its own', async () => {
      const names = ['m1', 'm2', 'm3', 'm4'];
      const members = await Promise.all(names.map((name) => bot(name)));
      const rooms = await Promise.all(members.map((each) => each.join('order')));
      await Promise.all(rooms.flatMap((room) => Array.from({ length: 25 }, (_, i) => room.send(`${i}`))));
      await eventually('all', () => members.every((each) => each.room('order').length === 75));
      for (const [index, member] of members.entries()) {
        expect(member.room('order').some((line) => line.startsWith(`${names[index]}:`))).toBe(false);
        const reference = (members[index === 0 ? 1 : 0] as Witness).room('order');
        const common = (log: readonly string[]) =>
          log.filter(
            (line) => !line.startsWith('m1:') && !line.startsWith('m2:') && !line.startsWith(`${names[index]}:`),
          );
        expect(common(member.room('order'))).toEqual(common(reference));
      }
    });

    it('count exactly, report joins and leaves, and list the members', async () => {
      const members = await Promise.all(['c1', 'c2', 'c3', 'c4', 'c5'].map((name) => bot(name)));
      const first = members[0] as Witness;
      const rooms = [];
      for (const each of members) rooms.push(await each.join('count'));
      expect((await first.client.memberCounts(['count', 'empty'])).get('count')).toBe(5);
      expect((await first.client.memberCounts(['empty'])).get('empty')).toBe(0);
      expect((await rooms[0]?.members())?.sort()).toEqual(['c1', 'c2', 'c3', 'c4', 'c5']);
      await rooms[4]?.leave();
      await eventually('notices', () => first.members.get('count')?.length === 5);
      expect(first.members.get('count')).toEqual(['+c2', '+c3', '+c4', '+c5', '-c5']);
      expect((await first.client.memberCounts(['count'])).get('count')).toBe(4);
    });

    it('take messages of members only, and a member may come back', async () => {
      const [alice, bob] = [await bot('in and out'), await bot('stays in')];
      const room = await alice.join('door');
      await bob.join('door');
      await room.leave();
      await expect(room.send('x')).rejects.toThrow();
      await (await alice.join('door')).send('back');
      await eventually('back', () => bob.room('door').length > 0);
      expect(bob.room('door')).toEqual(['in and out: back']);
    });

    it('remove a member on command', async () => {
      const alice = await bot('put out');
      const room = await alice.join('club');
      const left = once(room, 'left');
      let put = 0;
      for (const server of cluster.servers) if (await server.kickFromChannel(cluster.appId, 'club', 'put out')) put++;
      expect(put).toBe(1);
      expect((await within('left', left))[0]).toEqual({ channelId: 'club', reason: 'kicked' });
      expect((await alice.client.memberCounts(['club'])).get('club')).toBe(0);
    });
  });

  describe('attributes', () => {
    it('of a user are written by it, and read by others until it logs out', async () => {
      const [alice, bob] = [await bot('has some'), await bot('reads them')];
      await alice.client.attributes.set({ a: '1', b: '2' });
      await alice.client.attributes.merge({ b: '3', c: '4' });
      await alice.client.attributes.delete(['a']);
      expect(await bob.client.attributes.get('has some')).toEqual(
        new Map([
          ['b', '3'],
          ['c', '4'],
        ]),
      );
      expect(await bob.client.attributes.get('has some', ['c'])).toEqual(new Map([['c', '4']]));
      await alice.client.logout();
      await eventually('none', async () => {
        const left = await bob.client.attributes.get('has some').catch(() => new Map());
        return left.size === 0;
      });
    });

    it('of a channel are written by every user and reported to its members', async () => {
      const [member, writer] = [await bot('is told'), await bot('tells')];
      const room = await member.join('topic');
      const told = once(room, 'attributes');
      await writer.client.channelAttributes('topic').set({ topic: 'x' }, { notify: true });
      const [notice] = await within('notice', told);
      expect(notice.attributes.get('topic')).toMatchObject({ value: 'x', updatedBy: 'tells' });
      await writer.client.channelAttributes('topic').merge({ more: 'y' });
      expect([...(await room.attributes.get()).keys()].sort()).toEqual(['more', 'topic']);
    });

    it('written at the same time are all there', async () => {
      const writers = await Promise.all(Array.from({ length: 8 }, (_, i) => bot(`writer ${i}`)));
      await Promise.all(writers.map(({ client }, i) => client.channelAttributes('shared').merge({ [`k${i}`]: 'v' })));
      const all = await writers[0]?.client.channelAttributes('shared').get();
      expect(all?.size).toBe(8);
    });
  });

  describe('presence', () => {
    it('answers which users are online', async () => {
      const alice = await bot('present');
      expect(await alice.client.presence.query(['present', 'absent'])).toEqual(
        new Map([
          ['present', 'online'],
          ['absent', 'offline'],
        ]),
      );
    });

    it('reports the present state, then every change', async () => {
      const watcher = await bot('watcher');
      await watcher.client.presence.subscribe(['watched']);
      await eventually('offline', () => watcher.states.get('watched') === 'offline');
      const watched = await bot('watched');
      await eventually('online', () => watcher.states.get('watched') === 'online');
      await watched.client.logout();
      await eventually('offline again', () => watcher.states.get('watched') === 'offline');
      await watcher.client.presence.unsubscribe(['watched']);
      await bot('watched');
      expect(watcher.states.get('watched')).toBe('offline');
    });
  });

  describe('a resume', () => {
    it('brings the missed messages, once, in order, and no other user notices', async () => {
      const { relay, witness } = await cuttable('resumer');
      const other = await bot('talks on');
      await other.client.presence.subscribe(['resumer']);
      await witness.join('resumed');
      const room = await other.join('resumed');
      await other.client.sendToPeer('resumer', 'before');
      relay.cut();
      await within('reconnecting', witness.client.whenState('reconnecting'));
      const sent = Array.from({ length: 10 }, (_, i) => other.client.sendToPeer('resumer', `during ${i}`));
      for (let i = 0; i < 20; i++) await room.send(`room ${i}`);
      relay.mend();
      await within('connected', witness.client.whenState('connected'));
      expect((await Promise.all(sent)).every(({ delivery }) => delivery === 'delivered')).toBe(true);
      await other.client.sendToPeer('resumer', 'after');
      await room.send('room after');
      await eventually('all', () => witness.peer.length >= 12 && witness.room('resumed').length >= 21);
      expect(witness.peer).toEqual(
        ['before', ...Array.from({ length: 10 }, (_, i) => `during ${i}`), 'after'].map((text) => `talks on: ${text}`),
      );
      expect(witness.room('resumed')).toEqual(
        [...Array.from({ length: 20 }, (_, i) => `room ${i}`), 'room after'].map((text) => `talks on: ${text}`),
      );
      expect(other.members.get('resumed')).toEqual([]);
      expect(other.states.get('resumer')).toBe('online');
      expect((await other.client.memberCounts(['resumed'])).get('resumed')).toBe(2);
    });

    it('of a client that never heard of its join brings no messages from before', async () => {
      const { relay, witness } = await cuttable('never heard');
      const other = await bot('talks before');
      const room = await other.join('unheard');
      for (const text of ['1', '2', '3']) await room.send(`before ${text}`);
      relay.mute(); // not after a number of bytes: those might be a heartbeat's
      const joined = witness.join('unheard');
      await eventually('two', async () => (await other.client.memberCounts(['unheard'])).get('unheard') === 2);
      await room.send('between');
      relay.cut();
      relay.mend();
      await within('the join', joined);
      await room.send('after');
      await eventually('the last', () => witness.room('unheard').at(-1) === 'talks before: after');
      expect(witness.room('unheard').filter((line) => line.includes('before '))).toEqual([]);
    });

    it('repeats an unanswered request, without a second effect', async () => {
      const { relay, witness } = await cuttable('repeater');
      const other = await bot('hears once');
      const room = await witness.join('repeated');
      await other.join('repeated');
      relay.freeze();
      const results = Promise.all([
        ...Array.from({ length: 5 }, (_, i) => witness.client.sendToPeer('hears once', `${i}`)),
        ...Array.from({ length: 5 }, (_, i) => room.send(`${i}`)),
      ]);
      relay.cut();
      relay.mend();
      await within('the results', results, 20_000);
      await eventually('all', () => other.peer.length >= 5 && other.room('repeated').length >= 5);
      expect(other.peer).toEqual(['0', '1', '2', '3', '4'].map((text) => `repeater: ${text}`));
      expect(other.room('repeated')).toEqual(['0', '1', '2', '3', '4'].map((text) => `repeater: ${text}`));
    });
  });

  it('finds every name, and takes no malformed name', async () => {
    const names = ['{x}', 'a}b{', '{', '}', '{}', '1:', '?', '[a', `{${'y'.repeat(62)}}`];
    const bots = await Promise.all(names.map((name) => bot(name)));
    for (const [index, each] of bots.entries()) {
      const name = names[index] as string;
      const other = bots[(index + 1) % bots.length] as Witness;
      await Promise.all([each.join(name), other.join(name)]);
      await other.client.sendToPeer(name, name);
      await other.channels.get(name)?.send(name);
      expect((await other.client.memberCounts([name])).get(name)).toBe(2);
      expect((await other.client.presence.query([name])).get(name)).toBe('online');
      await each.client.attributes.set({ name });
      expect((await other.client.attributes.get(name)).get('name')).toBe(name);
      await eventually(name, () => each.peer.length === 1 && each.room(name).length === 1);
      expect([each.peer, each.room(name)]).toEqual([
        [`${other.client.userId}: ${name}`],
        [`${other.client.userId}: ${name}`],
      ]);
    }
    for (const name of ['a\r\nb', 'nul\0nul', '\n', 'é'.repeat(32), 'z'.repeat(65), '']) {
      const [asking] = bots as [Witness];
      await expect(asking.client.sendToPeer(name, 'x')).rejects.toThrow();
      await expect(asking.client.join(name)).rejects.toThrow();
      await expect(bot(name)).rejects.toThrow();
    }
  });

  it('keeps projects apart', async () => {
    const other = await engine.start();
    try {
      const [here, there] = [await bot('same'), new Witness(await other.login('same'))];
      await here.join('same room');
      await (await there.join('same room')).send('not for here');
      await expect(here.client.sendToPeer('only there', 'x')).rejects.toMatchObject({
        code: 'ERR_RTM_PEER_UNREACHABLE',
      });
      expect((await here.client.memberCounts(['same room'])).get('same room')).toBe(1);
      expect([here.ended, there.ended, here.room('same room')]).toEqual(['', '', []]);
    } finally {
      await other.end();
    }
  });
});
