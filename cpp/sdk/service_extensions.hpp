#pragma once

#include <memory>

#include "client/client.hpp"
#include "client/runtime/handler_lock.hpp"
#include "sdk/extensions.hpp"

namespace rtm::sdk {

// A new extension is an interface in extensions.hpp, its calls in ServiceExtensions, and its event and its handler in
// ExtensionEvents.

/// Brings the results of extensions to their handlers.
///
/// Lock: lock_, held while handlers run. The client's delivery lock comes before it.
class ExtensionEvents : public client::ClientEvents, public std::enable_shared_from_this<ExtensionEvents> {
 public:
  void setHistoryHandler(IHistoryEventHandler* handler);
  void setConnectionHandler(IConnectionEventHandler* handler);

#include "client/api/extension_event_overrides.inc"

 protected:
  ~ExtensionEvents() = default;
  /// No handler of an extension gets an event after return, unless this is called from one.
  void closeExtensions();

  client::HandlerLock lock_;  // recursive: handlers add and remove handlers

 private:
  IHistoryEventHandler* history_ = nullptr;
  IConnectionEventHandler* connection_ = nullptr;
};

/// The calls of extensions, of a service that this SDK made.
class ServiceExtensions : public IHistory, public IConnection, public IExpiry {
 public:
  virtual client::Client& core() = 0;
  virtual ExtensionEvents& events() = 0;

  // IHistory.
  void setHistoryHandler(IHistoryEventHandler* handler) override;
  int queryHistory(const HistoryQuery& query, long long& requestId) override;
  // IConnection.
  void setConnectionHandler(IConnectionEventHandler* handler) override;
  // IExpiry.
  int sendToPeer(const char* peerId, const agora::rtm::IMessage* message, const agora::rtm::SendMessageOptions& options,
                 long long expiresInMs) final;
  int sendToChannel(agora::rtm::IChannel& channel, const agora::rtm::IMessage* message,
                    const agora::rtm::SendMessageOptions& options, long long expiresInMs) final;

 protected:
  ~ServiceExtensions() = default;
};

/// Of a service that this SDK made (rtm_service.cpp).
ServiceExtensions& extensionsOf(agora::rtm::IRtmService& service);

}  // namespace rtm::sdk
