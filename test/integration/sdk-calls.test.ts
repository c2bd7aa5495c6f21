import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  INVITATION_API_CALL_ERR_CODE,
  LOCAL_INVITATION_ERR_CODE,
  LOCAL_INVITATION_STATE,
  REMOTE_INVITATION_ERR_CODE,
  REMOTE_INVITATION_STATE,
} from '../../lib/enums.js';
import type { IRtmCallEventHandler, RtmCallManager } from '../../lib/sdk/calls.js';
import { RtmLocalCallInvitation, RtmRemoteCallInvitation } from '../../lib/sdk/invitations.js';
import { createRtmService } from '../../lib/sdk/service.js';
import type { RtmServer } from '../../lib/server/rtm-server.js';
import { type Bot, newService, Recorder, startServer } from './sdk-world.js';

const OK = INVITATION_API_CALL_ERR_CODE.INVITATION_API_CALL_ERR_OK;
const INVALID_ARGUMENT = INVITATION_API_CALL_ERR_CODE.INVITATION_API_CALL_ERR_INVALID_ARGUMENT;
const NOT_STARTED = INVITATION_API_CALL_ERR_CODE.INVITATION_API_CALL_ERR_NOT_STARTED;
const ALREADY_END = INVITATION_API_CALL_ERR_CODE.INVITATION_API_CALL_ERR_ALREADY_END;
const ALREADY_ACCEPT = INVITATION_API_CALL_ERR_CODE.INVITATION_API_CALL_ERR_ALREADY_ACCEPT;
const ALREADY_SENT = INVITATION_API_CALL_ERR_CODE.INVITATION_API_CALL_ERR_ALREADY_SENT;
const LOCAL = LOCAL_INVITATION_STATE;
const REMOTE = REMOTE_INVITATION_STATE;

let server: RtmServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

interface Caller extends Bot {
  calls: RtmCallManager;
  /** The calls of the call manager's handler. */
  diary: Recorder<IRtmCallEventHandler>;
}

let users = 0;

/** A service with a call manager, not logged in yet; `timing` shortens its times. */
function newCaller(timing: Record<string, number> = {}): Caller {
  const { service, events } = newService(server);
  service.setParameters(JSON.stringify({ 'rtm.timing': timing }));
  const diary = new Recorder<IRtmCallEventHandler>();
  const calls = service.getRtmCallManager(diary.handler);
  if (calls === null) throw new Error('getRtmCallManager');
  return { service, events, user: `caller${users++}`, calls, diary };
}

async function login(bot: Caller): Promise<Caller> {
  const result = bot.events.next('onLoginSuccess');
  expect(bot.service.login(null, bot.user)).toBe(0);
  await result;
  return bot;
}

const newCallers = (timing?: Record<string, number>) =>
  Promise.all([login(newCaller(timing)), login(newCaller(timing))]);

function create(from: Caller, callee: string, content?: string): RtmLocalCallInvitation {
  const call = from.calls.createLocalCallInvitation(callee);
  if (call === null) throw new Error('createLocalCallInvitation');
  if (content !== undefined) call.setContent(content);
  return call;
}

/** An invitation that rings, both ends of it. */
async function ring(from: Caller, to: Caller, content?: string) {
  const call = create(from, to.user, content);
  const arrival = to.diary.next('onRemoteInvitationReceived');
  const ringing = from.diary.next('onLocalInvitationReceivedByPeer');
  expect(from.calls.sendLocalInvitation(call)).toBe(OK);
  expect(call.getState()).toBe(LOCAL.LOCAL_INVITATION_STATE_SENT_TO_REMOTE);
  const [incoming] = (await arrival) as [RtmRemoteCallInvitation];
  expect(await ringing).toEqual([call]);
  return { call, incoming };
}

describe('an invitation', () => {
  it('is received, accepted and confirmed, with content, channel and response, as one object each', async () => {
    const [alice, bob] = await newCallers();
    const call = create(alice, bob.user, 'lunch? 🍜');
    call.setChannelId('kitchen');
    expect([call.getState(), call.getResponse()]).toEqual([LOCAL.LOCAL_INVITATION_STATE_IDLE, '']);
    const arrival = bob.diary.next('onRemoteInvitationReceived');
    const ringing = alice.diary.next('onLocalInvitationReceivedByPeer');
    expect(alice.calls.sendLocalInvitation(call)).toBe(OK);
    const [incoming] = (await arrival) as [RtmRemoteCallInvitation];
    expect(incoming).toBeInstanceOf(RtmRemoteCallInvitation);
    expect([incoming.getCallerId(), incoming.getContent(), incoming.getChannelId()]).toEqual([
      alice.user,
      'lunch? 🍜',
      'kitchen',
    ]);
    expect(incoming.getState()).toBe(REMOTE.REMOTE_INVITATION_STATE_INVITATION_RECEIVED);
    expect((await ringing)[0]).toBe(call);
    expect(call.getState()).toBe(LOCAL.LOCAL_INVITATION_STATE_RECEIVED_BY_REMOTE);

    incoming.setResponse('at noon');
    const accepted = alice.diary.next('onLocalInvitationAccepted');
    const confirmed = bob.diary.next('onRemoteInvitationAccepted');
    expect(bob.calls.acceptRemoteInvitation(incoming)).toBe(OK);
    expect(incoming.getState()).toBe(REMOTE.REMOTE_INVITATION_STATE_ACCEPT_SENT_TO_LOCAL);
    const [who, response] = await accepted;
    expect(who).toBe(call);
    expect([response, call.getResponse()]).toEqual(['at noon', 'at noon']);
    expect(call.getState()).toBe(LOCAL.LOCAL_INVITATION_STATE_ACCEPTED_BY_REMOTE);
    expect((await confirmed)[0]).toBe(incoming);
    expect(incoming.getState()).toBe(REMOTE.REMOTE_INVITATION_STATE_ACCEPTED);

    expect(alice.calls.cancelLocalInvitation(call)).toBe(ALREADY_END);
    expect(alice.calls.sendLocalInvitation(call)).toBe(ALREADY_END);
    expect(bob.calls.acceptRemoteInvitation(incoming)).toBe(ALREADY_END);
    expect(bob.calls.refuseRemoteInvitation(incoming)).toBe(ALREADY_END);
    expect(alice.diary.names()).toEqual(['onLocalInvitationReceivedByPeer', 'onLocalInvitationAccepted']);
    expect(bob.diary.names()).toEqual(['onRemoteInvitationReceived', 'onRemoteInvitationAccepted']);
  });

  it('is refused with a response', async () => {
    const [alice, bob] = await newCallers();
    const { call, incoming } = await ring(alice, bob);
    incoming.setResponse('busy');
    const refused = alice.diary.next('onLocalInvitationRefused');
    const done = bob.diary.next('onRemoteInvitationRefused');
    expect(bob.calls.refuseRemoteInvitation(incoming)).toBe(OK);
    expect(incoming.getState()).toBe(REMOTE.REMOTE_INVITATION_STATE_REFUSED);
    expect(await refused).toEqual([call, 'busy']);
    expect(call.getState()).toBe(LOCAL.LOCAL_INVITATION_STATE_REFUSED_BY_REMOTE);
    expect(await done).toEqual([incoming]);
    expect(bob.calls.acceptRemoteInvitation(incoming)).toBe(ALREADY_END);
  });

  it('is canceled while it rings', async () => {
    const [alice, bob] = await newCallers();
    const { call, incoming } = await ring(alice, bob);
    const canceled = alice.diary.next('onLocalInvitationCanceled');
    const gone = bob.diary.next('onRemoteInvitationCanceled');
    expect(alice.calls.cancelLocalInvitation(call)).toBe(OK);
    expect(call.getState()).toBe(LOCAL.LOCAL_INVITATION_STATE_CANCELED);
    expect(await canceled).toEqual([call]);
    expect(await gone).toEqual([incoming]);
    expect(incoming.getState()).toBe(REMOTE.REMOTE_INVITATION_STATE_CANCELED);
    expect(bob.calls.acceptRemoteInvitation(incoming)).toBe(ALREADY_END);
    expect(alice.calls.cancelLocalInvitation(call)).toBe(ALREADY_END);
  });

  it('is canceled before the callee is there', async () => {
    const alice = await login(newCaller());
    const call = create(alice, 'nobody');
    expect(alice.calls.sendLocalInvitation(call)).toBe(OK);
    const canceled = alice.diary.next('onLocalInvitationCanceled');
    expect(alice.calls.cancelLocalInvitation(call)).toBe(OK);
    expect(await canceled).toEqual([call]);
    expect(alice.diary.names()).toEqual(['onLocalInvitationCanceled']);
  });

  it('is accepted once: a second acceptance under way is refused by its code', async () => {
    const [alice, bob] = await newCallers();
    const { incoming } = await ring(alice, bob);
    alice.service.release(true); // so that the acceptance stays under way
    expect(bob.calls.acceptRemoteInvitation(incoming)).toBe(OK);
    expect(bob.calls.acceptRemoteInvitation(incoming)).toBe(ALREADY_ACCEPT);
    expect(bob.calls.refuseRemoteInvitation(incoming)).toBe(ALREADY_ACCEPT);
    expect(incoming.getState()).toBe(REMOTE.REMOTE_INVITATION_STATE_ACCEPT_SENT_TO_LOCAL);
  });

  it('is sent once', async () => {
    const [alice, bob] = await newCallers();
    const call = create(alice, bob.user);
    expect(alice.calls.cancelLocalInvitation(call)).toBe(NOT_STARTED);
    expect(alice.calls.sendLocalInvitation(call)).toBe(OK);
    call.setContent('too late');
    call.setChannelId('too late');
    expect([call.getContent(), call.getChannelId()]).toEqual(['', '']);
    expect(alice.calls.sendLocalInvitation(call)).toBe(ALREADY_SENT);
  });

  it('reaches a callee who logs in while it is repeated', async () => {
    const alice = await login(newCaller());
    const bob = newCaller();
    const call = create(alice, bob.user, 'are you there?');
    expect(alice.calls.sendLocalInvitation(call)).toBe(OK);
    const arrival = bob.diary.next('onRemoteInvitationReceived');
    const ringing = alice.diary.next('onLocalInvitationReceivedByPeer');
    await login(bob);
    expect(((await arrival) as [RtmRemoteCallInvitation])[0].getContent()).toBe('are you there?');
    expect(await ringing).toEqual([call]);
  });

  it('fails when the callee stays offline', async () => {
    const alice = await login(newCaller({ invitation_send_ms: 200 }));
    const call = create(alice, 'nobody');
    const failure = alice.diary.next('onLocalInvitationFailure');
    expect(alice.calls.sendLocalInvitation(call)).toBe(OK);
    expect(await failure).toEqual([call, LOCAL_INVITATION_ERR_CODE.LOCAL_INVITATION_ERR_PEER_OFFLINE]);
    expect(call.getState()).toBe(LOCAL.LOCAL_INVITATION_STATE_FAILURE);
    expect(alice.calls.cancelLocalInvitation(call)).toBe(ALREADY_END);
  });

  it('expires on both sides when neither user acts', async () => {
    const [alice, bob] = await newCallers({ invitation_ms: 600 });
    const expired = alice.diary.next('onLocalInvitationFailure');
    const gone = bob.diary.next('onRemoteInvitationFailure');
    const { call, incoming } = await ring(alice, bob);
    expect(await expired).toEqual([call, LOCAL_INVITATION_ERR_CODE.LOCAL_INVITATION_ERR_INVITATION_EXPIRE]);
    expect(await gone).toEqual([incoming, REMOTE_INVITATION_ERR_CODE.REMOTE_INVITATION_ERR_INVITATION_EXPIRE]);
    expect(incoming.getState()).toBe(REMOTE.REMOTE_INVITATION_STATE_FAILURE);
    expect(bob.calls.refuseRemoteInvitation(incoming)).toBe(ALREADY_END);
  });

  it('fails for the callee when the caller is gone before it confirms', async () => {
    const [alice, bob] = [await login(newCaller()), await login(newCaller({ acceptance_ms: 300 }))];
    const { incoming } = await ring(alice, bob);
    alice.service.release(true);
    const failure = bob.diary.next('onRemoteInvitationFailure');
    expect(bob.calls.acceptRemoteInvitation(incoming)).toBe(OK);
    expect(await failure).toEqual([incoming, REMOTE_INVITATION_ERR_CODE.REMOTE_INVITATION_ERR_ACCEPT_FAILURE]);
  });

  it('fails on both sides with their logouts, before onLogout', async () => {
    const [alice, bob] = await newCallers();
    const { call, incoming } = await ring(alice, bob);
    const gone = bob.diary.next('onRemoteInvitationFailure');
    expect(bob.service.logout()).toBe(0);
    expect(await gone).toEqual([incoming, REMOTE_INVITATION_ERR_CODE.REMOTE_INVITATION_ERR_PEER_OFFLINE]);
    const failure = alice.diary.next('onLocalInvitationFailure');
    const loggedOut = alice.events.next('onLogout');
    expect(alice.service.logout()).toBe(0);
    expect(await failure).toEqual([call, LOCAL_INVITATION_ERR_CODE.LOCAL_INVITATION_ERR_NOT_LOGGEDIN]);
    await loggedOut;
  });

  it('fails on both sides when the user logs in elsewhere', async () => {
    const [alice, bob] = await newCallers();
    const { call, incoming } = await ring(alice, bob);
    const failure = alice.diary.next('onLocalInvitationFailure');
    await login({ ...newCaller(), user: alice.user });
    expect(await failure).toEqual([call, LOCAL_INVITATION_ERR_CODE.LOCAL_INVITATION_ERR_NOT_LOGGEDIN]);
    const gone = bob.diary.next('onRemoteInvitationFailure');
    await login({ ...newCaller(), user: bob.user });
    expect(await gone).toEqual([incoming, REMOTE_INVITATION_ERR_CODE.REMOTE_INVITATION_ERR_PEER_OFFLINE]);
  });

  it('sent without a login is accepted and fails by callback', async () => {
    const alice = newCaller();
    const call = create(alice, 'somebody');
    const failure = alice.diary.next('onLocalInvitationFailure');
    expect(alice.calls.sendLocalInvitation(call)).toBe(OK);
    expect(await failure).toEqual([call, LOCAL_INVITATION_ERR_CODE.LOCAL_INVITATION_ERR_NOT_LOGGEDIN]);
    expect(alice.calls.sendLocalInvitation(call)).toBe(ALREADY_END);
  });

  it('runs beside others, also to the same callee and to oneself', async () => {
    const [alice, bob] = await newCallers();
    const first = await ring(alice, bob, 'first');
    const second = await ring(alice, bob, 'second');
    const back = await ring(bob, alice, 'back');
    const self = await ring(alice, alice, 'self');
    expect(first.incoming).not.toBe(second.incoming);
    const refused = alice.diary.next('onLocalInvitationRefused');
    bob.calls.refuseRemoteInvitation(second.incoming);
    expect(await refused).toEqual([second.call, '']);
    const accepted = alice.diary.next('onLocalInvitationAccepted');
    bob.calls.acceptRemoteInvitation(first.incoming);
    expect(await accepted).toEqual([first.call, '']);
    expect(back.incoming.getState()).toBe(REMOTE.REMOTE_INVITATION_STATE_INVITATION_RECEIVED);
    const own = alice.diary.next('onRemoteInvitationAccepted');
    alice.calls.acceptRemoteInvitation(self.incoming);
    expect(await own).toEqual([self.incoming]);
  });
});

describe('the sizes', () => {
  const KB8 = 8 * 1024;
  it.each([
    ['one byte below 8 KB', 'x'.repeat(KB8 - 1)],
    ['8 KB', 'x'.repeat(KB8)],
    ['8 KB in UTF-8', 'é'.repeat(KB8 / 2)],
  ])('let %s through, in both directions', async (_name, text) => {
    const [alice, bob] = await newCallers();
    const { call, incoming } = await ring(alice, bob, text);
    expect(incoming.getContent()).toBe(text);
    incoming.setResponse(text);
    const accepted = alice.diary.next('onLocalInvitationAccepted');
    expect(bob.calls.acceptRemoteInvitation(incoming)).toBe(OK);
    expect(await accepted).toEqual([call, text]);
  });

  it.each([
    ['8 KB and a byte', 'x'.repeat(KB8 + 1)],
    ['8 KB in UTF-8 and a byte', `${'é'.repeat(KB8 / 2)}x`],
    ['a megabyte', 'x'.repeat(1024 * 1024)],
    ['an inner NUL', 'a\0b'],
    ['an unpaired surrogate', 'a\ud83db'],
  ])('refuse %s, after which a shorter text still goes', async (_name, text) => {
    const [alice, bob] = await newCallers();
    const call = create(alice, bob.user, text);
    expect(alice.calls.sendLocalInvitation(call)).toBe(INVALID_ARGUMENT);
    expect(call.getState()).toBe(LOCAL.LOCAL_INVITATION_STATE_IDLE);
    call.setContent('shorter');
    const arrival = bob.diary.next('onRemoteInvitationReceived');
    expect(alice.calls.sendLocalInvitation(call)).toBe(OK);
    const [incoming] = (await arrival) as [RtmRemoteCallInvitation];
    expect(incoming.getContent()).toBe('shorter');
    incoming.setResponse(text);
    expect(bob.calls.acceptRemoteInvitation(incoming)).toBe(INVALID_ARGUMENT);
    expect(incoming.getState()).toBe(REMOTE.REMOTE_INVITATION_STATE_INVITATION_RECEIVED);
    incoming.setResponse(null);
    expect(bob.calls.acceptRemoteInvitation(incoming)).toBe(OK);
  });
});

describe('arguments', () => {
  it.each([null, '', 'null', 'a'.repeat(65), 'ünder', 'a\0b', 'pe\ud800er', '"quoted"'])(
    'give no invitation for the callee %j',
    (callee) => {
      expect(newCaller().calls.createLocalCallInvitation(callee)).toBeNull();
    },
  );

  it('of a bad channel id are refused when sending', () => {
    const alice = newCaller();
    const call = create(alice, 'bob');
    call.setChannelId('a'.repeat(65));
    expect(alice.calls.sendLocalInvitation(call)).toBe(INVALID_ARGUMENT);
  });

  it('that are null or another manager’s are refused', async () => {
    const [alice, bob] = await newCallers();
    const { call, incoming } = await ring(alice, bob);
    for (const [manager, local, remote] of [
      [alice.calls, null, null],
      [bob.calls, call, null],
      [alice.calls, null, incoming],
    ] as const) {
      expect(manager.sendLocalInvitation(local)).toBe(INVALID_ARGUMENT);
      expect(manager.cancelLocalInvitation(local)).toBe(INVALID_ARGUMENT);
      expect(manager.acceptRemoteInvitation(remote)).toBe(INVALID_ARGUMENT);
      expect(manager.refuseRemoteInvitation(remote)).toBe(INVALID_ARGUMENT);
    }
  });

  it('of the wrong type throw', () => {
    const { calls, service } = newCaller();
    const call = create(newCaller(), 'bob');
    const code = 'ERR_RTM_INVALID_ARG_TYPE';
    const wrong = expect.objectContaining({ code });
    expect(() => calls.createLocalCallInvitation(7 as never)).toThrow(wrong);
    expect(() => calls.sendLocalInvitation({} as never)).toThrow(wrong);
    expect(() => calls.acceptRemoteInvitation(call as never)).toThrow(wrong);
    expect(() => call.setContent(undefined as never)).toThrow(wrong);
    expect(() => call.setChannelId(1 as never)).toThrow(wrong);
    expect(() => service.getRtmCallManager(7 as never)).toThrow(wrong);
  });
});

describe('the call manager', () => {
  it('is one per service, and hears with its newest handler', async () => {
    const [alice, bob] = await newCallers();
    const newest = new Recorder<IRtmCallEventHandler>();
    expect(bob.service.getRtmCallManager(newest.handler)).toBe(bob.calls);
    const arrival = newest.next('onRemoteInvitationReceived');
    alice.calls.sendLocalInvitation(create(alice, bob.user));
    await arrival;
    expect(bob.diary.calls).toEqual([]);
  });

  it('is null before initialize, without a handler, and of a released service', () => {
    const service = createRtmService();
    onTestFinished(() => service.release());
    expect(service.getRtmCallManager({})).toBeNull();
    const alice = newCaller();
    expect(alice.service.getRtmCallManager(null)).toBeNull();
    alice.service.release();
    expect(alice.service.getRtmCallManager({})).toBeNull();
  });

  it('ends its invitations without callbacks when it is released, and can be created again', async () => {
    const [alice, bob] = await newCallers();
    const { call, incoming } = await ring(alice, bob);
    const other = await ring(bob, alice);
    alice.calls.release();
    alice.calls.release();
    const told = alice.diary.calls.length;
    expect(alice.calls.createLocalCallInvitation('bob')).toBeNull();
    expect(alice.calls.cancelLocalInvitation(call)).toBe(INVALID_ARGUMENT);
    expect(alice.calls.acceptRemoteInvitation(other.incoming)).toBe(INVALID_ARGUMENT);
    call.release();
    expect(call.getCalleeId()).toBe(bob.user);

    const anew = new Recorder<IRtmCallEventHandler>();
    const calls = alice.service.getRtmCallManager(anew.handler);
    expect(calls).not.toBe(alice.calls);
    const arrival = anew.next('onRemoteInvitationReceived');
    bob.calls.refuseRemoteInvitation(incoming);
    bob.calls.sendLocalInvitation(create(bob, alice.user, 'to the new one'));
    expect(((await arrival) as [RtmRemoteCallInvitation])[0].getContent()).toBe('to the new one');
    expect(alice.diary.calls).toHaveLength(told);
    expect(calls?.sendLocalInvitation(call)).toBe(INVALID_ARGUMENT);
  });

  it('may be released from its own callback, as may the service', async () => {
    const [alice, bob] = await newCallers();
    const arrived = new Promise<void>((resolve) => {
      bob.service.getRtmCallManager({
        onRemoteInvitationReceived(invitation) {
          bob.calls.release();
          expect(bob.calls.acceptRemoteInvitation(invitation)).toBe(INVALID_ARGUMENT);
          bob.service.release();
          resolve();
        },
      });
    });
    alice.calls.sendLocalInvitation(create(alice, bob.user));
    await arrived;
  });

  it('takes no released invitation', async () => {
    const [alice, bob] = await newCallers();
    const { call } = await ring(alice, bob);
    const idle = create(alice, bob.user);
    for (const each of [call, idle]) {
      each.release();
      each.release();
      expect(alice.calls.sendLocalInvitation(each)).toBe(INVALID_ARGUMENT);
      expect(alice.calls.cancelLocalInvitation(each)).toBe(INVALID_ARGUMENT);
      expect(each.getCalleeId()).toBe(bob.user);
    }
  });

  it('keeps answering after hundreds of calls that have ended', async () => {
    const [alice, bob] = await newCallers();
    const incoming: RtmRemoteCallInvitation[] = [];
    const outcomes: string[] = [];
    const done = new Promise<void>((resolve) => {
      alice.service.getRtmCallManager({
        onLocalInvitationRefused(invitation, response) {
          expect(invitation).toBeInstanceOf(RtmLocalCallInvitation);
          outcomes.push(`${invitation.getContent()}:${response}`);
          if (outcomes.length === 400) resolve();
        },
      });
    });
    bob.service.getRtmCallManager({
      onRemoteInvitationReceived(invitation) {
        incoming.push(invitation);
        invitation.setResponse(`no ${invitation.getContent()}`);
        expect(bob.calls.refuseRemoteInvitation(invitation)).toBe(OK);
      },
    });
    for (let i = 0; i < 400; i++) expect(alice.calls.sendLocalInvitation(create(alice, bob.user, `${i}`))).toBe(OK);
    await done;
    // What comes while 64 of alice's wait for bob's answer is repeated, so the outcomes may come in another order.
    expect(new Set(outcomes)).toEqual(new Set(Array.from({ length: 400 }, (_, i) => `${i}:no ${i}`)));
    // The core has forgotten the oldest of them.
    for (const each of incoming) expect(bob.calls.acceptRemoteInvitation(each)).toBe(ALREADY_END);
  });
});
