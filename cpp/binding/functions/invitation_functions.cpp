// Functions of a port that concern call invitations. An unknown handle (of something released, or 0) is answered like a
// foreign invitation.

#include "binding/environment/native_environment.hpp"
#include "binding/functions/function_table.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

/// A text as a C string, which cannot hold an inner NUL and must not be changed on its way.
bool isCString(const TextArgument& text) {
  return text.data != nullptr && text.wellFormed && text.view().find('\0') == std::string_view::npos;
}

/// Handle of a service's call manager; 0: it has none (not initialised, or released).
napi_value createManager(Call& call) {
  const std::uint32_t owner = call.word(0);
  return call.failed() ? nullptr : call.wordResult(call.port().createCallManager(owner));
}

napi_value releaseManager(Call& call) {
  const std::uint32_t handle = call.word(0);
  if (!call.failed()) {
    call.port().releaseCallManager(handle);
  }
  return nullptr;
}

/// Handle of a new invitation; 0: refused.
napi_value createInvitation(Call& call) {
  const std::uint32_t owner = call.word(0);
  const char* calleeId = call.cString(1);
  return call.failed() ? nullptr : call.wordResult(call.port().createInvitation(owner, calleeId));
}

napi_value releaseInvitation(Call& call) {
  const std::uint32_t handle = call.word(0);
  if (!call.failed()) {
    call.port().releaseInvitation(handle);
  }
  return nullptr;
}

/// (invitation, content, channel id)
napi_value sendInvitation(Call& call) {
  const InvitationObject* object = call.port().invitations().find(call.word(0));
  const TextArgument content = call.text(1);
  const char* channelId = call.cString(2);
  if (call.failed()) {
    return nullptr;
  }
  if (object == nullptr || !isCString(content)) {
    return call.integerResult(INVITATION_API_CALL_ERR_INVALID_ARGUMENT);
  }
  object->invitation->setContent(content.data);
  object->invitation->setChannelId(channelId);
  return call.integerResult(object->manager->sendLocalInvitation(object->invitation));
}

napi_value cancel(Call& call) {
  const InvitationObject* object = call.port().invitations().find(call.word(0));
  if (call.failed()) {
    return nullptr;
  }
  return call.integerResult(object != nullptr ? object->manager->cancelLocalInvitation(object->invitation)
                                              : INVITATION_API_CALL_ERR_INVALID_ARGUMENT);
}

/// (manager, number, whether to accept, response)
napi_value answer(Call& call) {
  const CallManagerObject* object = call.port().callManagers().find(call.word(0));
  const std::uint32_t number = call.word(1);
  const bool accept = call.boolean(2);
  const TextArgument response = call.text(3);
  if (call.failed()) {
    return nullptr;
  }
  if (object == nullptr || !isCString(response)) {
    return call.integerResult(INVITATION_API_CALL_ERR_INVALID_ARGUMENT);
  }
  // The hold keeps the object's address from meaning another invitation while the call is on its way to the core.
  const std::shared_ptr<IRemoteCallInvitation> invitation = object->events.remote(number);
  if (invitation == nullptr) {
    return call.integerResult(INVITATION_API_CALL_ERR_ALREADY_END);
  }
  invitation->setResponse(response.data);
  return call.integerResult(accept ? object->manager->acceptRemoteInvitation(invitation.get())
                                   : object->manager->refuseRemoteInvitation(invitation.get()));
}

}  // namespace

bool addCallManagerCalls(napi_env env, napi_value object, Port* port) {
  return addMethods(env, object, port,
                    {method<createManager>("createCallManager"), method<releaseManager>("callManagerRelease"),
                     method<createInvitation>("createInvitation"), method<releaseInvitation>("invitationRelease"),
                     method<sendInvitation>("invitationSend"), method<cancel>("invitationCancel"),
                     method<answer>("remoteInvitationAnswer")});
}

}  // namespace rtm::binding
