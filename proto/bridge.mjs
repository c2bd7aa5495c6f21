// What crosses the bridge between the loops of a server and JavaScript. scripts/generate.mjs makes of this description:
//   cpp/server/bridge/operations.hpp      numbers, with the fields as comments
//   lib/server/bridge/operations.ts       the same numbers
//
// Fields: b = byte or flag; w = 32 bits; # = 64 bits; text; bytes; bytes16, bytes32 = so many bytes without a length;
// list = count, then items. `app` is w: the place of the App ID in the server's list. The records below stand for their
// fields. The writers and readers of both sides follow the fields in this order.

export const records = {
  media: 'text app id, text media id, # size, bytes32 digest, b image, # expires',
  filter:
    'app, text source, text destination, b peers, b channels, # start, # end, # now, w offset, w limit, # bytes, b descending',
  page: 'w total, list of (text source, text destination, b channel, # time, text)',
  address: 'w loop, # session',
  attributes: 'list of (text key, text value, text updated by, # updated at)',
  write:
    'app, text owner, text writer, # session, # fence, w request, # time, b notify, w action, list of (text key, text value)',
};

/** Without an `answer` an operation has none. */
const operation = (name, number, fields, answer = undefined) => ({ name, number, fields, answer });

/** For the store of messages and the catalog of media. */
export const storeOperations = [
  operation('AppendOffline', 1, 'app, text receiver, text sender, # time, # capabilities, bytes content', 'nothing'),
  operation(
    'LoadOffline',
    2,
    'app, text receiver, # now',
    'list of (# id, text sender, # time, # capabilities, bytes content)',
  ),
  operation('RemoveOffline', 3, 'app, text receiver, # first, # last', 'nothing'),
  operation('AppendHistory', 4, 'app, text source, text destination, b channel, # time, text', 'nothing'),
  operation('QueryHistory', 5, 'filter', 'page'),
  operation('FindMedia', 10, 'text app id, text media id, # now', 'list (0 or 1) of media'),
  operation('AddMedia', 11, 'media', 'nothing'),
  operation('TakeExpiredMedia', 12, '# now, w most', 'list of media'),
  operation('IsMediaListed', 13, 'list of text app id, text media id', 'b'),
];

/** For the state that the nodes of a cluster share. */
export const engineOperations = [
  operation(
    'PeerSend',
    20,
    'app, address, # seq, text sender, text receiver, w flags, # time, # capabilities, bytes content',
  ),
  operation(
    'Publish',
    21,
    'app, address, # fence, # seq, text sender, text channel, w flags, # time, # capabilities, bytes content',
  ),
  operation('Acknowledge', 22, 'app, text user, # fence, # offset'),
  operation(
    'OpenSession',
    23,
    'app, text user, address, # capabilities',
    'b opened, # fence, bytes16 token, # epoch, # offset',
  ),
  operation(
    'ResumeSession',
    24,
    'app, text user, address, bytes16 token, # capabilities, # epoch, # offset',
    'b status, # fence, bytes16 token, b complete, list (0 or 1) of address',
  ),
  operation('StartDelivery', 25, 'app, text user, # fence'),
  operation('ConfirmResume', 26, 'app, text user, # fence'),
  operation('LinkLost', 27, 'app, text user, # fence, # grace'),
  operation('CloseSession', 28, 'app, text user, # fence, b reason'),
  operation('CloseUser', 29, 'app, text user, b reason', 'b'),
  operation('Kick', 30, 'app, text user, text channel', 'b'),
  operation('SessionEnded', 31, 'app, text user, # session'),
  operation(
    'Join',
    32,
    'app, text channel, text user, address, # fence, b again, # epoch, # offset',
    'b joined, # epoch, # offset, w count, b complete, list of (# offset, text sender, # time, bytes), list (0 or 1) of attributes',
  ),
  operation('Leave', 33, 'app, text channel, text user, # fence', 'b'),
  operation('Members', 34, 'app, text channel, text user, # fence, w limit', 'b member, list of text'),
  operation('MemberCount', 35, 'app, text channel', 'w'),
  operation('Presence', 36, 'app, list of text', 'list of b'),
  operation('Watch', 37, 'w loop, app, list of text', 'nothing'),
  operation('Unwatch', 38, 'w loop, app, list of text'),
  operation('NoteSilence', 39, 'app, text user, # fence, b silent'),
  operation('WriteUserAttributes', 40, 'write', 'w code'),
  operation('UserAttributes', 41, 'app, text owner, list of text key', 'b found, attributes'),
  operation('WriteChannelAttributes', 42, 'write', 'w code'),
  operation('ChannelAttributes', 43, 'app, text owner, list of text key', 'b found, attributes'),
  operation('EngineHistory', 44, 'filter', 'page'),
];

/** What comes back for an operation. */
export const answers = [
  { name: 'Done', number: 1, fields: 'the answer' },
  { name: 'Failed', number: 2, fields: 'no fields; JavaScript has logged the reason' },
];

const news = (name, number, fields) => ({ name, number, fields });

/** What comes unasked, for one loop or for all. */
export const newsKinds = [
  news('SendResults', 16, '# session, # first seq, # count, w code'),
  news('PeerMessage', 17, '# session, # offset, text sender, # time, # capabilities, b cached, bytes content'),
  news(
    'ChannelMessage',
    18,
    'app, text channel, # except session, # offset, text sender, # time, # capabilities, bytes content',
  ),
  news('MemberEvent', 19, 'app, text channel, list of text joined, list of text left, w count'),
  news('MemberCount', 20, 'app, text channel, w count'),
  news('ChannelAttributes', 21, 'app, text channel, attributes'),
  news('Presence', 22, 'app, text user, b state'),
  news('Kicked', 23, '# session, text channel'),
  news('EndSession', 24, '# session, b reason'),
  news('DropSession', 25, '# session'),
  news('Suspend', 26, 'w retry after ms'),
  news('Resume', 27, 'nothing'),
];
