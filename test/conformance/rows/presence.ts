import { call, callback, limit, reserved, rule, type Subject, value } from './row.js';

const query = (member: string, title: string) =>
  value(
    `QUERY_PEERS_ONLINE_STATUS_ERR.QUERY_PEERS_ONLINE_STATUS_ERR_${member}`,
    'enums QUERY_PEERS_ONLINE_STATUS_ERR',
    title,
  );
const subscription = (member: string, title: string) =>
  value(
    `PEER_SUBSCRIPTION_STATUS_ERR.PEER_SUBSCRIPTION_STATUS_ERR_${member}`,
    'enums PEER_SUBSCRIPTION_STATUS_ERR',
    title,
  );
const list = (member: string, title: string) =>
  value(
    `QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR.QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_${member}`,
    'enums QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR',
    title,
  );

export const presence: Subject = {
  name: 'presence',
  title: 'Presence',
  rows: [
    call('IRtmService.queryPeersOnlineStatus', 'api §11.26', 'returns 0 and a request id, and one result follows'),
    call('IRtmService.subscribePeersOnlineStatus', 'api §11.27', 'brings the result first, then the present states'),
    call('IRtmService.unsubscribePeersOnlineStatus', 'api §11.28', 'ends the notices'),
    call('IRtmService.queryPeersBySubscriptionOption', 'api §11.29', 'gives the users of the subscription list'),
    callback(
      'IRtmServiceEventHandler.onQueryPeersOnlineStatusResult',
      'api §10.19',
      'has one entry for each id, in the order asked',
    ),
    callback(
      'IRtmServiceEventHandler.onSubscriptionRequestResult',
      'api §10.20',
      'is the result of subscribing and of unsubscribing',
    ),
    callback('IRtmServiceEventHandler.onQueryPeersBySubscriptionOptionResult', 'api §10.21', 'repeats the request id'),
    callback(
      'IRtmServiceEventHandler.onPeersOnlineStatusChanged',
      'api §10.22',
      'reports first states, then changes only',
    ),
    { ...call('PeerOnlineStatus.peerId', 'api §4', 'is the user asked for'), kind: 'field' },
    { ...call('PeerOnlineStatus.isOnline', 'api §4', 'is true for ONLINE only'), kind: 'field' },
    { ...call('PeerOnlineStatus.onlineState', 'api §4', 'is the state'), kind: 'field' },
    value('PEER_ONLINE_STATE.PEER_ONLINE_STATE_ONLINE', 'enums PEER_ONLINE_STATE', 'is the state of a user logged in'),
    value(
      'PEER_ONLINE_STATE.PEER_ONLINE_STATE_UNREACHABLE',
      'enums PEER_ONLINE_STATE',
      'is reported to subscribers of a silent user, never by a query',
    ),
    value(
      'PEER_ONLINE_STATE.PEER_ONLINE_STATE_OFFLINE',
      'enums PEER_ONLINE_STATE',
      'is the state after logout, and of an unknown user',
    ),
    value(
      'PEER_SUBSCRIPTION_OPTION.PEER_SUBSCRIPTION_OPTION_ONLINE_STATUS',
      'enums PEER_SUBSCRIPTION_OPTION',
      'is the one option',
    ),
    query('OK', 'is returned, and called back'),
    query('FAILURE', 'is called back when a logout ends a request that has not left'),
    query('INVALID_ARGUMENT', 'is returned for null, an empty list, too many users, and a bad id'),
    reserved(
      'QUERY_PEERS_ONLINE_STATUS_ERR.QUERY_PEERS_ONLINE_STATUS_ERR_REJECTED',
      'enums QUERY_PEERS_ONLINE_STATUS_ERR',
      'reserved',
    ),
    query('TIMEOUT', 'is called back when no answer comes'),
    query('TOO_OFTEN', 'is returned for the 101st call in 5 s'),
    query('NOT_INITIALIZED', 'is returned before initialize'),
    query('USER_NOT_LOGGED_IN', 'is returned before login'),
    subscription('OK', 'is returned, and called back; repeats are no error'),
    subscription('FAILURE', 'is called back when a logout ends a request that has not left'),
    subscription('INVALID_ARGUMENT', 'is returned for null, an empty list, and a bad id'),
    reserved(
      'PEER_SUBSCRIPTION_STATUS_ERR.PEER_SUBSCRIPTION_STATUS_ERR_REJECTED',
      'enums PEER_SUBSCRIPTION_STATUS_ERR',
      'reserved',
    ),
    subscription('TIMEOUT', 'is called back when no answer comes'),
    subscription('TOO_OFTEN', 'is returned for the 11th call in 5 s'),
    subscription('OVERFLOW', 'is returned for more than 512 users, and nothing changes'),
    subscription('NOT_INITIALIZED', 'is returned before initialize'),
    subscription('USER_NOT_LOGGED_IN', 'is returned before login'),
    list('OK', 'is returned, and called back'),
    list('FAILURE', 'is returned for an unknown option'),
    reserved(
      'QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR.QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_TIMEOUT',
      'enums QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR',
      'the SDK keeps the list itself and answers without the server, so that there is nothing to wait for',
    ),
    list('TOO_OFTEN', 'is returned for the 11th call in 5 s'),
    list('NOT_INITIALIZED', 'is returned before initialize'),
    list('USER_NOT_LOGGED_IN', 'is returned before login'),
    limit('limit.query-peers.below', 'limits §6', '255 users in a query are answered'),
    limit('limit.query-peers.at', 'limits §6', '256 users in a query are answered'),
    limit('limit.query-peers.above', 'limits §6', '257 users in a query are refused'),
    limit('limit.subscribed.below', 'limits §6', '511 users can be subscribed'),
    limit('limit.subscribed.at', 'limits §6', '512 users can be subscribed'),
    limit('limit.subscribed.above', 'limits §6', '513 users in one call are refused'),
    limit('limit.subscribed.total', 'limits §6', 'the 513th user in a later call is refused, and the 512 stay'),
    limit('limit.timeout.presence', 'limits §8', 'requests without an answer end after presence_ms'),
    limit('limit.unreachable', 'limits §6', 'silence brings UNREACHABLE, longer silence brings OFFLINE'),
    rule('rule.presence.self', 'semantics §6', 'a user may query and subscribe to itself'),
    rule('rule.presence.duplicates', 'semantics §6', 'duplicates and repeats are fine and not counted twice'),
    rule(
      'rule.presence.unknown',
      'semantics §6',
      'an unknown user can be subscribed to, and its appearance is reported',
    ),
    rule('rule.presence.only-request', 'semantics §6', 'first states are the states of the users of this request'),
    rule('rule.presence.logout', 'semantics §6', 'a logout clears all subscriptions'),
    rule('rule.presence.only-changes', 'semantics §6', 'no state is reported twice in a row'),
  ],
};
