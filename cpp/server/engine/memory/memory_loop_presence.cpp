// The presence and attribute operations of MemoryLoop.

#include <utility>

#include "server/engine/memory/memory_loop.hpp"

namespace rtm::server {
namespace {

/// Users of one call that have the same owner.
struct Share {
  std::vector<std::string> userIds;
  std::vector<std::size_t> positions;  ///< in the call
};

/// The users of a call by owner, so that a call costs one task for each loop.
template <typename OwnerOf>
std::vector<Share> divide(std::vector<std::string> userIds, std::uint32_t loops, OwnerOf&& ownerOf) {
  std::vector<Share> shares(loops);
  for (std::size_t i = 0; i < userIds.size(); ++i) {
    Share& share = shares[ownerOf(userIds[i])];
    share.userIds.push_back(std::move(userIds[i]));
    share.positions.push_back(i);
  }
  std::erase_if(shares, [](const Share& share) { return share.userIds.empty(); });
  return shares;
}

}  // namespace

void MemoryLoop::presence(AppNumber app, std::vector<std::string> userIds,
                          MoveFunction<void(std::vector<wire::PresenceState>)> done) {
  struct Gathering {  // touched on this loop only
    std::vector<wire::PresenceState> states;
    std::size_t left = 0;
    MoveFunction<void(std::vector<wire::PresenceState>)> done;
  };
  if (userIds.empty()) return done({});
  const auto gathering = std::make_shared<Gathering>();
  gathering->states.resize(userIds.size());
  gathering->done = std::move(done);
  const auto ownerOfUser = [&](const std::string& id) { return ownerOf(PartitionKind::User, {app, id}); };
  std::vector<Share> shares = divide(std::move(userIds), shared_.parameters.loops, ownerOfUser);
  gathering->left = shares.size();
  for (Share& part : shares) {
    const ScopedKey first({app, part.userIds.front()});
    atOwner(PartitionKind::User, first.view(),
            [gathering, app, share = std::move(part), home = index_](MemoryLoop& owner) mutable {
              std::vector<wire::PresenceState> states;
              states.reserve(share.userIds.size());
              for (const std::string& userId : share.userIds) states.push_back(owner.users_.presence({app, userId}));
              owner.outlet_.runOn(home, [gathering, positions = std::move(share.positions), found = std::move(states)] {
                for (std::size_t i = 0; i < positions.size(); ++i) gathering->states[positions[i]] = found[i];
                if (--gathering->left == 0) gathering->done(std::move(gathering->states));
              });
            });
  }
}

void MemoryLoop::watch(AppNumber app, std::vector<std::string> userIds, Task done) {
  struct Gathering {  // touched on this loop only
    std::size_t left = 0;
    Task done;
  };
  if (userIds.empty()) return done();
  const auto gathering = std::make_shared<Gathering>();
  gathering->done = std::move(done);
  const auto ownerOfUser = [&](const std::string& id) { return ownerOf(PartitionKind::User, {app, id}); };
  std::vector<Share> shares = divide(std::move(userIds), shared_.parameters.loops, ownerOfUser);
  gathering->left = shares.size();
  for (Share& part : shares) {
    const ScopedKey first({app, part.userIds.front()});
    atOwner(PartitionKind::User, first.view(),
            [gathering, app, share = std::move(part), home = index_](MemoryLoop& owner) mutable {
              for (const std::string& userId : share.userIds) owner.users_.watch({app, userId}, home);
              owner.outlet_.runOn(home, [gathering] {  // after the states, in the same queue
                if (--gathering->left == 0) gathering->done();
              });
            });
  }
}

void MemoryLoop::unwatch(AppNumber app, std::vector<std::string> userIds) {
  const auto ownerOfUser = [&](const std::string& id) { return ownerOf(PartitionKind::User, {app, id}); };
  for (Share& part : divide(std::move(userIds), shared_.parameters.loops, ownerOfUser)) {
    const ScopedKey first({app, part.userIds.front()});
    atOwner(PartitionKind::User, first.view(), [app, share = std::move(part), home = index_](MemoryLoop& owner) {
      for (const std::string& userId : share.userIds) owner.users_.unwatch({app, userId}, home);
    });
  }
}

void MemoryLoop::noteSilence(const ScopedName& user, std::uint64_t fence, bool silent) {
  atOwner(PartitionKind::User, user, [key = ScopedKey(user), fence, silent](MemoryLoop& owner) {
    owner.users_.noteSilence(key.view(), fence, silent);
  });
}

void MemoryLoop::writeUserAttributes(AttributeWriteRequest request, MoveFunction<void(std::uint32_t)> done) {
  const ScopedKey key({request.app, request.owner});
  atOwner(PartitionKind::User, key.view(),
          [what = std::move(request), reply = Reply<std::uint32_t>{index_, std::move(done)}](
              MemoryLoop& owner) mutable { reply.send(owner.outlet_, owner.users_.writeAttributes(what)); });
}

void MemoryLoop::userAttributes(const ScopedName& user, std::vector<std::string> keys,
                                MoveFunction<void(AttributesOutcome)> done) {
  atOwner(PartitionKind::User, user,
          [key = ScopedKey(user), wanted = std::move(keys), reply = Reply<AttributesOutcome>{index_, std::move(done)}](
              MemoryLoop& owner) mutable { reply.send(owner.outlet_, owner.users_.attributes(key.view(), wanted)); });
}

void MemoryLoop::writeChannelAttributes(AttributeWriteRequest request, MoveFunction<void(ChannelWriteOutcome)> done) {
  const ScopedKey key({request.app, request.owner});
  atOwner(PartitionKind::Channel, key.view(),
          [what = std::move(request), reply = Reply<ChannelWriteOutcome>{index_, std::move(done)}](
              MemoryLoop& owner) mutable { reply.send(owner.outlet_, owner.channels_.writeAttributes(what)); });
}

void MemoryLoop::channelAttributes(const ScopedName& channel, std::vector<std::string> keys,
                                   MoveFunction<void(AttributesOutcome)> done) {
  atOwner(
      PartitionKind::Channel, channel,
      [key = ScopedKey(channel), wanted = std::move(keys), reply = Reply<AttributesOutcome>{index_, std::move(done)}](
          MemoryLoop& owner) mutable { reply.send(owner.outlet_, owner.channels_.attributes(key.view(), wanted)); });
}

}  // namespace rtm::server
