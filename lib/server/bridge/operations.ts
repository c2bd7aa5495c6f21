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
} as const;
export type Order = (typeof Order)[keyof typeof Order];

export const AnswerKind = { Done: 1, Failed: 2 } as const;
