#include "binding/code_number.hpp"
#include "binding/events/attribute_record.hpp"
#include "binding/events/event_records.hpp"
#include "binding/events/service_events.hpp"

namespace rtm::binding {
namespace {

EventKind userKind(client::AttributeWrite write) {
  switch (write) {
    case client::AttributeWrite::Set:
      return EventKind::SetUserAttributes;
    case client::AttributeWrite::Merge:
      return EventKind::AddUserAttributes;
    case client::AttributeWrite::Delete:
      return EventKind::DeleteUserAttributes;
    case client::AttributeWrite::Clear:
      break;
  }
  return EventKind::ClearUserAttributes;
}

EventKind channelKind(client::AttributeWrite write) {
  switch (write) {
    case client::AttributeWrite::Set:
      return EventKind::SetChannelAttributes;
    case client::AttributeWrite::Merge:
      return EventKind::AddChannelAttributes;
    case client::AttributeWrite::Delete:
      return EventKind::DeleteChannelAttributes;
    case client::AttributeWrite::Clear:
      break;
  }
  return EventKind::ClearChannelAttributes;
}

}  // namespace

void ServiceEvents::onUserAttributesWritten(client::RequestId request, client::AttributeWrite write,
                                            client::AttributeCode code) {
  sink_.push(userKind(write), [&](Record& record) { records::writePlainResult(record, numberOf(code), request); });
}

void ServiceEvents::onUserAttributes(client::RequestId request, std::string_view userId,
                                     std::span<const client::AttributeView> attributes, client::AttributeCode code) {
  sink_.push(EventKind::UserAttributes, [&](Record& record) {
    records::writeUserAttributes(record, numberOf(code), request, userId, attributes.size(),
                                 [&](Record& to, std::size_t index) {
                                   records::writeAttribute(to, attributes[index].key, attributes[index].value);
                                 });
  });
}

void ServiceEvents::onChannelAttributesWritten(client::RequestId request, client::AttributeWrite write,
                                               client::AttributeCode code) {
  sink_.push(channelKind(write), [&](Record& record) { records::writePlainResult(record, numberOf(code), request); });
}

void ServiceEvents::onChannelAttributes(client::RequestId request,
                                        std::span<const client::ChannelAttributeView> attributes,
                                        client::AttributeCode code) {
  sink_.push(EventKind::ChannelAttributesResult, [&](Record& record) {
    records::writeChannelAttributesResult(record, numberOf(code), request, attributes.size(),
                                          attributeWriter(attributes));
  });
}

}  // namespace rtm::binding
