// Results of requests, and events of subscriptions.

#include "client/api/message.hpp"
#include "sdk/c_strings.hpp"
#include "sdk/channel_attribute.hpp"
#include "sdk/event_fan_out.hpp"
#include "sdk/message.hpp"

namespace rtm::sdk {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

std::vector<PeerOnlineStatus> toStatuses(std::span<const client::PeerStatus> peers, const CStrings& ids) {
  std::vector<PeerOnlineStatus> list(peers.size());
  for (std::size_t i = 0; i < peers.size(); ++i) {
    list[i].peerId = ids.at(i);
    list[i].onlineState = static_cast<PEER_ONLINE_STATE>(peers[i].state);
    list[i].isOnline = peers[i].state == client::PeerState::Online;
  }
  return list;
}

MessageData uploadedMessage(const client::UploadedMedia& media) {
  MessageData data{.messageId = client::nextMessageId(), .type = media.image ? MESSAGE_TYPE_IMAGE : MESSAGE_TYPE_FILE};
  data.mediaId = media.mediaId;
  data.size = static_cast<long long>(media.size);
  data.width = static_cast<int>(media.width);
  data.height = static_cast<int>(media.height);
  return data;
}

using AttributeResult = void (IRtmServiceEventHandler::*)(long long, ATTRIBUTE_OPERATION_ERR);

AttributeResult userResult(client::AttributeWrite how) {
  switch (how) {
    case client::AttributeWrite::Set:
      return &IRtmServiceEventHandler::onSetLocalUserAttributesResult;
    case client::AttributeWrite::Merge:
      return &IRtmServiceEventHandler::onAddOrUpdateLocalUserAttributesResult;
    case client::AttributeWrite::Delete:
      return &IRtmServiceEventHandler::onDeleteLocalUserAttributesResult;
    case client::AttributeWrite::Clear:
      break;
  }
  return &IRtmServiceEventHandler::onClearLocalUserAttributesResult;
}

AttributeResult channelResult(client::AttributeWrite how) {
  switch (how) {
    case client::AttributeWrite::Set:
      return &IRtmServiceEventHandler::onSetChannelAttributesResult;
    case client::AttributeWrite::Merge:
      return &IRtmServiceEventHandler::onAddOrUpdateChannelAttributesResult;
    case client::AttributeWrite::Delete:
      return &IRtmServiceEventHandler::onDeleteChannelAttributesResult;
    case client::AttributeWrite::Clear:
      break;
  }
  return &IRtmServiceEventHandler::onClearChannelAttributesResult;
}

}  // namespace

void EventFanOut::onMemberCounts(client::RequestId id, std::span<const client::MemberCount> counts,
                                 client::MemberCountCode code) {
  const CStrings ids = idsOf(counts, &client::MemberCount::channelId);
  std::vector<ChannelMemberCount> list(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    list[i].channelId = ids.at(i);
    list[i].count = static_cast<int>(counts[i].members);
  }
  forEach([&](IRtmServiceEventHandler& handler) {
    handler.onGetChannelMemberCountResult(id, list.data(), static_cast<int>(list.size()),
                                          static_cast<GET_CHANNEL_MEMBER_COUNT_ERR_CODE>(code));
  });
}

void EventFanOut::onPresenceQueryResult(client::RequestId id, std::span<const client::PeerStatus> peers,
                                        client::PresenceQueryCode code) {
  const CStrings ids = idsOf(peers, &client::PeerStatus::userId);
  const std::vector<PeerOnlineStatus> list = toStatuses(peers, ids);
  forEach([&](IRtmServiceEventHandler& handler) {
    handler.onQueryPeersOnlineStatusResult(id, list.data(), static_cast<int>(list.size()),
                                           static_cast<QUERY_PEERS_ONLINE_STATUS_ERR>(code));
  });
}

void EventFanOut::onSubscriptionResult(client::RequestId id, client::SubscriptionCode code) {
  forEach([&](IRtmServiceEventHandler& handler) {
    handler.onSubscriptionRequestResult(id, static_cast<PEER_SUBSCRIPTION_STATUS_ERR>(code));
  });
}

void EventFanOut::onSubscriptionList(client::RequestId id, std::span<const std::string_view> userIds,
                                     client::SubscriptionListCode code) {
  CStrings ids(userIds);
  forEach([&](IRtmServiceEventHandler& handler) {
    handler.onQueryPeersBySubscriptionOptionResult(id, ids.data(), static_cast<int>(userIds.size()),
                                                   static_cast<QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR>(code));
  });
}

void EventFanOut::onPeersChanged(std::span<const client::PeerStatus> peers) {
  const CStrings ids = idsOf(peers, &client::PeerStatus::userId);
  const std::vector<PeerOnlineStatus> list = toStatuses(peers, ids);
  forEach([&](IRtmServiceEventHandler& handler) {
    handler.onPeersOnlineStatusChanged(list.data(), static_cast<int>(list.size()));
  });
}

void EventFanOut::onUserAttributesWritten(client::RequestId id, client::AttributeWrite how,
                                          client::AttributeCode code) {
  const AttributeResult callback = userResult(how);
  forEach(
      [&](IRtmServiceEventHandler& handler) { (handler.*callback)(id, static_cast<ATTRIBUTE_OPERATION_ERR>(code)); });
}

void EventFanOut::onUserAttributes(client::RequestId id, std::string_view userId,
                                   std::span<const client::AttributeView> entries, client::AttributeCode code) {
  const std::string user(userId);
  const CStrings keys = idsOf(entries, &client::AttributeView::key);
  const CStrings values = idsOf(entries, &client::AttributeView::value);
  std::vector<RtmAttribute> list(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    list[i].key = keys.at(i);
    list[i].value = values.at(i);
  }
  forEach([&](IRtmServiceEventHandler& handler) {
    handler.onGetUserAttributesResult(id, user.c_str(), list.data(), static_cast<int>(list.size()),
                                      static_cast<ATTRIBUTE_OPERATION_ERR>(code));
  });
}

void EventFanOut::onChannelAttributesWritten(client::RequestId id, client::AttributeWrite how,
                                             client::AttributeCode code) {
  const AttributeResult callback = channelResult(how);
  forEach(
      [&](IRtmServiceEventHandler& handler) { (handler.*callback)(id, static_cast<ATTRIBUTE_OPERATION_ERR>(code)); });
}

void EventFanOut::onChannelAttributes(client::RequestId id, std::span<const client::ChannelAttributeView> entries,
                                      client::AttributeCode code) {
  ChannelAttributeList list(entries);
  forEach([&](IRtmServiceEventHandler& handler) {
    handler.onGetChannelAttributesResult(id, list.pointers(), list.size(), static_cast<ATTRIBUTE_OPERATION_ERR>(code));
  });
}

void EventFanOut::onMediaProgress(client::RequestId id, client::MediaDirection direction, std::uint64_t total,
                                  std::uint64_t moved) {
  MediaOperationProgress progress{};
  progress.totalSize = static_cast<long long>(total);
  progress.currentSize = static_cast<long long>(moved);
  forEach([&](IRtmServiceEventHandler& handler) {
    if (direction == client::MediaDirection::Upload) {
      handler.onMediaUploadingProgress(id, progress);
    } else {
      handler.onMediaDownloadingProgress(id, progress);
    }
  });
}

void EventFanOut::onUploaded(client::RequestId id, const client::UploadedMedia& media, client::UploadCode code) {
  const auto number = static_cast<UPLOAD_MEDIA_ERR_CODE>(code);
  const bool good = code == client::UploadCode::Ok;
  // The user owns the message. The service frees unreleased messages at its end.
  if (media.image) {
    auto* const message = good ? new ImageMessage(uploadedMessage(media), handedOver_) : nullptr;
    return forEach([&](IRtmServiceEventHandler& handler) { handler.onImageMediaUploadResult(id, message, number); });
  }
  auto* const message = good ? new FileMessage(uploadedMessage(media), handedOver_) : nullptr;
  forEach([&](IRtmServiceEventHandler& handler) { handler.onFileMediaUploadResult(id, message, number); });
}

void EventFanOut::onDownloadedToFile(client::RequestId id, client::DownloadCode code) {
  forEach([&](IRtmServiceEventHandler& handler) {
    handler.onMediaDownloadToFileResult(id, static_cast<DOWNLOAD_MEDIA_ERR_CODE>(code));
  });
}

void EventFanOut::onDownloadedToMemory(client::RequestId id, ByteView bytes, client::DownloadCode code) {
  const auto* memory = bytes.empty() ? nullptr : reinterpret_cast<const char*>(bytes.data());
  forEach([&](IRtmServiceEventHandler& handler) {
    handler.onMediaDownloadToMemoryResult(id, memory, static_cast<long long>(bytes.size()),
                                          static_cast<DOWNLOAD_MEDIA_ERR_CODE>(code));
  });
}

void EventFanOut::onMediaCancelled(client::RequestId id, client::CancelMediaCode code) {
  forEach([&](IRtmServiceEventHandler& handler) {
    handler.onMediaCancelResult(id, static_cast<CANCEL_MEDIA_ERR_CODE>(code));
  });
}

}  // namespace rtm::sdk
