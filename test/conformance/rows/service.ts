import { call, field, limit, rule, type Subject, value } from './row.js';

const filter = (member: string, title: string) => value(`LOG_FILTER_TYPE.${member}`, 'enums LOG_FILTER_TYPE', title);
const size = (id: string, title: string) => limit(`limit.log-size.${id}`, 'limits §8', title);

export const service: Subject = {
  name: 'service',
  title: 'Instances, handlers, parameters and logs',
  rows: [
    call('createRtmService', 'api §3', 'makes any number of instances, each with its own login'),
    call('getRtmSdkVersion', 'api §3', 'is 1.5.0'),
    call(
      'IRtmService.initialize',
      'api §11.1',
      'prepares an instance once, and refuses a bad App ID and a null handler',
    ),
    call(
      'IRtmService.addEventHandler',
      'api §11.2',
      'adds a handler, which gets every event once, after the earlier handlers',
    ),
    call('IRtmService.removeEventHandler', 'api §11.3', 'removes a handler, and no event reaches it any more'),
    call('IRtmService.release', 'api §11.4', 'takes the user off the server at once, and no callback follows'),
    value('INIT_ERR_CODE.INIT_ERR_OK', 'enums INIT_ERR_CODE', 'is returned once'),
    value('INIT_ERR_CODE.INIT_ERR_FAILURE', 'enums INIT_ERR_CODE', 'is returned by a released instance'),
    value('INIT_ERR_CODE.INIT_ERR_ALREADY_INITIALIZED', 'enums INIT_ERR_CODE', 'is returned by a second call'),
    value('INIT_ERR_CODE.INIT_ERR_INVALID_APP_ID', 'enums INIT_ERR_CODE', 'is returned unless it is 32 hex characters'),
    value('INIT_ERR_CODE.INIT_ERR_INVALID_ARGUMENT', 'enums INIT_ERR_CODE', 'is returned for a null handler'),
    limit('limit.app-id.below', 'limits §2', 'an App ID of 31 hex characters is refused'),
    limit('limit.app-id.at', 'limits §2', 'an App ID of 32 hex characters, of either case, is accepted'),
    limit('limit.app-id.above', 'limits §2', 'an App ID of 33 hex characters is refused'),
    rule(
      'rule.handler.first',
      'api §2',
      'events go to handlers in the order of registration; the handler of initialize is first',
    ),
    rule('rule.handler.without-initialize', 'api §11.2', 'adding a handler before initialize has no effect'),
    rule('rule.handler.callbacks-make-calls', 'api §2', 'methods may be called from inside callbacks'),
    rule(
      'rule.released.service',
      'api §2',
      'a released instance answers every call like an instance that was never initialised',
    ),
    rule('rule.released.twice', 'api §2', 'a second release is harmless'),
    rule('rule.released.silent', 'connection §1', 'no callback comes after release(true), whatever is under way'),
    rule('rule.released.with-channels', 'api §2', 'releasing a service releases its channels'),
    rule('rule.instance.separate', 'api §2', 'instances of one process do not share rates'),
    rule(
      'rule.instance.again',
      'connection §8',
      'after logout the same instance can log in again, as another user too',
    ),
    call(
      'IRtmService.setParameters',
      'api §11.25',
      'takes JSON with unknown keys, and refuses any other text with a negative number',
    ),
    rule('rule.parameters.invalid-json', 'api §11.25', 'text that is not JSON changes nothing'),
    rule('rule.parameters.invalid-utf8', 'api §2', 'text that is not Unicode is refused'),
    rule(
      'rule.parameters.wrong-value',
      'api §11.25',
      'a known key with a wrong value refuses the whole call and changes nothing',
    ),
    call('IRtmService.setLogFile', 'api §11.43', 'writes the log to an absolute path from this call on'),
    rule('rule.log-file.relative', 'api §11.43', 'a relative path is refused, and the log goes on in the old file'),
    rule(
      'rule.log-file.missing-folder',
      'api §11.43',
      'a missing folder is refused, and the log goes on in the old file',
    ),
    rule(
      'rule.log-file.unwritable',
      'api §11.43',
      'a path that cannot be written is refused, and the log goes on in the old file',
    ),
    rule('rule.log-file.invalid-utf8', 'limits §3', 'a path that is not Unicode is refused'),
    rule('rule.log-file.no-secrets', 'connection §9', 'the log has no message texts and no tokens'),
    call('IRtmService.setLogFilter', 'api §11.44', 'chooses the levels, and refuses bits that name no level'),
    filter('LOG_FILTER_OFF', 'writes nothing'),
    filter('LOG_FILTER_INFO', 'writes all levels'),
    filter('LOG_FILTER_WARN', 'leaves INFO out'),
    filter('LOG_FILTER_ERROR', 'leaves WARNING and INFO out'),
    filter('LOG_FILTER_CRITICAL', 'writes CRITICAL only'),
    filter('LOG_FILTER_MASK', 'is accepted as the set of all bits'),
    call('IRtmService.setLogFileSize', 'api §11.45', 'bounds each of the two files'),
    size('least.below', '511 KB is refused'),
    size('least.at', '512 KB is accepted'),
    size('least.above', '513 KB is accepted'),
    size('most.below', '1,048,575 KB is accepted'),
    size('most.at', '1,048,576 KB is accepted'),
    size('most.above', '1,048,577 KB is refused'),
    rule('rule.log-file.two', 'limits §8', 'two files of equal size alternate, and old content is overwritten'),
  ],
};

const area = (member: string, title: string) => value(`RTM_AREA_CODE.${member}`, 'enums RTM_AREA_CODE', title);

export const context: Subject = {
  name: 'context',
  title: 'Service context',
  rows: [
    call('setRtmServiceContext', 'api §3', 'applies to instances that are made later'),
    value(
      'SET_RTM_SERVICE_CONTEXT_ERR_CODE.SET_RTM_SERVICE_CONTEXT_ERR_OK',
      'connection §6',
      'is returned while no instance exists, and again after the last release',
    ),
    value(
      'SET_RTM_SERVICE_CONTEXT_ERR_CODE.SET_RTM_SERVICE_CONTEXT_ERR_FAILURE',
      'connection §6',
      'is returned while an instance exists, and nothing changes',
    ),
    field('RtmServiceContext.areaCode', 'connection §6', 'is a set: the SDK uses servers of its regions and no others'),
    field('RtmServiceContext.proxyType', 'connection §6', 'takes either type'),
    area('AREA_CODE_CN', 'selects servers of this region only'),
    area('AREA_CODE_NA', 'selects servers of this region only'),
    area('AREA_CODE_EU', 'selects servers of this region only'),
    area('AREA_CODE_AS', 'selects servers of this region only'),
    area('AREA_CODE_JP', 'selects servers of this region only'),
    area('AREA_CODE_IN', 'selects servers of this region only'),
    area('AREA_CODE_GLOB', 'selects servers of every region, and is the default'),
    value('RTM_CLOUD_PROXY_TYPE.RTM_NONE_PROXY', 'connection §6', 'is the default, and logs in'),
    value('RTM_CLOUD_PROXY_TYPE.RTM_TCP_PROXY', 'connection §6', 'logs in over TCP'),
    rule('rule.area.names-no-user', 'connection §6', 'a server of another region learns nothing about the user'),
    rule('rule.area.none-reachable', 'connection §6', 'no server in the region ends in LOGIN_TIMEOUT'),
  ],
};
