#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace rtm {

/// A queue, first in, first out, in one piece of memory: the items can be searched like an array, an empty line holds
/// no large memory, and a busy line does not allocate. (std::deque holds 576 bytes from the start and allocates every
/// 512 bytes.)
template <typename T>
class Line {
 public:
  bool empty() const { return first_ == items_.size(); }
  std::size_t size() const { return items_.size() - first_; }

  T& operator[](std::size_t index) { return items_[first_ + index]; }
  const T& operator[](std::size_t index) const { return items_[first_ + index]; }
  T& front() { return items_[first_]; }
  T& back() { return items_.back(); }
  auto begin() { return items_.begin() + static_cast<std::ptrdiff_t>(first_); }
  auto end() { return items_.end(); }
  auto begin() const { return items_.begin() + static_cast<std::ptrdiff_t>(first_); }
  auto end() const { return items_.end(); }

  /// Moves the remaining items to the front only so often that all pushes together cost at most two moves each.
  void push(T item) {
    if (items_.size() == items_.capacity() && first_ > items_.size() / 2) {
      items_.erase(items_.begin(), begin());
      first_ = 0;
    }
    items_.push_back(std::move(item));
  }

  void popFront() {
    items_[first_] = T{};  // frees the memory of the item now
    if (++first_ != items_.size()) return;
    first_ = 0;
    if (items_.capacity() > kKept) {
      std::vector<T>().swap(items_);  // assigning an empty list would keep the memory
    } else {
      items_.clear();
    }
  }

  void swap(Line& other) {
    items_.swap(other.items_);
    std::swap(first_, other.first_);
  }

 private:
  /// An empty line keeps memory for this many items.
  static constexpr std::size_t kKept = 256;
  std::vector<T> items_;
  std::size_t first_ = 0;  ///< the items before it have been taken
};

}  // namespace rtm
