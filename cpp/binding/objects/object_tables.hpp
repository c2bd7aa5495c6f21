#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "binding/mailbox/mailbox.hpp"
#include "binding/objects/handle_table.hpp"
#include "binding/objects/server_object.hpp"
#include "binding/objects/service_object.hpp"

namespace rtm::binding {

/// All objects made from one JavaScript environment, by handle. A handle is a number that is never used twice, so that
/// a late event or call of a released object cannot reach another object. A handle of 0 stands for a null object.
/// JavaScript thread only.
class ObjectTables {
 public:
  explicit ObjectTables(std::shared_ptr<Mailbox> mailbox) : mailbox_(std::move(mailbox)) {}

  HandleTable<ServiceObject>& services() { return services_; }
  HandleTable<ChannelObject>& channels() { return channels_; }
  HandleTable<ServiceInvitations>& serviceInvitations() { return serviceInvitations_; }
  HandleTable<OutgoingInvitation>& outgoingInvitations() { return outgoingInvitations_; }
  HandleTable<ServerObject>& servers() { return servers_; }
  std::uint32_t newHandle();

  /// 0: the I/O thread of the client cannot be started.
  std::uint32_t createService();
  /// Also releases the channels and invitations of the service. No event of the service follows.
  void releaseService(std::uint32_t handle, bool sync);

  /// 0: refused. lib/ asks once for each id, because the core has one object for each id.
  std::uint32_t createChannel(std::uint32_t owner, std::string_view channelId);
  void releaseChannel(std::uint32_t handle);

  /// The same handle for each call of one service; 0: the service is released or not initialized.
  std::uint32_t openInvitations(std::uint32_t owner);
  void closeInvitations(std::uint32_t handle);
  /// 0: refused.
  std::uint32_t createInvitation(std::uint32_t owner, std::string_view calleeId);
  void releaseInvitation(std::uint32_t handle);

  /// Services first, so that their goodbyes still reach a server of this environment; then the servers. Waits until the
  /// goodbyes have left the process.
  void releaseAll();

 private:
  void end(ServiceInvitations& invitations);

  const std::shared_ptr<Mailbox> mailbox_;
  std::uint32_t lastHandle_ = 0;
  // Channels and invitations use the throttle of their service: services outlive them.
  HandleTable<ServiceObject> services_;
  HandleTable<ChannelObject> channels_;
  HandleTable<ServiceInvitations> serviceInvitations_;
  HandleTable<OutgoingInvitation> outgoingInvitations_;
  HandleTable<ServerObject> servers_;
};

}  // namespace rtm::binding
