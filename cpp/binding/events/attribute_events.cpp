#include "binding/events/sdk_records.hpp"
#include "binding/events/service_events.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

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

}  // namespace rtm::binding
