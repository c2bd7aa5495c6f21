#pragma once

#include <cstdint>

namespace rtm::server {

// What crosses the bridge: name, number, fields. lib/server/bridge/operations.ts has the same names and numbers, and a
// test compares them; the fields are read in the same order there.
//
// Fields: b = byte or flag · w = 32 bits · # = 64 bits · text · bytes · bytes16, bytes32 = so many bytes without a
// length · list = count, then items. `app` is w: the place of the App ID in the server's list.
#define RTM_BRIDGE_ORDERS(X)                                                                                       \
  X(AppendOffline, 1)     /* app, text receiver, text sender, # time, # capabilities, bytes content → nothing */ \
  X(LoadOffline, 2)       /* app, text receiver, # now → list of (# id, text sender, # time, # capabilities,     \
                             bytes content) */                                                                     \
  X(RemoveOffline, 3)     /* app, text receiver, # first, # last → nothing */                                    \
  X(AppendHistory, 4)     /* app, text source, text destination, b channel, # time, text → nothing */            \
  X(QueryHistory, 5)      /* app, text source, text destination, b peers, b channels, # start, # end, # now,       \
                             w offset, w limit, # bytes, b descending → w total, list of (text source, text      \
                             destination, b channel, # time, text) */                                              \
  X(FindMedia, 10)        /* text app id, text media id, # now → list (0 or 1) of media */                       \
  X(AddMedia, 11)         /* media → nothing */                                                                  \
  X(TakeExpiredMedia, 12) /* # now, w most → list of media: text app id, text media id, # size, bytes32 digest,  \
                             b image, # expires */                                                                 \
  X(IsMediaListed, 13)    /* list of text app id, text media id → b */

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

// A batch in either direction is a run of records. Each begins with the number of bytes that follow (w).
//   order:  w size, b Order, # request (0: no answer is wanted), fields
//   answer: w size, b AnswerKind, # request, fields

}  // namespace rtm::server
