#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "server/model/names.hpp"

namespace rtm::server {

/// How the bytes of one store are shared by the Apps of a server (docs/decisions/017-memory.md). An App that is alone
/// has all of them. Of several, each has at most half, and leaves to every other what that has not used of its
/// guarantee, which is an equal part of the other half. So no App can fill the store, and none finds it full before its
/// guarantee.
class AppShares {
 public:
  AppShares(std::uint64_t most, std::size_t apps)
      : most_(most),
        apps_(std::max<std::size_t>(apps, 1)),
        guarantee_(apps_ == 1 ? 0 : most / 2 / apps_),
        bytes_(apps_, 0) {}

  /// What an App may have at most.
  std::uint64_t mostOf() const { return apps_ == 1 ? most_ : most_ / 2; }
  /// How many bytes more the App may have now; negative if it has too many.
  std::int64_t room(AppNumber app) const {
    const std::size_t asking = static_cast<std::size_t>(app);
    std::uint64_t taken = all_;
    for (std::size_t other = 0; other < apps_; ++other) {
      if (other != asking && bytes_[other] < guarantee_) taken += guarantee_ - bytes_[other];
    }
    return std::min(difference(mostOf(), used(app)), difference(most_, taken));
  }
  void add(AppNumber app, std::uint64_t bytes) {
    const std::size_t index = static_cast<std::size_t>(app);
    if (index >= bytes_.size()) bytes_.resize(index + 1, 0);
    bytes_[index] += bytes;
    all_ += bytes;
  }
  void remove(AppNumber app, std::uint64_t bytes) {
    bytes_[static_cast<std::size_t>(app)] -= bytes;
    all_ -= bytes;
  }
  /// Bytes that belong to no App of this server, such as the bytes of an App that was taken out of its configuration.
  void addOutside(std::uint64_t bytes) { all_ += bytes; }
  void removeOutside(std::uint64_t bytes) { all_ -= bytes; }

  std::uint64_t used(AppNumber app) const {
    const std::size_t index = static_cast<std::size_t>(app);
    return index < bytes_.size() ? bytes_[index] : 0;
  }
  std::uint64_t used() const { return all_; }

 private:
  static std::int64_t difference(std::uint64_t a, std::uint64_t b) {
    return static_cast<std::int64_t>(a) - static_cast<std::int64_t>(b);
  }

  std::uint64_t most_;
  std::size_t apps_;
  std::uint64_t guarantee_;
  std::vector<std::uint64_t> bytes_;  ///< indexed by AppNumber
  std::uint64_t all_ = 0;
};

}  // namespace rtm::server
