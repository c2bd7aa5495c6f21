#pragma once

#include <cstdint>

namespace rtm::server {

// What crosses the bridge: name, number, fields. lib/server/bridge/operations.ts has the same names and numbers, and a
// test compares them; the fields are read in the same order there.
//
// Fields: b = byte or flag · w = 32 bits · # = 64 bits · text · bytes · bytes16, bytes32 = so many bytes without a
// length · list = count, then items. `app` is w: the place of the App ID in the server's list. Records that several
// share:
//   media       text app id, text media id, # size, bytes32 digest, b image, # expires
//   filter      app, text source, text destination, b peers, b channels, # start, # end, # now, w offset, w limit,
//               # bytes, b descending
//   page        w total, list of (text source, text destination, b channel, # time, text)
//   address     w loop, # session
//   content     text sender, # time, # capabilities, bytes
//   attributes  list of (text key, text value, text updated by, # updated at)
//   write       app, text owner, text writer, # session, # fence, w request, # time, b notify, w action,
//               list of (text key, text value)
//
// The store:
//   AppendOffline     app, text receiver, text sender, # time, # capabilities, bytes content → nothing
//   LoadOffline       app, text receiver, # now → list of (# id, text sender, # time, # capabilities, bytes content)
//   RemoveOffline     app, text receiver, # first, # last → nothing
//   AppendHistory     app, text source, text destination, b channel, # time, text → nothing
//   QueryHistory      filter → page
//   FindMedia         text app id, text media id, # now → list (0 or 1) of media
//   AddMedia          media → nothing
//   TakeExpiredMedia  # now, w most → list of media
//   IsMediaListed     list of text app id, text media id → b
// The engine; what has no arrow has no answer:
//   PeerSend          app, address, # seq, text sender, text receiver, w flags, # time, # capabilities, bytes content
//   Publish           app, address, # fence, # seq, text sender, text channel, w flags, # time, # capabilities, bytes
//   Acknowledge       app, text user, # fence, # offset
//   OpenSession       app, text user, address, # capabilities → b opened, # fence, bytes16 token, # epoch, # offset
//   ResumeSession     app, text user, address, bytes16 token, # capabilities, # epoch, # offset
//                     → b status, # fence, bytes16 token, b complete, list (0 or 1) of address
//   StartDelivery     app, text user, # fence
//   ConfirmResume     app, text user, # fence
//   LinkLost          app, text user, # fence, # grace
//   CloseSession      app, text user, # fence, b reason
//   CloseUser         app, text user, b reason → b
//   Kick              app, text user, text channel → b
//   SessionEnded      app, text user, # session
//   Join              app, text channel, text user, address, # fence, b again, # epoch, # offset
//                     → b joined, # epoch, # offset, w count, b complete, list of (# offset, text sender, # time,
//                     bytes),
//                       list (0 or 1) of attributes
//   Leave             app, text channel, text user, # fence → b
//   Members           app, text channel, text user, # fence, w limit → b member, list of text
//   MemberCount       app, text channel → w
//   Presence          app, list of text → list of b
//   Watch             w loop, app, list of text → nothing
//   Unwatch           w loop, app, list of text
//   NoteSilence       app, text user, # fence, b silent
//   WriteUserAttributes, WriteChannelAttributes  write → w code
//   UserAttributes, ChannelAttributes            app, text owner, list of text key → b found, attributes
//   EngineHistory     filter → page
// clang-format off
#define RTM_BRIDGE_ORDERS(X) \
  X(AppendOffline, 1) X(LoadOffline, 2) X(RemoveOffline, 3) X(AppendHistory, 4) X(QueryHistory, 5) \
  X(FindMedia, 10) X(AddMedia, 11) X(TakeExpiredMedia, 12) X(IsMediaListed, 13) \
  X(PeerSend, 20) X(Publish, 21) X(Acknowledge, 22) \
  X(OpenSession, 23) X(ResumeSession, 24) X(StartDelivery, 25) X(ConfirmResume, 26) X(LinkLost, 27) \
  X(CloseSession, 28) X(CloseUser, 29) X(Kick, 30) X(SessionEnded, 31) \
  X(Join, 32) X(Leave, 33) X(Members, 34) X(MemberCount, 35) \
  X(Presence, 36) X(Watch, 37) X(Unwatch, 38) X(NoteSilence, 39) \
  X(WriteUserAttributes, 40) X(UserAttributes, 41) X(WriteChannelAttributes, 42) X(ChannelAttributes, 43) \
  X(EngineHistory, 44)
// clang-format on

enum class Order : std::uint8_t {
#define RTM_BRIDGE_ORDER(name, number) name = number,
  RTM_BRIDGE_ORDERS(RTM_BRIDGE_ORDER)
#undef RTM_BRIDGE_ORDER
};

/// What comes back for an order.
enum class AnswerKind : std::uint8_t {
  Done = 1,    ///< the fields behind the arrow
  Failed = 2,  ///< no fields; JavaScript has logged the reason
};

/// What comes unasked, for one loop or for all.
enum class NewsKind : std::uint8_t {
  SendResults = 16,     ///< # session, # first seq, # count, w code
  PeerMessage = 17,     ///< # session, # offset, text sender, # time, # capabilities, b cached, bytes content
  ChannelMessage = 18,  ///< app, text channel, # except session, # offset, text sender, # time, # capabilities, bytes
  MemberEvent = 19,     ///< app, text channel, list of text joined, list of text left, w count
  MemberCount = 20,     ///< app, text channel, w count
  ChannelAttributes = 21,  ///< app, text channel, attributes
  Presence = 22,           ///< app, text user, b state
  Kicked = 23,             ///< # session, text channel
  EndSession = 24,         ///< # session, b reason
  DropSession = 25,        ///< # session
  Suspend = 26,            ///< w retry after ms
  Resume = 27,             ///< nothing
};
inline constexpr std::uint32_t kAllLoops = 0xFFFFFFFF;

// A batch in either direction is a run of records. Each begins with the number of bytes that follow (w).
//   order:  w size, b Order, # request (0: no answer is wanted), fields
//   answer: w size, b AnswerKind, # request, fields
//   news:   w size, b NewsKind, w loop (kAllLoops: every one), fields

}  // namespace rtm::server
