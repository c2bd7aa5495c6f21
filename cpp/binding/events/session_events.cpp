#include "binding/events/sdk_records.hpp"
#include "binding/events/service_events.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

void ServiceEvents::onLoginSuccess() {
  push(EventKind::LoginSuccess);
}

void ServiceEvents::onLoginFailure(LOGIN_ERR_CODE errorCode) {
  push(EventKind::LoginFailure, [&](Record& record) { record.code(errorCode); });
}

void ServiceEvents::onRenewTokenResult(const char* token, RENEW_TOKEN_ERR_CODE errorCode) {
  push(EventKind::RenewTokenResult, [&](Record& record) { record.code(errorCode).text(orEmpty(token)); });
}

void ServiceEvents::onTokenExpired() {
  push(EventKind::TokenExpired);
}

void ServiceEvents::onTokenPrivilegeWillExpire() {
  push(EventKind::TokenWillExpire);
}

void ServiceEvents::onLogout(LOGOUT_ERR_CODE errorCode) {
  push(EventKind::Logout, [&](Record& record) { record.code(errorCode); });
}

void ServiceEvents::onConnectionStateChanged(CONNECTION_STATE state, CONNECTION_CHANGE_REASON reason) {
  push(EventKind::ConnectionState, [&](Record& record) { record.code(state).code(reason); });
}

void ServiceEvents::onEstablished(const Established& established) {
  push(EventKind::LinkEstablished, [&](Record& record) {
    record.word(static_cast<std::uint32_t>(established.how))
        .word(established.complete ? 1 : 0)
        .number(static_cast<long long>(established.tookMs))
        .text(established.server);
  });
}

}  // namespace rtm::binding
