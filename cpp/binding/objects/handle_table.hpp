#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>

namespace rtm::binding {

/// Objects of one kind by handle, with their owner.
template <typename T>
class HandleTable {
 public:
  /// Null: no such object, or no longer.
  T* find(std::uint32_t handle) const {
    const auto found = objects_.find(handle);
    return found != objects_.end() ? found->second.get() : nullptr;
  }
  T& add(std::uint32_t handle, std::unique_ptr<T> object) { return *(objects_[handle] = std::move(object)); }
  /// Null: no such object.
  std::unique_ptr<T> remove(std::uint32_t handle) {
    const auto found = objects_.find(handle);
    if (found == objects_.end()) {
      return nullptr;
    }
    std::unique_ptr<T> object = std::move(found->second);
    objects_.erase(found);
    return object;
  }
  const std::unordered_map<std::uint32_t, std::unique_ptr<T>>& all() const { return objects_; }
  void clear() { objects_.clear(); }

 private:
  std::unordered_map<std::uint32_t, std::unique_ptr<T>> objects_;
};

}  // namespace rtm::binding
