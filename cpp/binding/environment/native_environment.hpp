#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "binding/arguments/arguments.hpp"
#include "binding/environment/doorbell.hpp"
#include "binding/environment/mailbox.hpp"
#include "binding/environment/napi_setup.hpp"
#include "binding/objects/handle_table.hpp"

namespace rtm::binding {

/// What one JavaScript environment has of the core: a mailbox with its doorbell, the columns into which batches are
/// drained, and all objects made from there. Lives on the JavaScript thread; other threads see the mailbox only.
///
/// End of life, in this order (research of other addons: every other order has crashed somebody): the cleanup hook of
/// the environment, registered after the thread-safe function and so run before Node's own, calls shutDown(): doorbell,
/// mailbox, servers, services. Destructors and finalizers after that only free memory.
class Port {
 public:
  /// Makes a port whose doorbell calls `pump`, and which fills `columns`. Null if Node refuses.
  static std::unique_ptr<Port> open(napi_env env, napi_value pump, napi_value columns);
  ~Port();
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  Scratch& scratch() { return scratch_; }
  Doorbell& doorbell() { return *doorbell_; }
  const std::shared_ptr<Mailbox>& mailbox() { return mailbox_; }

  // Draining (port_drain.cpp).
  napi_value drain();
  napi_value takeBytes();
  napi_value takeOwnBuffer(std::uint32_t index);
  /// Result of a call beside its return value.
  void setOut(double value);
  /// What JavaScript wrote there before the call: kArguments numbers.
  const double* arguments() const { return arguments_; }
  static constexpr std::size_t kArguments = 3;

  // Objects.
  Objects<ServiceObject>& services() { return services_; }
  Objects<ChannelObject>& channels() { return channels_; }
  Objects<ServerObject>& servers() { return servers_; }
  Objects<CallManagerObject>& callManagers() { return callManagers_; }
  Objects<InvitationObject>& invitations() { return invitations_; }
  std::uint32_t newHandle();

  void releaseService(std::uint32_t handle, bool sync);
  void releaseChannel(std::uint32_t handle);

  // Call invitations (port_invitations.cpp). A handle of 0 stands for a null object of the core.
  std::uint32_t createCallManager(std::uint32_t owner);
  void releaseCallManager(std::uint32_t handle);
  std::uint32_t createInvitation(std::uint32_t owner, const char* calleeId);
  void releaseInvitation(std::uint32_t handle);

  /// The end of the environment. `byNode`: called from Node's cleanup hook, so Node-API still works; otherwise from
  /// the end of the process, when it does not.
  void shutDown(bool byNode);

 private:
  explicit Port(napi_env env);
  bool attach(napi_value pump, napi_value columns);
  bool growColumns(std::size_t words, std::size_t numbers);
  static void cleanUp(void* port);
  void endCallManager(CallManagerObject& object);

  /// A typed array that JavaScript reads, in memory that V8 owns.
  template <typename T>
  struct Column {
    T* data = nullptr;
    std::size_t capacity = 0;
  };
  template <typename T>
  bool replaceColumn(Column<T>& column, std::size_t capacity, napi_typedarray_type type, const char* name);

  const napi_env env_;
  const std::shared_ptr<Doorbell> doorbell_;
  const std::shared_ptr<Mailbox> mailbox_;
  Scratch scratch_;
  napi_ref columns_ = nullptr;  ///< the object that holds the columns, and so their memory
  Column<std::uint32_t> words_;
  Column<double> numbers_;
  double* out_ = nullptr;
  const double* arguments_ = nullptr;
  std::unique_ptr<Chunk> batch_;  ///< being read by JavaScript
  std::vector<std::uint32_t> resumable_;

  std::uint32_t lastHandle_ = 0;
  // Channels and call managers use the throttle of their service: services outlive them.
  Objects<ServiceObject> services_;
  Objects<ChannelObject> channels_;
  Objects<CallManagerObject> callManagers_;
  Objects<InvitationObject> invitations_;
  Objects<ServerObject> servers_;
  bool down_ = false;
};

}  // namespace rtm::binding
