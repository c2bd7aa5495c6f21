#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "server/bridge/bridge.hpp"
#include "server/permissions/callout.hpp"

namespace rtm::server {

/// The callout behind the bridge (lib/server/callout/callout.ts). Any loop.
class BridgeCallout final : public Callout {
 public:
  /// `events`: what it is asked about, by the names in kCalloutEventNames.
  BridgeCallout(std::shared_ptr<Bridge> bridge, std::span<const std::string> events);

  bool asks(CalloutEvent event) const override { return asked_[static_cast<std::size_t>(event)]; }
  void ask(LoopHost& home, const CalloutQuestion& question, MoveFunction<void(CalloutAnswer)> done) override;

 private:
  const std::shared_ptr<Bridge> bridge_;
  std::array<bool, kCalloutEventNames.size()> asked_{};
};

}  // namespace rtm::server
