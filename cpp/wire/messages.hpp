#pragma once

// The messages of proto/rtm.proto as structs, name for name (lowerCamelCase), each with the table its codec is made of.
// What a field means stands there, once. A struct with `kKind` is the body of frames of that kind; the others occur
// inside messages. Text and bytes are views: of the caller's data when encoding, of the decoded buffer when decoding.
// test/integration/wire-crosscheck.test.ts holds these structs and the .proto file together.

#include "wire/attribute_messages.hpp"
#include "wire/channel_messages.hpp"
#include "wire/content_messages.hpp"
#include "wire/history_messages.hpp"
#include "wire/media_messages.hpp"
#include "wire/presence_messages.hpp"
#include "wire/session_messages.hpp"

namespace rtm::wire {

template <MessageType... M>
struct MessageList {};

/// Every message that is the body of a frame. A new one is added here, and is thereby tested, fuzzed and cross-checked.
using FrameMessages =
    MessageList<Hello, HelloOk, Login, LoginResult, Resume, ResumeResult, Logout, Bye, Ping, Pong, RenewToken, Result,
                PeerSend, ChannelSend, SendResults, PeerMessage, ChannelMessage, InboxAck, Join, JoinResult, Leave,
                GetMembers, Members, MemberEvent, MemberCount, ChannelKicked, GetMemberCounts, MemberCounts,
                ChannelPositions, PresenceQuery, PresenceStates, PresenceSubscribe, PresenceUnsubscribe, PresenceEvent,
                UserAttributesWrite, UserAttributesRead, UserAttributes, ChannelAttributesWrite, ChannelAttributesRead,
                ChannelAttributes, ChannelAttributesEvent, MediaUpload, MediaDownload, MediaTicket, MediaOpen,
                MediaOpened, MediaData, MediaEnd, MediaStored, MediaCancel, HistoryQuery, HistoryResult>;

}  // namespace rtm::wire
