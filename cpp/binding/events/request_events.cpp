// Results of requests, and what comes of subscriptions.

#include "binding/events/service_events.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

void writeStates(Record& record, const PeerOnlineStatus* states, int count) {
  record.code(count);
  for (int i = 0; i < count; ++i) {
    record.text(orEmpty(states[i].peerId)).code(states[i].onlineState);
  }
}

/// The place of the message of an upload that failed: its kind says which callback it is.
void writeNoMessage(Record& record, MESSAGE_TYPE type) {
  record.code(type).number(0).number(0).text({}).text({}).text({}).number(0).payload({});
  record.word(0).word(0).word(0).word(0);
}

}  // namespace

void ServiceEvents::onFileMediaUploadResult(long long requestId, IFileMessage* fileMessage,
                                            UPLOAD_MEDIA_ERR_CODE code) {
  push(EventKind::Upload, [&](Record& record) {
    record.code(code).number(requestId);
    if (fileMessage != nullptr) {
      writeFileMessage(record, *fileMessage);
    } else {
      writeNoMessage(record, MESSAGE_TYPE_FILE);
    }
  });
  if (fileMessage != nullptr) {
    fileMessage->release();  // it is ours, and JavaScript has its own
  }
}

void ServiceEvents::onImageMediaUploadResult(long long requestId, IImageMessage* imageMessage,
                                             UPLOAD_MEDIA_ERR_CODE code) {
  push(EventKind::Upload, [&](Record& record) {
    record.code(code).number(requestId);
    if (imageMessage != nullptr) {
      writeImageMessage(record, *imageMessage);
    } else {
      writeNoMessage(record, MESSAGE_TYPE_IMAGE);
    }
  });
  if (imageMessage != nullptr) {
    imageMessage->release();
  }
}

void ServiceEvents::onMediaUploadingProgress(long long requestId, const MediaOperationProgress& progress) {
  push(EventKind::UploadProgress,
       [&](Record& record) { record.number(requestId).number(progress.totalSize).number(progress.currentSize); });
}

void ServiceEvents::onMediaDownloadingProgress(long long requestId, const MediaOperationProgress& progress) {
  push(EventKind::DownloadProgress,
       [&](Record& record) { record.number(requestId).number(progress.totalSize).number(progress.currentSize); });
}

void ServiceEvents::onMediaDownloadToFileResult(long long requestId, DOWNLOAD_MEDIA_ERR_CODE code) {
  pushResult(EventKind::DownloadToFile, requestId, code);
}

void ServiceEvents::onMediaDownloadToMemoryResult(long long requestId, const char* memory, long long length,
                                                  DOWNLOAD_MEDIA_ERR_CODE code) {
  const std::size_t size = memory != nullptr ? static_cast<std::size_t>(length) : 0;
  push(EventKind::DownloadToMemory,
       [&](Record& record) { record.code(code).number(requestId).payload(asBytes(std::string_view(memory, size))); });
}

void ServiceEvents::onMediaCancelResult(long long requestId, CANCEL_MEDIA_ERR_CODE code) {
  pushResult(EventKind::CancelMedia, requestId, code);
}

void ServiceEvents::onQueryPeersOnlineStatusResult(long long requestId, const PeerOnlineStatus* peersStatus,
                                                   int peerCount, QUERY_PEERS_ONLINE_STATUS_ERR errorCode) {
  push(EventKind::QueryPeers, [&](Record& record) {
    record.code(errorCode).number(requestId);
    writeStates(record, peersStatus, peerCount);
  });
}

void ServiceEvents::onSubscriptionRequestResult(long long requestId, PEER_SUBSCRIPTION_STATUS_ERR errorCode) {
  pushResult(EventKind::Subscription, requestId, errorCode);
}

void ServiceEvents::onQueryPeersBySubscriptionOptionResult(long long requestId, const char* peerIds[], int peerCount,
                                                           QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR errorCode) {
  push(EventKind::PeersBySubscription, [&](Record& record) {
    record.code(errorCode).number(requestId).code(peerCount);
    for (int i = 0; i < peerCount; ++i) {
      record.text(orEmpty(peerIds[i]));
    }
  });
}

void ServiceEvents::onPeersOnlineStatusChanged(const PeerOnlineStatus peersStatus[], int peerCount) {
  push(EventKind::PeersChanged, [&](Record& record) { writeStates(record, peersStatus, peerCount); });
}

void ServiceEvents::onSetLocalUserAttributesResult(long long requestId, ATTRIBUTE_OPERATION_ERR errorCode) {
  pushResult(EventKind::SetUserAttributes, requestId, errorCode);
}

void ServiceEvents::onAddOrUpdateLocalUserAttributesResult(long long requestId, ATTRIBUTE_OPERATION_ERR errorCode) {
  pushResult(EventKind::AddUserAttributes, requestId, errorCode);
}

void ServiceEvents::onDeleteLocalUserAttributesResult(long long requestId, ATTRIBUTE_OPERATION_ERR errorCode) {
  pushResult(EventKind::DeleteUserAttributes, requestId, errorCode);
}

void ServiceEvents::onClearLocalUserAttributesResult(long long requestId, ATTRIBUTE_OPERATION_ERR errorCode) {
  pushResult(EventKind::ClearUserAttributes, requestId, errorCode);
}

void ServiceEvents::onGetUserAttributesResult(long long requestId, const char* userId, const RtmAttribute* attributes,
                                              int numberOfAttributes, ATTRIBUTE_OPERATION_ERR errorCode) {
  push(EventKind::UserAttributes, [&](Record& record) {
    record.code(errorCode).number(requestId).text(orEmpty(userId)).code(numberOfAttributes);
    for (int i = 0; i < numberOfAttributes; ++i) {
      record.text(orEmpty(attributes[i].key)).text(orEmpty(attributes[i].value));
    }
  });
}

void ServiceEvents::onSetChannelAttributesResult(long long requestId, ATTRIBUTE_OPERATION_ERR errorCode) {
  pushResult(EventKind::SetChannelAttributes, requestId, errorCode);
}

void ServiceEvents::onAddOrUpdateChannelAttributesResult(long long requestId, ATTRIBUTE_OPERATION_ERR errorCode) {
  pushResult(EventKind::AddChannelAttributes, requestId, errorCode);
}

void ServiceEvents::onDeleteChannelAttributesResult(long long requestId, ATTRIBUTE_OPERATION_ERR errorCode) {
  pushResult(EventKind::DeleteChannelAttributes, requestId, errorCode);
}

void ServiceEvents::onClearChannelAttributesResult(long long requestId, ATTRIBUTE_OPERATION_ERR errorCode) {
  pushResult(EventKind::ClearChannelAttributes, requestId, errorCode);
}

void ServiceEvents::onGetChannelAttributesResult(long long requestId, const IRtmChannelAttribute* attributes[],
                                                 int numberOfAttributes, ATTRIBUTE_OPERATION_ERR errorCode) {
  push(EventKind::ChannelAttributesResult, [&](Record& record) {
    record.code(errorCode).number(requestId);
    writeAttributes(record, attributes, numberOfAttributes);
  });
}

void ServiceEvents::onGetChannelMemberCountResult(long long requestId, const ChannelMemberCount* channelMemberCounts,
                                                  int channelCount, GET_CHANNEL_MEMBER_COUNT_ERR_CODE errorCode) {
  push(EventKind::MemberCounts, [&](Record& record) {
    record.code(errorCode).number(requestId).code(channelCount);
    for (int i = 0; i < channelCount; ++i) {
      record.text(orEmpty(channelMemberCounts[i].channelId)).code(channelMemberCounts[i].count);
    }
  });
}

void ServiceEvents::onHistoryQueryResult(long long requestId, const client::HistoryMessage* messages, int messageCount,
                                         unsigned total, client::HISTORY_ERR_CODE errorCode) {
  push(EventKind::HistoryResult, [&](Record& record) {
    record.code(errorCode).number(requestId).code(static_cast<int>(total)).code(messageCount);
    for (int i = 0; i < messageCount; ++i) {
      const client::HistoryMessage& message = messages[i];
      record.text(orEmpty(message.source)).text(orEmpty(message.destination)).code(message.channel ? 1 : 0);
      record.number(message.serverReceivedTs).text(message.text);
    }
  });
}

}  // namespace rtm::binding
