#include "binding/code_number.hpp"
#include "binding/events/event_records.hpp"
#include "binding/events/service_events.hpp"

namespace rtm::binding {

void ServiceEvents::onConnectionState(client::ConnectionState state, client::ConnectionReason reason) {
  sink_.push(EventKind::ConnectionState, [&](Record& record) {
    records::writeConnectionState(record, static_cast<std::uint32_t>(state), static_cast<std::uint32_t>(reason));
  });
}

void ServiceEvents::onEstablished(const client::Established& established) {
  sink_.push(EventKind::LinkEstablished, [&](Record& record) {
    records::writeLinkEstablished(record, static_cast<std::uint32_t>(established.how), established.complete,
                                  static_cast<long long>(established.tookMs), established.server);
  });
}

void ServiceEvents::onLoginSuccess() {
  sink_.push(EventKind::LoginSuccess);
}

void ServiceEvents::onLoginFailure(client::LoginCode code) {
  sink_.push(EventKind::LoginFailure, [&](Record& record) { records::writeLoginFailure(record, numberOf(code)); });
}

void ServiceEvents::onLogout(client::LogoutCode code) {
  sink_.push(EventKind::Logout, [&](Record& record) { records::writeLogout(record, numberOf(code)); });
}

void ServiceEvents::onRenewTokenResult(std::string_view token, client::RenewTokenCode code) {
  sink_.push(EventKind::RenewTokenResult,
             [&](Record& record) { records::writeRenewTokenResult(record, numberOf(code), token); });
}

void ServiceEvents::onTokenExpired() {
  sink_.push(EventKind::TokenExpired);
}

void ServiceEvents::onTokenWillExpire() {
  sink_.push(EventKind::TokenWillExpire);
}

}  // namespace rtm::binding
