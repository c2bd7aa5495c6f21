#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>

#include "base/process_life.hpp"

namespace rtm::sdk {

/// The last `kMost` objects whose pointers a program may still use although they are gone. Any thread.
template <typename Object, std::size_t kMost>
class KeptForRelease {
 public:
  void keep(Object object) {
    Object dropped;  // dies outside the lock
    const std::lock_guard lock(mutex_);
    if (!life::isOurs(life_)) {
      // A child of fork(): to destroy what its parent made would need threads of the parent.
      objects_ = new std::deque<Object>;
      life_ = life::now();
    }
    objects_->push_back(std::move(object));
    if (objects_->size() <= kMost) return;
    dropped = std::move(objects_->front());
    objects_->pop_front();
  }

 private:
  ProcessMutex mutex_;
  life::Number life_ = life::now();
  std::deque<Object>* objects_ = new std::deque<Object>;
};

}  // namespace rtm::sdk
