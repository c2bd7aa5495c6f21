// The codes that the server sends are the numbers of the public header, which the server does not include.

#include "server/model/codes.hpp"
#include "IAgoraRtmService.h"

namespace rtm::test {
namespace {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable
namespace code = server::code;

template <std::uint32_t sent, auto promised>
constexpr bool kSame = sent == static_cast<std::uint32_t>(promised);

static_assert(kSame<code::login::kUnknown, LOGIN_ERR_UNKNOWN>);
static_assert(kSame<code::login::kRejected, LOGIN_ERR_REJECTED>);
static_assert(kSame<code::login::kInvalidAppId, LOGIN_ERR_INVALID_APP_ID>);
static_assert(kSame<code::login::kInvalidToken, LOGIN_ERR_INVALID_TOKEN>);
static_assert(kSame<code::login::kTokenExpired, LOGIN_ERR_TOKEN_EXPIRED>);
static_assert(kSame<code::login::kNotAuthorized, LOGIN_ERR_NOT_AUTHORIZED>);

static_assert(kSame<code::renew::kFailure, RENEW_TOKEN_ERR_FAILURE>);
static_assert(kSame<code::renew::kTooOften, RENEW_TOKEN_ERR_TOO_OFTEN>);
static_assert(kSame<code::renew::kTokenExpired, RENEW_TOKEN_ERR_TOKEN_EXPIRED>);
static_assert(kSame<code::renew::kInvalidToken, RENEW_TOKEN_ERR_INVALID_TOKEN>);

static_assert(kSame<code::peer::kFailure, PEER_MESSAGE_ERR_FAILURE>);
static_assert(kSame<code::peer::kUnreachable, PEER_MESSAGE_ERR_PEER_UNREACHABLE>);
static_assert(kSame<code::peer::kCached, PEER_MESSAGE_ERR_CACHED_BY_SERVER>);
static_assert(kSame<code::peer::kTooOften, PEER_MESSAGE_ERR_TOO_OFTEN>);
static_assert(kSame<code::peer::kInvalidUserId, PEER_MESSAGE_ERR_INVALID_USERID>);
static_assert(kSame<code::peer::kInvalidMessage, PEER_MESSAGE_ERR_INVALID_MESSAGE>);
static_assert(kSame<code::peer::kIncompatibleMessage, PEER_MESSAGE_ERR_IMCOMPATIBLE_MESSAGE>);

static_assert(kSame<code::channel::kFailure, CHANNEL_MESSAGE_ERR_FAILURE>);
static_assert(kSame<code::channel::kTooOften, CHANNEL_MESSAGE_ERR_TOO_OFTEN>);
static_assert(kSame<code::channel::kInvalidMessage, CHANNEL_MESSAGE_ERR_INVALID_MESSAGE>);

static_assert(kSame<code::join::kFailure, JOIN_CHANNEL_ERR_FAILURE>);
static_assert(kSame<code::join::kInvalidArgument, JOIN_CHANNEL_ERR_INVALID_ARGUMENT>);
static_assert(kSame<code::join::kExceedLimit, JOIN_CHANNEL_ERR_EXCEED_LIMIT>);
static_assert(kSame<code::join::kTooOften, JOIN_CHANNEL_ERR_TOO_OFTEN>);
static_assert(kSame<code::join::kSameChannelTooOften, JOIN_CHANNEL_ERR_JOIN_SAME_CHANNEL_TOO_OFTEN>);

static_assert(kSame<code::leave::kNotInChannel, LEAVE_CHANNEL_ERR_NOT_IN_CHANNEL>);

static_assert(kSame<code::members::kFailure, GET_MEMBERS_ERR_FAILURE>);
static_assert(kSame<code::members::kTooOften, GET_MEMBERS_ERR_TOO_OFTEN>);
static_assert(kSame<code::members::kNotInChannel, GET_MEMBERS_ERR_NOT_IN_CHANNEL>);

static_assert(kSame<code::count::kFailure, GET_CHANNEL_MEMBER_COUNT_ERR_FAILURE>);
static_assert(kSame<code::count::kInvalidArgument, GET_CHANNEL_MEMBER_COUNT_ERR_INVALID_ARGUMENT>);
static_assert(kSame<code::count::kTooOften, GET_CHANNEL_MEMBER_COUNT_ERR_TOO_OFTEN>);
static_assert(kSame<code::count::kExceedLimit, GET_CHANNEL_MEMBER_COUNT_ERR_EXCEED_LIMIT>);

static_assert(kSame<code::presence::kFailure, QUERY_PEERS_ONLINE_STATUS_ERR_FAILURE>);
static_assert(kSame<code::presence::kInvalidArgument, QUERY_PEERS_ONLINE_STATUS_ERR_INVALID_ARGUMENT>);
static_assert(kSame<code::presence::kTooOften, QUERY_PEERS_ONLINE_STATUS_ERR_TOO_OFTEN>);

static_assert(kSame<code::subscription::kInvalidArgument, PEER_SUBSCRIPTION_STATUS_ERR_INVALID_ARGUMENT>);
static_assert(kSame<code::subscription::kTooOften, PEER_SUBSCRIPTION_STATUS_ERR_TOO_OFTEN>);
static_assert(kSame<code::subscription::kOverflow, PEER_SUBSCRIPTION_STATUS_ERR_OVERFLOW>);

static_assert(kSame<code::media::kFailure, UPLOAD_MEDIA_ERR_FAILURE>);
static_assert(kSame<code::media::kFailure, DOWNLOAD_MEDIA_ERR_FAILURE>);
static_assert(kSame<code::media::kInvalidArgument, UPLOAD_MEDIA_ERR_INVALID_ARGUMENT>);
static_assert(kSame<code::media::kInvalidArgument, DOWNLOAD_MEDIA_ERR_INVALID_ARGUMENT>);
static_assert(kSame<code::media::kSizeOverflow, UPLOAD_MEDIA_ERR_SIZE_OVERFLOW>);
static_assert(kSame<code::media::kNotExist, DOWNLOAD_MEDIA_ERR_NOT_EXIST>);
static_assert(kSame<code::media::kTooManyTasks, UPLOAD_MEDIA_ERR_CONCURRENCY_LIMIT_EXCEEDED>);
static_assert(kSame<code::media::kTooManyTasks, DOWNLOAD_MEDIA_ERR_CONCURRENCY_LIMIT_EXCEEDED>);

static_assert(kSame<code::attributes::kFailure, ATTRIBUTE_OPERATION_ERR_FAILURE>);
static_assert(kSame<code::attributes::kInvalidArgument, ATTRIBUTE_OPERATION_ERR_INVALID_ARGUMENT>);
static_assert(kSame<code::attributes::kSizeOverflow, ATTRIBUTE_OPERATION_ERR_SIZE_OVERFLOW>);
static_assert(kSame<code::attributes::kTooOften, ATTRIBUTE_OPERATION_ERR_TOO_OFTEN>);
static_assert(kSame<code::attributes::kUserNotFound, ATTRIBUTE_OPERATION_ERR_USER_NOT_FOUND>);

}  // namespace
}  // namespace rtm::test
