#pragma once

#include <cstdint>

namespace rtm::binding {

// What crosses from C++ to JavaScript, in one table: name, number, and the fields behind `kind, object`.
// lib/native/event-kinds.ts has the same names and numbers, lib/native/decode.ts reads the same fields in the same order; a test
// compares the numbers.
//
// Fields: w = one word · # = one number (double) · text = a word with its end in the string slab, in UTF-16 units ·
// user = a word with a slot that UserName filled before · payload = a word: the end in the byte slab, or, with the top
// bit set, the number of an own buffer · message = w (type; 0x100: offline), # id, # server time, text, and payload if
// raw, or, if file or image: text media id, text file name, # size, payload thumbnail, w width, w height, w width and w
// height of the thumbnail · list = w (count), then so many items. The object of a LocalCall is the invitation; that of
// a RemoteCall the call manager, which gives its callee's invitations the numbers.
#define RTM_EVENT_KINDS(X)                                                                                         \
  X(UserName, 1)                 /* w slot, text: from here on the slot means this id */                           \
  X(Log, 2)                      /* w level, text; object 0: the client's log */                                   \
  X(LoginSuccess, 10)            /* */                                                                             \
  X(LoginFailure, 11)            /* w code */                                                                      \
  X(RenewTokenResult, 12)        /* w code, text token */                                                          \
  X(TokenExpired, 13)            /* */                                                                             \
  X(TokenWillExpire, 14)         /* */                                                                             \
  X(Logout, 15)                  /* w code */                                                                      \
  X(ConnectionState, 16)         /* w state, w reason */                                                           \
  X(PeerSendResult, 17)          /* w code, # message id */                                                        \
  X(PeerMessage, 18)             /* user, message */                                                               \
  X(LinkEstablished, 19)         /* w how, w complete, # milliseconds, text server */                              \
  X(JoinSuccess, 40)             /* */                                                                             \
  X(JoinFailure, 41)             /* w code */                                                                      \
  X(Leave, 42)                   /* w code */                                                                      \
  X(ChannelSendResult, 43)       /* w code, # message id */                                                        \
  X(ChannelMessage, 44)          /* user, message */                                                               \
  X(MemberJoined, 45)            /* user */                                                                        \
  X(MemberLeft, 46)              /* user */                                                                        \
  X(Members, 47)                 /* w code, list of text */                                                        \
  X(ChannelAttributes, 48)       /* list of (text key, text value, text user, # time) */                           \
  X(MemberCount, 49)             /* w count */                                                                     \
  X(Subscription, 60)            /* w code, # request */                                                           \
  X(SetUserAttributes, 61)       /* w code, # request */                                                           \
  X(AddUserAttributes, 62)       /* w code, # request */                                                           \
  X(DeleteUserAttributes, 63)    /* w code, # request */                                                           \
  X(ClearUserAttributes, 64)     /* w code, # request */                                                           \
  X(SetChannelAttributes, 65)    /* w code, # request */                                                           \
  X(AddChannelAttributes, 66)    /* w code, # request */                                                           \
  X(DeleteChannelAttributes, 67) /* w code, # request */                                                           \
  X(ClearChannelAttributes, 68)  /* w code, # request */                                                           \
  X(DownloadToFile, 69)          /* w code, # request */                                                           \
  X(CancelMedia, 70)             /* w code, # request */                                                           \
  X(QueryPeers, 71)              /* w code, # request, list of (text id, w state) */                               \
  X(PeersBySubscription, 72)     /* w code, # request, list of text */                                             \
  X(PeersChanged, 73)            /* list of (text id, w state) */                                                  \
  X(UserAttributes, 74)          /* w code, # request, text user, list of (text key, text value) */                \
  X(ChannelAttributesResult, 75) /* w code, # request, list as in ChannelAttributes */                             \
  X(MemberCounts, 76)            /* w code, # request, list of (text id, w count) */                               \
  X(UploadProgress, 77)          /* # request, # total, # current */                                               \
  X(DownloadProgress, 78)        /* # request, # total, # current */                                               \
  X(DownloadToMemory, 79)        /* w code, # request, payload */                                                  \
  X(ServerStarted, 80)           /* w port, text fingerprint, text failure */                                      \
  X(ServerClosed, 81)            /* */                                                                             \
  X(ServerDone, 82)              /* w outcome, # request */                                                        \
  X(ServerOrders, 83)            /* orders wait for JavaScript: see server/bridge */                               \
  X(LocalCallReceived, 90)       /* */                                                                             \
  X(LocalCallCanceled, 91)       /* */                                                                             \
  X(LocalCallFailure, 92)        /* w code */                                                                      \
  X(LocalCallAccepted, 93)       /* text response */                                                               \
  X(LocalCallRefused, 94)        /* text response */                                                               \
  X(RemoteCallReceived, 95)      /* user, w number, text content, text channel */                                  \
  X(RemoteCallAccepted, 96)      /* w number */                                                                    \
  X(RemoteCallRefused, 97)       /* w number */                                                                    \
  X(RemoteCallCanceled, 98)      /* w number */                                                                    \
  X(RemoteCallFailure, 99)       /* w number, w code */                                                            \
  X(HistoryResult, 100)          /* w code, # request, w total, list of: text from, to, w channel, # time, text */ \
  X(Upload, 110)                 /* w code, # request, message: file or image, empty on failure */

enum class EventKind : std::uint32_t {
#define RTM_EVENT_KIND(name, number) name = number,
  RTM_EVENT_KINDS(RTM_EVENT_KIND)
#undef RTM_EVENT_KIND
};

/// Words in front of the records of a drained batch: events, words, bytes, own buffers.
inline constexpr std::uint32_t kHeaderWords = 4;
/// Marks a payload field that is the number of an own buffer.
inline constexpr std::uint32_t kOwnBuffer = 0x80000000U;
/// In the first word of a message, beside its type.
inline constexpr std::uint32_t kOfflineMessage = 0x100U;

}  // namespace rtm::binding
