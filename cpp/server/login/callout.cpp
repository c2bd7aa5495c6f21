#include <string>
#include <utility>

#include "server/gateway/callout_questions.hpp"
#include "server/login/handlers.hpp"
#include "server/model/codes.hpp"

namespace rtm::server {

void askAboutLogin(Gateway& gateway, ClientConnection& connection, const Admission& admission, std::string_view userId,
                   Admitted done) {
  if (!gateway.permissions().asks(CalloutEvent::Login)) return done(connection, admission, {});
  auto answered = [&gateway, admission, user = std::string(userId), then = std::move(done)](
                      ClientConnection* asking, CalloutAnswer answer) mutable {
    if (asking == nullptr || gateway.turnAway(*asking)) return;
    Admission told = admission;
    if (!answer.allowed && answer.known) {
      told.code = code::login::kNotAuthorized;
      told.denied = true;
      told.reason = "the callout does not allow it";
      noteRefusedLogin(gateway, *asking, told, gateway.context().policy(told.app).appId, user);
    } else if (!answer.allowed) {
      // This is no refusal of the user: the client tries again, here or at another server.
      return asking->close({.code = wire::ByeCode::Overloaded,
                            .reason = "nobody can say now whether the user may log in",
                            .retryAfterMs = kRetryAfterCalloutMs,
                            .endpoints = {}});
    }
    then(*asking, told, std::move(answer.roles));
  };
  askCallout(gateway, connection, CalloutEvent::Login, {admission.app, userId}, {}, std::move(answered));
}

}  // namespace rtm::server
