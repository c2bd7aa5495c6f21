import { expect } from 'vitest';
import type { RtmCallManager } from '../../lib/sdk/calls.js';
import type { RtmLocalCallInvitation, RtmRemoteCallInvitation } from '../../lib/sdk/invitations.js';
import { calls as rows } from './rows/calls.js';
import { Events } from './support/events.js';
import { subject } from './support/subject.js';
import { type Bot, type BotOptions, bytes, type Client, fresh, world } from './support/world.js';

const w = world();
const KB8 = 8 * 1024;

const L = 'LOCAL_INVITATION_STATE.LOCAL_INVITATION_STATE_';
const R = 'REMOTE_INVITATION_STATE.REMOTE_INVITATION_STATE_';
const LE = 'LOCAL_INVITATION_ERR_CODE.LOCAL_INVITATION_ERR_';
const RE = 'REMOTE_INVITATION_ERR_CODE.REMOTE_INVITATION_ERR_';
const A = 'INVITATION_API_CALL_ERR_CODE.INVITATION_API_CALL_ERR_';
const on = (name: string) => `IRtmCallEventHandler.${name}`;
const local = (name: string) => `ILocalCallInvitation.${name}`;
const remote = (name: string) => `IRemoteCallInvitation.${name}`;
const manager = (name: string) => `IRtmCallManager.${name}`;

const INVALID = 1;
const NOT_STARTED = 2;
const ALREADY_END = 3;
const ALREADY_ACCEPT = 4;
const ALREADY_SENT = 5;

interface Caller extends Bot {
  readonly calls: RtmCallManager;
  /** The reports of the call manager. */
  readonly diary: Events;
}

function withCalls<T extends Client>(client: T): T & { calls: RtmCallManager; diary: Events } {
  const diary = new Events();
  const calls = client.service.getRtmCallManager(diary.handler);
  if (calls === null) throw new Error('getRtmCallManager');
  return { ...client, calls, diary };
}
const caller = async (options: BotOptions = {}): Promise<Caller> => withCalls(await w.bot(options));
const pair = async (): Promise<[Caller, Caller]> => [await caller(), await caller()];

function invitation(from: Caller, calleeId: string): RtmLocalCallInvitation {
  const made = from.calls.createLocalCallInvitation(calleeId);
  if (made === null) throw new Error('createLocalCallInvitation');
  return made;
}

/** An invitation that the callee's SDK has acknowledged. */
async function ring(from: Caller, to: Caller, prepare: (mine: RtmLocalCallInvitation) => void = () => {}) {
  const mine = invitation(from, to.user);
  prepare(mine);
  expect(from.calls.sendLocalInvitation(mine)).toBe(0);
  const [theirs] = (await to.diary.take('onRemoteInvitationReceived')) as [RtmRemoteCallInvitation];
  expect((await from.diary.take('onLocalInvitationReceivedByPeer'))[0]).toBe(mine);
  return { mine, theirs };
}

async function accepted(from: Caller, to: Caller, response = 'yes') {
  const both = await ring(from, to);
  both.theirs.setResponse(response);
  expect(to.calls.acceptRemoteInvitation(both.theirs)).toBe(0);
  expect(await from.diary.take('onLocalInvitationAccepted')).toEqual([both.mine, response]);
  expect((await to.diary.take('onRemoteInvitationAccepted'))[0]).toBe(both.theirs);
  return both;
}

const impatient = { invitation_send_ms: 1500 };

/** An online user whose network swallows every incoming byte. */
async function silentCallee(): Promise<Bot> {
  const via = await w.relay();
  via.lose('PEER_MESSAGE');
  return withCalls(await w.bot({ via }));
}

async function contentOf(length: number): Promise<number> {
  const [alice, bob] = await pair();
  const mine = invitation(alice, bob.user);
  mine.setContent(bytes(length));
  const code = alice.calls.sendLocalInvitation(mine);
  if (code === 0) expect((await bob.diary.take('onRemoteInvitationReceived'))[0].getContent()).toBe(bytes(length));
  else expect(mine.getState()).toBe(0);
  return code;
}

async function responseOf(length: number): Promise<number> {
  const [alice, bob] = await pair();
  const { mine, theirs } = await ring(alice, bob);
  theirs.setResponse(bytes(length));
  const code = bob.calls.refuseRemoteInvitation(theirs);
  if (code === 0) {
    expect(await alice.diary.take('onLocalInvitationRefused')).toEqual([mine, bytes(length)]);
    return code;
  }
  expect([theirs.getState(), bob.calls.acceptRemoteInvitation(theirs)]).toEqual([1, code]);
  return code;
}

subject(rows, (row) => {
  row('IRtmService.getRtmCallManager', () => {
    const { service } = w.client();
    const first = service.getRtmCallManager({});
    expect(first).not.toBeNull();
    expect(service.getRtmCallManager({})).toBe(first);
  });
  row([manager('createLocalCallInvitation'), `${L}IDLE`, local('getCalleeId')], () => {
    const { calls } = withCalls(w.client());
    const mine = calls.createLocalCallInvitation('bob');
    expect([mine?.getCalleeId(), mine?.getState()]).toEqual(['bob', 0]);
    for (const id of [null, '', 'null', bytes(65), 'a*b', '\ud800']) {
      expect(calls.createLocalCallInvitation(id)).toBeNull();
    }
  });
  row(
    [
      manager('sendLocalInvitation'),
      on('onLocalInvitationReceivedByPeer'),
      on('onRemoteInvitationReceived'),
      `${L}RECEIVED_BY_REMOTE`,
      `${R}INVITATION_RECEIVED`,
      `${A}OK`,
      'call.caller.sent.acknowledged',
      'call.callee.received',
      remote('getCallerId'),
      remote('getContent'),
      remote('getChannelId'),
      local('setContent'),
      local('getContent'),
      local('setChannelId'),
      local('getChannelId'),
    ],
    async () => {
      const [alice, bob] = await pair();
      const empty = invitation(alice, bob.user);
      expect([empty.getContent(), empty.getChannelId(), empty.getResponse()]).toEqual(['', '', '']);
      const { mine, theirs } = await ring(alice, bob, (made) => {
        made.setContent('lunch? 🍜');
        made.setChannelId('kitchen');
      });
      expect([mine.getContent(), mine.getChannelId(), mine.getState()]).toEqual(['lunch? 🍜', 'kitchen', 2]);
      expect([theirs.getContent(), theirs.getChannelId(), theirs.getState()]).toEqual(['lunch? 🍜', 'kitchen', 1]);
      expect([theirs.getCallerId(), theirs.getResponse()]).toEqual([alice.user, '']);
      mine.setContent('too late');
      expect(mine.getContent()).toBe('lunch? 🍜');
    },
  );
  row(
    [
      manager('acceptRemoteInvitation'),
      on('onLocalInvitationAccepted'),
      on('onRemoteInvitationAccepted'),
      `${L}ACCEPTED_BY_REMOTE`,
      `${R}ACCEPTED`,
      'call.caller.received.accepted',
      'call.callee.accepting.acknowledged',
      'rule.call.one-object',
      local('getResponse'),
      local('getState'),
      remote('setResponse'),
      remote('getResponse'),
      remote('getState'),
    ],
    async () => {
      const [alice, bob] = await pair();
      const { mine, theirs } = await accepted(alice, bob, 'gern 👍');
      expect([mine.getState(), mine.getResponse()]).toEqual([3, 'gern 👍']);
      expect([theirs.getState(), theirs.getResponse()]).toEqual([4, 'gern 👍']);
      expect(alice.diary.names()).toEqual(['onLocalInvitationReceivedByPeer', 'onLocalInvitationAccepted']);
      expect(bob.diary.names()).toEqual(['onRemoteInvitationReceived', 'onRemoteInvitationAccepted']);
    },
  );
  row(
    [
      manager('refuseRemoteInvitation'),
      on('onLocalInvitationRefused'),
      on('onRemoteInvitationRefused'),
      `${L}REFUSED_BY_REMOTE`,
      `${R}REFUSED`,
      'call.caller.received.refused',
      'call.callee.received.refuse',
    ],
    async () => {
      const [alice, bob] = await pair();
      const { mine, theirs } = await ring(alice, bob);
      theirs.setResponse('busy');
      expect(bob.calls.refuseRemoteInvitation(theirs)).toBe(0);
      expect(await alice.diary.take('onLocalInvitationRefused')).toEqual([mine, 'busy']);
      expect((await bob.diary.take('onRemoteInvitationRefused'))[0]).toBe(theirs);
      expect([mine.getState(), theirs.getState()]).toEqual([4, 3]);
    },
  );
  row(
    [
      manager('cancelLocalInvitation'),
      on('onLocalInvitationCanceled'),
      on('onRemoteInvitationCanceled'),
      `${L}CANCELED`,
      `${R}CANCELED`,
      'call.caller.received.cancel',
      'call.callee.received.canceled',
    ],
    async () => {
      const [alice, bob] = await pair();
      const { mine, theirs } = await ring(alice, bob);
      expect(alice.calls.cancelLocalInvitation(mine)).toBe(0);
      expect((await alice.diary.take('onLocalInvitationCanceled'))[0]).toBe(mine);
      expect((await bob.diary.take('onRemoteInvitationCanceled'))[0]).toBe(theirs);
      expect([mine.getState(), theirs.getState()]).toEqual([5, 5]);
    },
  );
  row([manager('release')], async () => {
    const [alice, bob] = await pair();
    const { mine, theirs } = await ring(alice, bob);
    const before = bob.diary.calls.length;
    bob.calls.release();
    alice.calls.cancelLocalInvitation(mine);
    await alice.diary.take('onLocalInvitationCanceled');
    bob.service.sendMessageToPeer(bob.user, bob.service.createMessage('marker'));
    await bob.events.take('onMessageReceivedFromPeer');
    expect(bob.diary.calls).toHaveLength(before);
    expect(bob.calls.acceptRemoteInvitation(theirs)).toBe(INVALID);
    expect(bob.calls.createLocalCallInvitation('x')).toBeNull();
  });
  row([local('release'), remote('release'), 'call.callee.end.again', `${A}ALREADY_END`], async () => {
    const [alice, bob] = await pair();
    const { mine, theirs } = await accepted(alice, bob);
    expect(bob.calls.acceptRemoteInvitation(theirs)).toBe(ALREADY_END);
    expect(bob.calls.refuseRemoteInvitation(theirs)).toBe(ALREADY_END);
    expect(alice.calls.cancelLocalInvitation(mine)).toBe(ALREADY_END);
    mine.release();
    theirs.release();
    expect(mine.getState()).toBe(3);
    await accepted(alice, bob);
  });
  row([`${L}SENT_TO_REMOTE`, 'call.caller.sent.cancel', 'call.caller.sent.send', `${A}ALREADY_SENT`], async () => {
    const alice = await caller();
    const mine = invitation(alice, 'nobody');
    expect([alice.calls.sendLocalInvitation(mine), mine.getState()]).toEqual([0, 1]);
    expect([alice.calls.sendLocalInvitation(mine), mine.getState()]).toEqual([ALREADY_SENT, 1]);
    expect(alice.calls.cancelLocalInvitation(mine)).toBe(0);
    expect((await alice.diary.take('onLocalInvitationCanceled'))[0]).toBe(mine);
    expect(mine.getState()).toBe(5);
  });
  row([`${A}NOT_STARTED`, 'call.caller.idle.cancel'], async () => {
    const alice = await caller();
    const mine = invitation(alice, 'bob');
    expect([alice.calls.cancelLocalInvitation(mine), mine.getState()]).toEqual([NOT_STARTED, 0]);
  });
  row('call.caller.end.again', async () => {
    const [alice, bob] = await pair();
    const { mine, theirs } = await ring(alice, bob);
    bob.calls.refuseRemoteInvitation(theirs);
    await alice.diary.take('onLocalInvitationRefused');
    expect([alice.calls.sendLocalInvitation(mine), alice.calls.cancelLocalInvitation(mine)]).toEqual([3, 3]);
    expect(mine.getState()).toBe(4);
  });
  row([on('onLocalInvitationFailure'), `${L}FAILURE`, `${LE}PEER_OFFLINE`, 'call.caller.sent.offline'], async () => {
    const alice = await caller({ timing: impatient });
    const mine = invitation(alice, 'nobody');
    alice.calls.sendLocalInvitation(mine);
    expect(await alice.diary.take('onLocalInvitationFailure')).toEqual([mine, 1]);
    expect([mine.getState(), alice.diary.calls.length]).toEqual([6, 1]);
  });
  row([`${LE}PEER_NO_RESPONSE`, 'call.caller.sent.silent'], async () => {
    const alice = await caller({ timing: impatient });
    const mine = invitation(alice, (await silentCallee()).user);
    alice.calls.sendLocalInvitation(mine);
    expect(await alice.diary.take('onLocalInvitationFailure')).toEqual([mine, 2]);
  });
  row([`${LE}INVITATION_EXPIRE`, 'call.caller.received.expired'], async () => {
    const alice = await caller({ timing: { invitation_ms: 2000 } });
    const { mine } = await ring(alice, await caller());
    expect(await alice.diary.take('onLocalInvitationFailure')).toEqual([mine, 3]);
  });
  row([`${LE}NOT_LOGGEDIN`, 'call.caller.received.logout'], async () => {
    const [alice, bob] = await pair();
    const { mine } = await ring(alice, bob);
    alice.service.logout();
    expect(await alice.diary.take('onLocalInvitationFailure')).toEqual([mine, 4]);
    const early = { ...withCalls(w.client()), user: fresh() };
    const other = invitation(early, 'bob');
    expect(early.calls.sendLocalInvitation(other)).toBe(0);
    expect(await early.diary.take('onLocalInvitationFailure')).toEqual([other, 4]);
  });
  row(
    [on('onRemoteInvitationFailure'), `${R}FAILURE`, `${RE}PEER_OFFLINE`, 'call.callee.received.logout'],
    async () => {
      const [alice, bob] = await pair();
      const { theirs } = await ring(alice, bob);
      bob.service.logout();
      expect(await bob.diary.take('onRemoteInvitationFailure')).toEqual([theirs, 1]);
      expect(theirs.getState()).toBe(6);
    },
  );
  row('call.caller.received.aborted', async () => {
    const [alice, bob] = await pair();
    const { mine } = await ring(alice, bob);
    await w.bot({ user: alice.user });
    expect(await alice.diary.take('onLocalInvitationFailure')).toEqual([mine, 4]);
    await alice.events.until('ABORTED', () => alice.events.states().at(-1)?.[0] === 5);
    const late = invitation(alice, bob.user);
    expect(alice.calls.sendLocalInvitation(late)).toBe(0);
    expect(await alice.diary.take('onLocalInvitationFailure')).toEqual([late, 4]);
    expect([mine.getState(), late.getState()]).toEqual([6, 6]);
  });
  row('call.callee.received.aborted', async () => {
    const [alice, bob] = await pair();
    const { theirs } = await ring(alice, bob);
    await w.bot({ user: bob.user });
    expect(await bob.diary.take('onRemoteInvitationFailure')).toEqual([theirs, 1]);
    expect([theirs.getState(), bob.calls.acceptRemoteInvitation(theirs)]).toEqual([6, ALREADY_END]);
  });
  row([`${RE}INVITATION_EXPIRE`, 'call.callee.received.expired'], async () => {
    const bob = await caller({ timing: { invitation_ms: 2000 } });
    const { theirs } = await ring(await caller(), bob);
    expect(await bob.diary.take('onRemoteInvitationFailure')).toEqual([theirs, 3]);
  });
  row(
    [
      `${RE}ACCEPT_FAILURE`,
      `${R}ACCEPT_SENT_TO_LOCAL`,
      `${A}ALREADY_ACCEPT`,
      'call.callee.received.accept',
      'call.callee.accepting.silent',
      'call.callee.accepting.accept',
      'rule.call.accept-then-refuse',
    ],
    async () => {
      const via = await w.relay();
      const alice = withCalls(await w.bot({ via }));
      const bob = await caller({ timing: { acceptance_ms: 1000 } });
      const { theirs } = await ring(alice, bob);
      via.lose('PEER_MESSAGE'); // the caller never hears of the acceptance
      expect([bob.calls.acceptRemoteInvitation(theirs), theirs.getState()]).toEqual([0, 2]);
      expect([bob.calls.acceptRemoteInvitation(theirs), theirs.getState()]).toEqual([ALREADY_ACCEPT, 2]);
      expect([bob.calls.refuseRemoteInvitation(theirs), theirs.getState()]).toEqual([ALREADY_ACCEPT, 2]);
      expect(await bob.diary.take('onRemoteInvitationFailure')).toEqual([theirs, 2]);
      expect(theirs.getState()).toBe(6);
    },
  );
  row([`${A}INVALID_ARGUMENT`, 'rule.call.unicode'], async () => {
    const [alice, bob] = await pair();
    expect(alice.calls.sendLocalInvitation(null)).toBe(INVALID);
    expect(alice.calls.cancelLocalInvitation(null)).toBe(INVALID);
    expect(alice.calls.acceptRemoteInvitation(null)).toBe(INVALID);
    expect(alice.calls.refuseRemoteInvitation(null)).toBe(INVALID);
    expect(alice.calls.sendLocalInvitation(invitation(bob, alice.user))).toBe(INVALID); // of another manager
    for (const text of ['\ud800', 'a\udc00b', 'a\0b']) {
      const mine = invitation(alice, bob.user);
      mine.setContent(text);
      expect([alice.calls.sendLocalInvitation(mine), mine.getState()]).toEqual([INVALID, 0]);
    }
    const { theirs } = await ring(alice, bob);
    for (const text of ['\ud800', 'a\0b']) {
      theirs.setResponse(text);
      expect(bob.calls.acceptRemoteInvitation(theirs)).toBe(INVALID);
      expect([bob.calls.refuseRemoteInvitation(theirs), theirs.getState()]).toEqual([INVALID, 1]);
    }
    theirs.setResponse(null);
    expect(bob.calls.acceptRemoteInvitation(theirs)).toBe(0);
    expect((await alice.diary.take('onLocalInvitationAccepted'))[1]).toBe('');
  });

  row('limit.call.content.below', async () => expect(await contentOf(KB8 - 1)).toBe(0));
  row('limit.call.content.at', async () => expect(await contentOf(KB8)).toBe(0));
  row('limit.call.content.above', async () => expect(await contentOf(KB8 + 1)).toBe(INVALID));
  row('limit.call.response.below', async () => expect(await responseOf(KB8 - 1)).toBe(0));
  row('limit.call.response.at', async () => expect(await responseOf(KB8)).toBe(0));
  row('limit.call.response.above', async () => expect(await responseOf(KB8 + 1)).toBe(INVALID));
  const callee = (length: number) => withCalls(w.client()).calls.createLocalCallInvitation(bytes(length));
  row('limit.call.callee.below', () => expect(callee(63)?.getCalleeId()).toBe(bytes(63)));
  row('limit.call.callee.at', () => expect(callee(64)?.getCalleeId()).toBe(bytes(64)));
  row('limit.call.callee.above', () => expect(callee(65)).toBeNull());

  row('rule.call.parallel', async () => {
    const [alice, bob] = await pair();
    const [one, two] = [await ring(alice, bob), await ring(alice, bob)];
    expect(bob.calls.refuseRemoteInvitation(one.theirs)).toBe(0);
    expect((await alice.diary.take('onLocalInvitationRefused'))[0]).toBe(one.mine);
    expect(bob.calls.acceptRemoteInvitation(two.theirs)).toBe(0);
    expect((await alice.diary.take('onLocalInvitationAccepted'))[0]).toBe(two.mine);
    expect([one.mine.getState(), two.mine.getState()]).toEqual([4, 3]);
  });
  row('rule.call.late-callee', async () => {
    const alice = await caller();
    const user = fresh();
    const mine = invitation(alice, user);
    alice.calls.sendLocalInvitation(mine);
    const late = withCalls(w.client());
    late.service.login(null, user);
    await late.diary.take('onRemoteInvitationReceived');
    expect((await alice.diary.take('onLocalInvitationReceivedByPeer'))[0]).toBe(mine);
  });
  row('rule.call.not-a-message', async () => {
    const [alice, bob] = await pair();
    await accepted(alice, bob);
    for (const { events } of [alice, bob]) expect(events.names().slice(3)).toEqual([]);
  });
  row('rule.call.answer-first', async () => {
    const via = await w.relay();
    const alice = withCalls(await w.bot({ via }));
    const bob = await caller();
    via.lose('SEND_RESULTS'); // the word that the callee's SDK has the invitation
    for (const answer of ['Accepted', 'Refused'] as const) {
      const mine = invitation(alice, bob.user);
      expect(alice.calls.sendLocalInvitation(mine)).toBe(0);
      const [theirs] = await bob.diary.take('onRemoteInvitationReceived');
      if (answer === 'Accepted') bob.calls.acceptRemoteInvitation(theirs);
      else bob.calls.refuseRemoteInvitation(theirs);
      expect((await alice.diary.take(`onLocalInvitation${answer}`))[0]).toBe(mine);
      expect((await bob.diary.take(`onRemoteInvitation${answer}`))[0]).toBe(theirs);
      expect(alice.diary.names().slice(-2)).toEqual(['onLocalInvitationReceivedByPeer', `onLocalInvitation${answer}`]);
      expect((await alice.diary.take('onLocalInvitationReceivedByPeer'))[0]).toBe(mine);
    }
    via.pass('SEND_RESULTS');
    await accepted(alice, bob); // late results disturb nothing
    expect(alice.diary.calls).toHaveLength(6);
  });
  row('rule.call.race', async () => {
    for (let i = 0; i < 10; i++) {
      const [alice, bob] = await pair();
      const { mine, theirs } = await ring(alice, bob);
      const code = bob.calls.acceptRemoteInvitation(theirs);
      const canceled = alice.calls.cancelLocalInvitation(mine);
      expect([code, [0, ALREADY_END].includes(canceled)]).toEqual([0, true]);
      const ends = ['onLocalInvitationCanceled', 'onLocalInvitationAccepted'];
      await alice.diary.until('an end', () => alice.diary.names().some((name) => ends.includes(name)));
      const won = alice.diary.names().includes('onLocalInvitationAccepted') ? 'Accepted' : 'Canceled';
      expect(won).toBe(canceled === 0 ? 'Canceled' : 'Accepted');
      expect((await bob.diary.take(`onRemoteInvitation${won}`))[0]).toBe(theirs);
      expect(alice.diary.calls).toHaveLength(2);
      expect(bob.diary.calls).toHaveLength(2);
    }
  });
});
