// examples/cpp/hello.cpp with the C++ names in JavaScript: for programs that are being ported.
// Usage: node examples/port-of-cpp.mjs      starts a server and a partner, and talks with the partner
//    or: RTM_ENDPOINTS=… node examples/port-of-cpp.mjs <app id> <user> <token or ""> <peer>
import { CONNECTION_STATE, createRtmService, LOGIN_ERR_CODE, PEER_MESSAGE_ERR_CODE } from 'rtm-native';
import { beginWithPartner } from './support/demonstration.mjs';

const given = process.argv.slice(2);
const [appId, user, token, peer] = given.length > 0 ? given : await beginWithPartner();
if (peer === undefined) {
  console.error('usage: port-of-cpp.mjs [<app id> <user> <token or ""> <peer>]');
  process.exit(2);
}

const nameOf = (table, code) => Object.keys(table).find((name) => table[name] === code) ?? String(code);

const service = createRtmService();
let channel = null;

// In C++: class Handler : public IRtmServiceEventHandler. A missing method does nothing, as in C++.
const serviceHandler = {
  onLoginSuccess() {
    console.log(`logged in as ${user}`);
    channel = service.createChannel('lobby', channelHandler); // null for a bad id
    channel?.join();
    service.sendMessageToPeer(peer, service.createMessage(`hello from ${user}`));
  },
  onLoginFailure(errorCode) {
    console.error(`login failed: ${nameOf(LOGIN_ERR_CODE, errorCode)}`);
    process.exitCode = 1;
    service.release();
  },
  onSendMessageResult(_messageId, errorCode) {
    console.log(`message to ${peer}: ${nameOf(PEER_MESSAGE_ERR_CODE, errorCode)}`);
  },
  onMessageReceivedFromPeer(peerId, message) {
    const text = message.getText();
    console.log(`${peerId}: ${text}`);
    if (text === 'bye') service.logout();
    // Without the test two of these programs would answer each other for ever.
    else if (!text.startsWith('echo:')) service.sendMessageToPeer(peerId, service.createMessage(`echo: ${text}`));
  },
  onConnectionStateChanged(state, _reason) {
    console.log(`state: ${nameOf(CONNECTION_STATE, state)}`);
  },
  onLogout() {
    console.log('logged out');
    service.release(); // allowed in a callback, unlike in C++
  },
};

const channelHandler = {
  onJoinSuccess() {
    console.log('joined lobby');
    channel.sendMessage(service.createMessage('hello, lobby'));
  },
  onMessageReceived(userId, message) {
    console.log(`lobby, ${userId}: ${message.getText()}`);
  },
};

process.once('SIGINT', () => service.logout());

// 0 means that the call is accepted and that a callback follows. Any other number is the error, and no callback follows.
if (service.initialize(appId, serviceHandler) !== 0) throw new Error('initialize failed');
const accepted = service.login(token, user);
if (accepted !== LOGIN_ERR_CODE.LOGIN_ERR_OK) throw new Error(`login: ${nameOf(LOGIN_ERR_CODE, accepted)}`);
