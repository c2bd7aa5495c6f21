import { call, callback, limit, reserved, rule, type Subject, value } from './row.js';

const code = (member: string, title: string) =>
  value(`ATTRIBUTE_OPERATION_ERR.ATTRIBUTE_OPERATION_ERR_${member}`, 'enums ATTRIBUTE_OPERATION_ERR', title);
const on = (name: string, section: string, title: string) =>
  callback(`IRtmServiceEventHandler.${name}`, section, title);
const attribute = (method: string, title: string) => call(`IRtmChannelAttribute.${method}`, 'api §6', title);
const around = (id: string, what: [below: string, at: string, above: string]) =>
  (['below', 'at', 'above'] as const).map((where, index) =>
    limit(`limit.${id}.${where}`, 'limits §4', what[index] as string),
  );
const accepted = (what: string, most: string, code: string): [string, string, string] => [
  `${what} just below ${most} is accepted`,
  `${what} of ${most} is accepted`,
  `${what} just above ${most} is refused with ${code}, and nothing changes`,
];

export const userAttributes: Subject = {
  name: 'user-attributes',
  title: 'User attributes',
  rows: [
    call('IRtmService.setLocalUserAttributes', 'api §11.30', 'replaces the whole set'),
    call(
      'IRtmService.addOrUpdateLocalUserAttributes',
      'api §11.31',
      'adds and changes the named attributes, and keeps the others',
    ),
    call(
      'IRtmService.deleteLocalUserAttributesByKeys',
      'api §11.32',
      'deletes the named attributes; unknown keys are no error',
    ),
    call('IRtmService.clearLocalUserAttributes', 'api §11.33', 'deletes all attributes'),
    call('IRtmService.getUserAttributes', 'api §11.34', 'gives all attributes of any online user, this user included'),
    call('IRtmService.getUserAttributesByKeys', 'api §11.35', 'gives the named attributes that exist'),
    on('onSetLocalUserAttributesResult', 'api §10.23', 'repeats the request id'),
    on('onAddOrUpdateLocalUserAttributesResult', 'api §10.24', 'repeats the request id'),
    on('onDeleteLocalUserAttributesResult', 'api §10.25', 'repeats the request id'),
    on('onClearLocalUserAttributesResult', 'api §10.26', 'repeats the request id'),
    on('onGetUserAttributesResult', 'api §10.27', 'repeats request id and user id; an empty set is OK and 0'),
    { ...call('RtmAttribute.key', 'api §4', 'arrives unchanged'), kind: 'field' },
    { ...call('RtmAttribute.value', 'api §4', 'arrives unchanged, whatever Unicode it is'), kind: 'field' },
    code('OK', 'is returned, and called back'),
    reserved(
      'ATTRIBUTE_OPERATION_ERR.ATTRIBUTE_OPERATION_ERR_NOT_READY',
      'enums ATTRIBUTE_OPERATION_ERR',
      'replaced by 102 in 1.1.0',
    ),
    code('FAILURE', 'is called back when a logout ends a request that has not left'),
    code('INVALID_ARGUMENT', 'is returned for null, an empty list, a bad key, an empty value, and a bad id'),
    code('SIZE_OVERFLOW', 'is called back when the resulting set would be too large'),
    code('TOO_OFTEN', 'is returned for the 101st write in 5 s'),
    code('USER_NOT_FOUND', 'is called back for a user who is offline or unknown'),
    code('TIMEOUT', 'is called back when no answer comes'),
    code('NOT_INITIALIZED', 'is returned before initialize'),
    code('USER_NOT_LOGGED_IN', 'is returned before login'),
    limit('limit.user-key.least.below', 'limits §4', 'a key of 0 bytes is refused'),
    limit('limit.user-key.least.at', 'limits §4', 'a key of 1 byte is accepted'),
    limit('limit.user-key.least.above', 'limits §4', 'a key of 2 bytes is accepted'),
    ...around('user-key', accepted('a key', '32 bytes', 'INVALID_ARGUMENT')),
    ...around('user-value', accepted('a value', '8 KB', 'SIZE_OVERFLOW')),
    limit('limit.user-value.empty', 'limits §4', 'an empty value is refused with INVALID_ARGUMENT'),
    ...around('user-call', accepted('one call', '16 KB', 'SIZE_OVERFLOW')),
    ...around('user-total', accepted('a total', '16 KB', 'SIZE_OVERFLOW')),
    ...around('user-number', accepted('a number', '32 attributes', 'SIZE_OVERFLOW')),
    limit('limit.timeout.user-attributes', 'limits §8', 'every call without an answer ends after request_ms'),
    rule(
      'rule.user-attributes.key-characters',
      'limits §4',
      'keys of visible characters of any script are accepted, control characters refused',
    ),
    rule(
      'rule.user-attributes.unicode',
      'limits §3',
      'keys and values that are not Unicode are refused, and nothing changes',
    ),
    rule('rule.user-attributes.logout', 'semantics §5', 'are gone after a logout'),
    rule('rule.user-attributes.same-key', 'semantics §5', 'of one key given twice in a call the last value holds'),
    rule('rule.user-attributes.silent', 'semantics §5', 'no notice reports a change'),
  ],
};

export const channelAttributes: Subject = {
  name: 'channel-attributes',
  title: 'Channel attributes',
  rows: [
    call('IRtmService.createChannelAttribute', 'api §11.24', 'makes an empty attribute, before login too'),
    attribute('setKey', 'sets the key'),
    attribute('getKey', 'gives the key'),
    attribute('setValue', 'sets the value'),
    attribute('getValue', 'gives the value'),
    attribute('getLastUpdateUserId', 'is the last writer of the key, "" on a new one'),
    attribute('getLastUpdateTs', 'is the server’s time of the last write in ms, 0 on a new one'),
    attribute('release', 'may follow the call at once'),
    call('IRtmService.setChannelAttributes', 'api §11.36', 'replaces the whole set, without membership'),
    call(
      'IRtmService.addOrUpdateChannelAttributes',
      'api §11.37',
      'adds and changes the named attributes, and keeps the others',
    ),
    call(
      'IRtmService.deleteChannelAttributesByKeys',
      'api §11.38',
      'deletes the named attributes; unknown keys are no error',
    ),
    call('IRtmService.clearChannelAttributes', 'api §11.39', 'deletes all attributes'),
    call(
      'IRtmService.getChannelAttributes',
      'api §11.40',
      'gives all attributes, in ascending order of keys; an empty set is OK and 0',
    ),
    call('IRtmService.getChannelAttributesByKeys', 'api §11.41', 'gives the named attributes that exist'),
    on('onSetChannelAttributesResult', 'api §10.28', 'repeats the request id'),
    on('onAddOrUpdateChannelAttributesResult', 'api §10.29', 'repeats the request id'),
    on('onDeleteChannelAttributesResult', 'api §10.30', 'repeats the request id'),
    on('onClearChannelAttributesResult', 'api §10.31', 'repeats the request id'),
    on('onGetChannelAttributesResult', 'api §10.32', 'repeats the request id'),
    callback(
      'IChannelEventHandler.onAttributesUpdated',
      'api §8.11',
      'gives the complete set to all members, the writer included',
    ),
    {
      ...call(
        'ChannelAttributeOptions.enableNotificationToChannelMembers',
        'api §4',
        'decides for one call whether members get a notice',
      ),
      kind: 'field',
    },
    limit('limit.channel-key.least.below', 'limits §4', 'a key of 0 bytes is refused'),
    limit('limit.channel-key.least.at', 'limits §4', 'a key of 1 byte is accepted'),
    limit('limit.channel-key.least.above', 'limits §4', 'a key of 2 bytes is accepted'),
    ...around('channel-key', accepted('a key', '32 bytes', 'INVALID_ARGUMENT')),
    ...around('channel-value', accepted('a value', '8 KB', 'SIZE_OVERFLOW')),
    limit('limit.channel-value.empty', 'limits §4', 'an empty value is refused with INVALID_ARGUMENT'),
    ...around('channel-call', accepted('one call', '32 KB', 'SIZE_OVERFLOW')),
    ...around('channel-total', accepted('a total', '32 KB', 'SIZE_OVERFLOW')),
    ...around('channel-number', accepted('a number', '32 attributes', 'SIZE_OVERFLOW')),
    limit('limit.timeout.channel-attributes', 'limits §8', 'every call without an answer ends after request_ms'),
    rule('rule.channel-attributes.stamps', 'semantics §4', 'stamps change for the keys of a call only'),
    rule(
      'rule.channel-attributes.atomic',
      'semantics §4',
      'a refused call changes nothing, and no member gets a notice',
    ),
    rule('rule.channel-attributes.cleared', 'semantics §4', 'a clear with notice reports an empty set'),
    rule(
      'rule.channel-attributes.lifetime',
      'semantics §4',
      'stay while the channel has a member, and for a while after it became empty',
    ),
    rule(
      'rule.channel-attributes.removed',
      'semantics §4',
      'are removed some time after the channel became empty, or after the write if the channel never had a member',
    ),
    rule(
      'rule.channel-attributes.failure',
      'enums ATTRIBUTE_OPERATION_ERR',
      'requests that have not left at a logout end with FAILURE',
    ),
    rule(
      'rule.channel-attributes.invalid',
      'enums ATTRIBUTE_OPERATION_ERR',
      'bad ids, lists, keys and values are refused, and nothing changes',
    ),
    rule(
      'rule.channel-attributes.not-ready',
      'enums ATTRIBUTE_OPERATION_ERR',
      'calls before initialize give 101, before login 102',
    ),
  ],
};
