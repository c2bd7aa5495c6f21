#pragma once

#include <span>
#include <string_view>

#include "client/api/attribute_codes.hpp"
#include "client/api/attribute_values.hpp"
#include "client/api/request_id.hpp"

namespace rtm::client {

/// Results of attribute calls. After an error the lists are empty. Views live until the event returns.
class AttributeEvents {
 public:
  virtual void onUserAttributesWritten(RequestId, AttributeWrite, AttributeCode) {}
  virtual void onUserAttributes(RequestId, std::string_view /*userId*/, std::span<const AttributeView>, AttributeCode) {
  }
  virtual void onChannelAttributesWritten(RequestId, AttributeWrite, AttributeCode) {}
  virtual void onChannelAttributes(RequestId, std::span<const ChannelAttributeView>, AttributeCode) {}

 protected:
  ~AttributeEvents() = default;
};

}  // namespace rtm::client
