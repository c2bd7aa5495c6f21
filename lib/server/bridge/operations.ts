// What crosses the bridge. The numbers of `cpp/server/bridge/operations.hpp`, which also names the fields; a test compares
// them with the addon.

export const Order = {
  AppendOffline: 1,
  LoadOffline: 2,
  RemoveOffline: 3,
  AppendHistory: 4,
  QueryHistory: 5,
  FindMedia: 10,
  AddMedia: 11,
  TakeExpiredMedia: 12,
  IsMediaListed: 13,
  PeerSend: 20,
  Publish: 21,
  Acknowledge: 22,
  OpenSession: 23,
  ResumeSession: 24,
  StartDelivery: 25,
  ConfirmResume: 26,
  LinkLost: 27,
  CloseSession: 28,
  CloseUser: 29,
  Kick: 30,
  SessionEnded: 31,
  Join: 32,
  Leave: 33,
  Members: 34,
  MemberCount: 35,
  Presence: 36,
  Watch: 37,
  Unwatch: 38,
  NoteSilence: 39,
  WriteUserAttributes: 40,
  UserAttributes: 41,
  WriteChannelAttributes: 42,
  ChannelAttributes: 43,
  EngineHistory: 44,
} as const;
export type Order = (typeof Order)[keyof typeof Order];

export const AnswerKind = { Done: 1, Failed: 2 } as const;

/** What is told unasked. */
export const NewsKind = {
  SendResults: 16,
  PeerMessage: 17,
  ChannelMessage: 18,
  MemberEvent: 19,
  MemberCount: 20,
  ChannelAttributes: 21,
  Presence: 22,
  Kicked: 23,
  EndSession: 24,
  DropSession: 25,
  Suspend: 26,
  Resume: 27,
} as const;
export type NewsKind = (typeof NewsKind)[keyof typeof NewsKind];

/** In the place of a loop's number. */
export const ALL_LOOPS = 0xffffffff;
