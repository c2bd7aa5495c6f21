#include "net/loop/hooks.hpp"

namespace rtm::net {
namespace {

/// How deep hooks may schedule hooks within one turn end. Beyond it sockets and tasks get their turn first: a sender
/// that refills a link each time the link drains must not keep the loop from reading.
constexpr std::uint64_t kMaxDepth = 16;

}  // namespace

TurnHook::~TurnHook() {
  if (list_ != nullptr) list_->remove(*this);
}

StopHook::~StopHook() {
  if (list_ != nullptr) list_->remove(*this);
}

void TurnHookList::add(TurnHook& hook) {
  if (hook.list_ != nullptr) return;
  hook.list_ = this;
  hook.depth_ = depth_;
  hook.next_ = nullptr;
  hook.previous_ = last_;
  (last_ != nullptr ? last_->next_ : first_) = &hook;
  last_ = &hook;
}

void TurnHookList::remove(TurnHook& hook) {
  (hook.previous_ != nullptr ? hook.previous_->next_ : first_) = hook.next_;
  (hook.next_ != nullptr ? hook.next_->previous_ : last_) = hook.previous_;
  hook.list_ = nullptr;
}

bool TurnHookList::run() {
  if (first_ == nullptr) return false;
  const std::uint64_t limit = first_->depth_ + kMaxDepth;
  while (first_ != nullptr && first_->depth_ < limit) {
    TurnHook& hook = *first_;
    remove(hook);
    depth_ = hook.depth_ + 1;
    hook.onTurnEnd();
  }
  return first_ != nullptr;
}

void StopHookList::add(StopHook& hook) {
  if (hook.list_ != nullptr) return;
  hook.list_ = this;
  hook.previous_ = nullptr;
  hook.next_ = first_;
  if (first_ != nullptr) first_->previous_ = &hook;
  first_ = &hook;
}

void StopHookList::remove(StopHook& hook) {
  (hook.previous_ != nullptr ? hook.previous_->next_ : first_) = hook.next_;
  if (hook.next_ != nullptr) hook.next_->previous_ = hook.previous_;
  hook.list_ = nullptr;
}

void StopHookList::run() {
  while (first_ != nullptr) {
    StopHook& hook = *first_;
    remove(hook);
    hook.onLoopStop();
  }
}

}  // namespace rtm::net
