// examples/cpp/several_handlers.cpp in JavaScript, part by part: one service, several event handlers that come and go.
// docs/porting-from-cpp.md explains the differences.
//
// Without arguments it starts a server and, as its partner, itself once more. With arguments it needs a partner. Start both in
// any order; either side may be the C++ program:
//   export RTM_ENDPOINTS='rtms://127.0.0.1:9136#sha256=<as printed by the server>'
//   node examples/several-handlers.mjs <app id> alice <token of alice> bob
//   node examples/several-handlers.mjs <app id> bob <token of bob> alice
import { createRtmService, getRtmSdkVersion, MESSAGE_TYPE, PEER_ONLINE_STATE } from 'rtm-native';
import { beginWithSecondProgram } from './support/demonstration.mjs';

const given = process.argv.slice(2);
const sides = given.length > 0 ? given : await beginWithSecondProgram(import.meta.url);
const [appId = process.env.RTM_APP_ID, user, token = process.env.RTM_TOKEN, peer] = sides.map(
  (argument) => argument || undefined,
);
if (user === undefined || peer === undefined) {
  console.error('usage: several-handlers.mjs [<app id> <user> <token or ""> <peer>]');
  process.exit(2);
}

const CHANNEL = 'meeting';
const PATIENCE = 60_000; // includes the time until somebody starts the partner

// C++ needs a mutex, a condition variable and a set. JavaScript has one thread, so a set and promises are enough.
const facts = new Set();

let failed = false;

function note(fact) {
  console.log(`  ${fact}`);
  facts.add(fact);
  failed ||= fact.includes(' failed '); // the program cannot go on after this
  waiting?.();
}

/** The program waits for one thing at a time. */
let waiting;

function seen(fact) {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new Error(`waited in vain for: ${fact}`));
    const timer = setTimeout(giveUp, PATIENCE);
    waiting = () => {
      if (facts.has(fact)) resolve(undefined);
      else if (failed) giveUp();
      else return;
      clearTimeout(timer);
    };
    waiting();
  });
}

function expect(good, what) {
  if (!good) throw new Error(`not as expected: ${what}`);
}

function accepted(code, call) {
  if (code !== 0) throw new Error(`${call} was refused with ${code}`);
}

// The parts of the application. There are no base classes: a handler is any object, and a missing method does nothing.

const session = {
  onLoginSuccess: () => note('logged in'),
  onLoginFailure: (code) => note(`login failed ${code}`),
  onLogout: (code) => note(`logged out ${code}`),
};

const messages = {
  onSendMessageResult: (messageId, code) => note(`peer message ${messageId}: result ${code}`),
  // In C++ the message is gone when this returns; here it may be kept.
  onMessageReceivedFromPeer(peerId, message) {
    if (message.getMessageType() === MESSAGE_TYPE.MESSAGE_TYPE_RAW) {
      note(`${peerId} sent bytes ${[...message.getRawMessageData()].join(' ')}, "${message.getText()}"`);
    } else {
      note(`${peerId} says: ${message.getText()}`);
    }
  },
};

const words = {
  [PEER_ONLINE_STATE.PEER_ONLINE_STATE_ONLINE]: 'online',
  [PEER_ONLINE_STATE.PEER_ONLINE_STATE_UNREACHABLE]: 'unreachable',
  [PEER_ONLINE_STATE.PEER_ONLINE_STATE_OFFLINE]: 'offline',
};

const people = {
  onSubscriptionRequestResult: (requestId, code) => note(`request ${requestId}: result ${code}`),
  // In C++ the parameters are (peers, count); here they are one array.
  onPeersOnlineStatusChanged(peers) {
    for (const { peerId, onlineState } of peers) note(`${peerId} is ${words[onlineState]}`);
  },
  onQueryPeersOnlineStatusResult(_requestId, peers, code) {
    if (code !== 0) note(`query failed ${code}`);
    for (const { peerId, isOnline } of peers) note(`asked for ${peerId}: ${isOnline ? 'online' : 'not online'}`);
  },
  onSetLocalUserAttributesResult: (requestId, code) => note(`request ${requestId}: result ${code}`),
  onGetUserAttributesResult(_requestId, userId, attributes, code) {
    if (code !== 0) note(`attributes failed ${code}`);
    for (const { key, value } of attributes) note(`${userId} has ${key}=${value}`);
  },
  onAddOrUpdateChannelAttributesResult: (requestId, code) => note(`request ${requestId}: result ${code}`),
};

/** A part that only listens for a while, from addEventHandler() to removeEventHandler(). */
class Minutes {
  written = '';
  onMessageReceivedFromPeer(_peerId, message) {
    const text = message.getText();
    if (text.startsWith('round')) this.written += `${text};`;
  }
}

const present = (member) => note(`${member.getUserId()} is in the meeting`);
const meeting = {
  onJoinSuccess: () => note('joined the meeting'),
  onJoinFailure: (code) => note(`join failed ${code}`),
  onLeave: (code) => note(`left the meeting ${code}`),
  onMemberJoined: present,
  onMemberLeft: (member) => note(`${member.getUserId()} has left`),
  onMemberCountUpdated: (count) => note(`members: ${count}`),
  onGetMembers(members, code) {
    if (code !== 0) note(`members failed ${code}`);
    members.forEach(present);
  },
  onSendMessageResult: (messageId, code) => note(`channel message ${messageId}: result ${code}`),
  onMessageReceived: (userId, message) => note(`${userId} says to all: ${message.getText()}`),
  onAttributesUpdated(attributes) {
    for (const attribute of attributes) {
      note(`the meeting has ${attribute.getKey()}=${attribute.getValue()} by ${attribute.getLastUpdateUserId()}`);
    }
  },
};

const before = new Minutes(); // first round only
const after = new Minutes(); // second round only
const service = createRtmService();

async function sendToPeer(text) {
  const message = service.createMessage(text); // nothing to release: the garbage collector does that
  accepted(service.sendMessageToPeer(peer, message), 'sendMessageToPeer');
  await seen(`peer message ${message.getMessageId()}: result 0`);
}

/** Waits for the result of a call that has a request id: an out-parameter in C++, part of the result here. */
async function done({ code, requestId }, call) {
  accepted(code, call);
  await seen(`request ${requestId}: result 0`);
}

async function meetPeer() {
  const attributes = [
    { key: 'name', value: user },
    { key: 'language', value: 'JavaScript' },
  ];
  await done(service.setLocalUserAttributes(attributes), 'setLocalUserAttributes');
  await done(service.subscribePeersOnlineStatus([peer]), 'subscribePeersOnlineStatus');
  await seen(`${peer} is online`);
  accepted(service.queryPeersOnlineStatus([peer]).code, 'queryPeersOnlineStatus');
  await seen(`asked for ${peer}: online`);
}

async function meetInChannel(channel) {
  accepted(channel.join(), 'join');
  await seen('joined the meeting');
  accepted(channel.getMembers(), 'getMembers'); // members who joined earlier; onMemberJoined reports later ones
  await seen(`${user} is in the meeting`);
  await seen(`${peer} is in the meeting`);
  await seen('members: 2');

  accepted(service.getUserAttributes(peer).code, 'getUserAttributes');
  await seen(`${peer} has name=${peer}`);

  const message = service.createMessage('good morning');
  accepted(channel.sendMessage(message), 'sendMessage');
  await seen(`channel message ${message.getMessageId()}: result 0`);
  await seen(`${peer} says to all: good morning`);
  expect(!facts.has(`${user} says to all: good morning`), 'the sender of a channel message gets no copy');
}

async function exchange() {
  await sendToPeer('round 1');
  await seen(`${peer} says: round 1`);

  // One handler replaces another. The partner is told so, and only then sends the second round.
  service.removeEventHandler(before);
  service.addEventHandler(after);
  await sendToPeer('ready');
  await seen(`${peer} says: ready`);
  await sendToPeer('round 2');
  await seen(`${peer} says: round 2`);

  accepted(
    service.sendMessageToPeer(peer, service.createMessage(new Uint8Array([0, 127, 255]), 'three bytes')),
    'sendMessageToPeer',
  );
  await seen(`${peer} sent bytes 0 127 255, "three bytes"`);
  expect(before.written === 'round 1;', `the removed handler has written: ${before.written}`);
  expect(after.written === 'round 2;', `the added handler has written: ${after.written}`);
}

async function agree() {
  const vote = service.createChannelAttribute();
  vote.setKey(user);
  vote.setValue('agrees');
  const options = { enableNotificationToChannelMembers: true };
  await done(service.addOrUpdateChannelAttributes(CHANNEL, [vote], options), 'addOrUpdateChannelAttributes');
  await seen(`the meeting has ${user}=agrees by ${user}`);
  await seen(`the meeting has ${peer}=agrees by ${peer}`);
}

async function run() {
  accepted(service.initialize(appId, session), 'initialize');
  service.addEventHandler(before);
  service.addEventHandler(messages);
  service.addEventHandler(people);
  service.addEventHandler(before); // added twice, a handler still gets every event once

  accepted(service.login(token ?? null, user), 'login');
  await seen('logged in');
  await meetPeer();

  const channel = service.createChannel(CHANNEL, meeting);
  expect(channel !== null, 'a channel object for a good id');
  await meetInChannel(channel);
  await exchange();
  await agree();
  accepted(channel.leave(), 'leave');
  await seen('left the meeting 0');
  channel.release();

  accepted(service.logout(), 'logout');
  await seen('logged out 0');
}

console.log(`${user}, SDK ${getRtmSdkVersion()}`);
try {
  await run();
  console.log('all is well');
} catch (error) {
  console.error(error.message);
  console.log('failed');
  process.exitCode = 1;
} finally {
  service.release();
}
