#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rtm::sdk {

/// Views as C strings, which live as long as this.
class CStrings {
 public:
  explicit CStrings(std::span<const std::string_view> views) : texts_(views.begin(), views.end()) {
    pointers_.reserve(texts_.size());
    for (const std::string& text : texts_) pointers_.push_back(text.c_str());
  }
  const char** data() { return pointers_.data(); }
  const char* at(std::size_t index) const { return pointers_[index]; }

 private:
  std::vector<std::string> texts_;
  std::vector<const char*> pointers_;
};

template <typename Value, typename Id>
CStrings idsOf(std::span<const Value> values, Id Value::*id) {
  std::vector<std::string_view> views;
  views.reserve(values.size());
  for (const Value& value : values) views.push_back(value.*id);
  return CStrings(views);
}

}  // namespace rtm::sdk
