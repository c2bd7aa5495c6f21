import { call, callback, limit, reserved, rule, type Subject, value } from './row.js';

const code = (member: string, title: string) =>
  value(`PEER_MESSAGE_ERR_CODE.${member}`, 'enums PEER_MESSAGE_ERR_CODE', title);
const message = (method: string, title: string) => call(`IMessage.${method}`, 'api §5', title);
const kind = (member: string, title: string) => value(`MESSAGE_TYPE.${member}`, 'enums MESSAGE_TYPE', title);
const size = (id: string, title: string) => limit(`limit.message.${id}`, 'limits §3', title);

export const messages: Subject = {
  name: 'messages',
  title: 'Messages between users',
  rows: [
    call('IRtmService.createMessage()', 'api §11.16', 'makes an empty text message'),
    call('IRtmService.createMessage(message)', 'api §11.17', 'makes a text message'),
    call('IRtmService.createMessage(rawData, length)', 'api §11.18', 'makes a raw message of a copy of the bytes'),
    call(
      'IRtmService.createMessage(rawData, length, description)',
      'api §11.19',
      'makes a raw message with a description',
    ),
    call('IRtmService.sendMessageToPeer(peerId, message)', 'api §11.8', 'sends as with default options'),
    call(
      'IRtmService.sendMessageToPeer(peerId, message, options)',
      'api §11.13',
      'returns 0, and one onSendMessageResult follows',
    ),
    callback('IRtmServiceEventHandler.onSendMessageResult', 'api §10.8', 'comes once, with the id of the message'),
    callback('IRtmServiceEventHandler.onMessageReceivedFromPeer', 'api §10.9', 'gives sender and message, text or raw'),
    message('getMessageId', 'is unique, positive, fixed at creation, and the same on the receiving side'),
    message('getMessageType', 'gives the kind on both sides'),
    message('setText', 'changes text or description; the send call refuses a text that is too long'),
    message('getText', 'gives text or description, and "" if there is none'),
    message('getRawMessageData', 'gives the bytes of a raw message, and null for other kinds'),
    message('getRawMessageLength', 'gives the number of bytes of a raw message, and 0 for other kinds'),
    message('getServerReceivedTs', 'is 0 before sending, and the server’s time in ms on arrival'),
    message('isOfflineMessage', 'is false for a message delivered at once'),
    message('release', 'may follow the send at once'),
    kind('MESSAGE_TYPE_TEXT', 'is the type of text'),
    kind('MESSAGE_TYPE_RAW', 'is the type of bytes'),
    reserved('MESSAGE_TYPE.MESSAGE_TYPE_UNDEFINED', 'enums MESSAGE_TYPE', 'a message always has a kind'),
    code('PEER_MESSAGE_ERR_OK', 'is returned, and called back once the receiver’s SDK has the message'),
    code('PEER_MESSAGE_ERR_FAILURE', 'is called back when a logout ends a send that has not left'),
    code('PEER_MESSAGE_ERR_SENT_TIMEOUT', 'is called back when the receiver stays silent'),
    code(
      'PEER_MESSAGE_ERR_PEER_UNREACHABLE',
      'is called back for an offline or unknown user, and the message is never delivered',
    ),
    code('PEER_MESSAGE_ERR_TOO_OFTEN', 'is returned for the 1501st send in 3 s'),
    code('PEER_MESSAGE_ERR_INVALID_USERID', 'is returned for a bad peer id, and no callback follows'),
    code(
      'PEER_MESSAGE_ERR_INVALID_MESSAGE',
      'is returned for null, a message that is too long, and text that is not Unicode; no callback follows',
    ),
    code('PEER_MESSAGE_ERR_NOT_INITIALIZED', 'is returned before initialize'),
    code('PEER_MESSAGE_ERR_USER_NOT_LOGGED_IN', 'is returned before a successful login'),
    size('text.below', 'a text of 32,767 bytes arrives'),
    size('text.at', 'a text of 32,768 bytes arrives'),
    size('text.above', 'a text of 32,769 bytes is refused'),
    size('raw.below', 'bytes and description of 32,767 bytes arrive'),
    size('raw.at', 'bytes and description of 32,768 bytes arrive'),
    size('raw.above', 'bytes and description of 32,769 bytes are refused'),
    size('utf8', 'sizes count UTF-8 bytes: 32,768 in two-byte letters arrive, one more is refused'),
    size('empty', 'an empty text and an empty raw message arrive'),
    limit('limit.peer-id.below', 'limits §2', 'a peer id of 63 bytes is accepted'),
    limit('limit.peer-id.at', 'limits §2', 'a peer id of 64 bytes is accepted'),
    limit('limit.peer-id.above', 'limits §2', 'a peer id of 65 bytes is refused'),
    limit(
      'limit.timeout.peer-message',
      'limits §8',
      'a send without outcome ends with SENT_TIMEOUT after peer_message_ms',
    ),
    rule('rule.message.unicode', 'semantics §1', 'text arrives unchanged, whatever Unicode it is'),
    rule('rule.message.bytes', 'semantics §1', 'raw bytes arrive unchanged, NULs included'),
    rule('rule.message.reuse', 'semantics §1', 'one object may be sent twice; both results carry its id'),
    rule('rule.message.order', 'semantics §1', 'messages of one sender arrive in their order, each once'),
    rule('rule.message.self', 'semantics §1', 'a message to oneself arrives'),
    rule(
      'rule.message.one-result',
      'semantics §1',
      'every accepted send has exactly one result; a refused send has none',
    ),
    rule('rule.message.late', 'semantics §2', 'after a timeout the message may still arrive when the receiver is back'),
    rule('rule.message.end-call', 'semantics §2', 'the end-call text of the Signaling SDK is an ordinary message'),
    rule('rule.message.kept', 'api §2', 'a received message may be kept after the callback'),
    kind('MESSAGE_TYPE_FILE', 'is the type of a file message'),
    kind('MESSAGE_TYPE_IMAGE', 'is the type of an image message'),
    code('PEER_MESSAGE_ERR_IMCOMPATIBLE_MESSAGE', 'is called back for a file to an SDK without media'),
  ],
};
