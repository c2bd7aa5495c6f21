export * from './errors.js';
export { type IRtmChannelAttribute, RtmChannelAttribute } from './sdk/attributes.js';
export { type IChannel, RtmChannel } from './sdk/channel.js';
export * from './sdk/enums.js';
export type * from './sdk/handlers.js';
export { type IChannelMember, RtmChannelMember } from './sdk/member.js';
export { type IMessage, RtmMessage } from './sdk/message.js';
export {
  createRtmService,
  getRtmSdkVersion,
  type IRtmService,
  RtmService,
  setRtmServiceContext,
} from './sdk/service.js';
export type * from './sdk/structs.js';
export { RtmServer, type RtmServerStats } from './server/rtm-server.js';
export type * from './server/server-options.js';
