#pragma once

#include <string>

#include "IAgoraRtmService.h"

namespace rtm::client {

/// A channel attribute: made by the user for a write, or by the SDK for one callback.
class ChannelAttribute final : public agora::rtm::IRtmChannelAttribute {
 public:
  ChannelAttribute() = default;
  ChannelAttribute(std::string key, std::string value, std::string updatedBy, long long updatedMs)
      : key_(std::move(key)), value_(std::move(value)), updatedBy_(std::move(updatedBy)), updatedMs_(updatedMs) {}
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

}  // namespace rtm::client
