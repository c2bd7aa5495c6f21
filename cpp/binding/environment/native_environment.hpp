#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "binding/environment/text_memory.hpp"
#include "binding/mailbox/batch_columns.hpp"
#include "binding/mailbox/doorbell.hpp"
#include "binding/mailbox/mailbox.hpp"
#include "binding/napi_setup.hpp"
#include "binding/objects/object_tables.hpp"

namespace rtm::binding {

/// The native side of one JavaScript environment: a mailbox with its doorbell, the columns that show batches, and all
/// objects made there. Lives on the JavaScript thread; other threads see the mailbox and the doorbell only.
///
/// End of life: shutDown() runs from a cleanup hook of the environment, which is registered after the thread-safe
/// function and therefore runs before Node's own hook. The order is doorbell, mailbox, services, servers:
/// - the doorbell first, because Node frees its thread-safe function after this hook;
/// - the mailbox next, so that services and servers which end put in no more events;
/// - services and servers last, because their end waits for threads that may still ring and push.
/// Destructors and finalizers that run later only free memory.
class NativeEnvironment {
 public:
  /// Opens an environment whose doorbell calls `pump`, and which fills `columns`. `handle` stands for it where a
  /// program looks at its open handles. Null: Node refuses.
  static std::unique_ptr<NativeEnvironment> open(napi_env env, napi_value pump, napi_value columns, napi_value handle);
  ~NativeEnvironment();
  NativeEnvironment(const NativeEnvironment&) = delete;
  NativeEnvironment& operator=(const NativeEnvironment&) = delete;

  Doorbell& doorbell() { return *doorbell_; }
  const std::shared_ptr<Mailbox>& mailbox() { return mailbox_; }
  BatchColumns& columns() { return columns_; }
  TextMemory& textMemory() { return textMemory_; }
  ObjectTables& objects() { return objects_; }

  /// Shows the next batch in the columns and returns its text. Null: the mailbox is empty. Services that were stopped
  /// because the mailbox was too full go on here.
  napi_value drain();

  enum class End {
    Environment,  ///< called from Node's cleanup hook: Node-API still works
    Process,      ///< called by a handler of exit(): no environment is left to speak to
  };
  void shutDown(End end);

 private:
  explicit NativeEnvironment(napi_env env);
  bool attach(napi_value pump, napi_value columns, napi_value handle);

  const napi_env env_;
  const std::shared_ptr<Doorbell> doorbell_;
  const std::shared_ptr<Mailbox> mailbox_;
  TextMemory textMemory_;
  BatchColumns columns_;
  std::vector<std::uint32_t> resumable_;
  ObjectTables objects_;
  bool down_ = false;
};

}  // namespace rtm::binding
