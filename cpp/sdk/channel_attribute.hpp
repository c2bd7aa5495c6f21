#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "IAgoraRtmService.h"
#include "client/api/attribute_values.hpp"

namespace rtm::sdk {

/// A channel attribute: made by the user for a write, or by the SDK for one callback.
class ChannelAttribute final : public agora::rtm::IRtmChannelAttribute {
 public:
  ChannelAttribute() = default;
  explicit ChannelAttribute(const client::ChannelAttributeView& view)
      : key_(view.key), value_(view.value), updatedBy_(view.updatedBy), updatedMs_(view.updatedMs) {}
  ~ChannelAttribute() override = default;

  void setKey(const char* key) override { key_ = key != nullptr ? key : ""; }
  const char* getKey() const override { return key_.c_str(); }
  void setValue(const char* value) override { value_ = value != nullptr ? value : ""; }
  const char* getValue() const override { return value_.c_str(); }
  const char* getLastUpdateUserId() const override { return updatedBy_.c_str(); }
  long long getLastUpdateTs() const override { return updatedMs_; }
  void release() override {
    if (ownedByUser_) delete this;
  }

  /// As createChannelAttribute() gives it out: release() frees it.
  static ChannelAttribute* forUser() {
    auto* attribute = new ChannelAttribute;
    attribute->ownedByUser_ = true;
    return attribute;
  }

 private:
  std::string key_;
  std::string value_;
  std::string updatedBy_;
  long long updatedMs_ = 0;
  bool ownedByUser_ = false;
};

/// Attributes as one callback is given them.
class ChannelAttributeList {
 public:
  explicit ChannelAttributeList(std::span<const client::ChannelAttributeView> views)
      : attributes_(views.begin(), views.end()) {
    pointers_.reserve(attributes_.size());
    for (const ChannelAttribute& attribute : attributes_) pointers_.push_back(&attribute);
  }
  const agora::rtm::IRtmChannelAttribute** pointers() { return pointers_.data(); }
  int size() const { return static_cast<int>(pointers_.size()); }

 private:
  std::vector<ChannelAttribute> attributes_;
  std::vector<const agora::rtm::IRtmChannelAttribute*> pointers_;
};

}  // namespace rtm::sdk
