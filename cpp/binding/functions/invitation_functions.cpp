// Functions that concern invitations. An unknown handle (0, or of a released object) is answered like an invitation of
// another service.

#include "binding/environment/native_environment.hpp"
#include "binding/functions/function_table.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

/// A text that the core takes: not null, and as a C string unaltered.
bool isUsable(const TextArgument& text) {
  return text.data != nullptr && text.fitsCString();
}

/// Handle of the invitations of a service; 0: the service is released or not initialized.
napi_value openInvitations(Arguments& arguments) {
  const std::uint32_t owner = arguments.word(0);
  return arguments.failed() ? nullptr : arguments.wordResult(arguments.objects().openInvitations(owner));
}

napi_value closeInvitations(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  if (!arguments.failed()) {
    arguments.objects().closeInvitations(handle);
  }
  return nullptr;
}

/// Handle of a new outgoing invitation; 0: refused.
napi_value createInvitation(Arguments& arguments) {
  const std::uint32_t owner = arguments.word(0);
  const char* calleeId = arguments.cString(1);
  return arguments.failed() ? nullptr : arguments.wordResult(arguments.objects().createInvitation(owner, calleeId));
}

napi_value releaseInvitation(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  if (!arguments.failed()) {
    arguments.objects().releaseInvitation(handle);
  }
  return nullptr;
}

/// (invitation, content, channel id)
napi_value sendInvitation(Arguments& arguments) {
  const OutgoingInvitation* object = arguments.objects().outgoingInvitations().find(arguments.word(0));
  const TextArgument content = arguments.text(1);
  const char* channelId = arguments.cString(2);
  if (arguments.failed()) {
    return nullptr;
  }
  if (object == nullptr || !isUsable(content)) {
    return arguments.integerResult(INVITATION_API_CALL_ERR_INVALID_ARGUMENT);
  }
  object->invitation->setContent(content.data);
  object->invitation->setChannelId(channelId);
  return arguments.integerResult(object->manager->sendLocalInvitation(object->invitation));
}

napi_value cancel(Arguments& arguments) {
  const OutgoingInvitation* object = arguments.objects().outgoingInvitations().find(arguments.word(0));
  if (arguments.failed()) {
    return nullptr;
  }
  return arguments.integerResult(object != nullptr ? object->manager->cancelLocalInvitation(object->invitation)
                                                   : INVITATION_API_CALL_ERR_INVALID_ARGUMENT);
}

/// (invitations, number, whether to accept, response)
napi_value answer(Arguments& arguments) {
  const ServiceInvitations* object = arguments.objects().serviceInvitations().find(arguments.word(0));
  const std::uint32_t number = arguments.word(1);
  const bool accept = arguments.boolean(2);
  const TextArgument response = arguments.text(3);
  if (arguments.failed()) {
    return nullptr;
  }
  if (object == nullptr || !isUsable(response)) {
    return arguments.integerResult(INVITATION_API_CALL_ERR_INVALID_ARGUMENT);
  }
  // While we hold the object, its address cannot come to mean another invitation before the call reaches the core.
  const std::shared_ptr<IRemoteCallInvitation> invitation = object->events.remote(number);
  if (invitation == nullptr) {
    return arguments.integerResult(INVITATION_API_CALL_ERR_ALREADY_END);
  }
  invitation->setResponse(response.data);
  return arguments.integerResult(accept ? object->manager->acceptRemoteInvitation(invitation.get())
                                        : object->manager->refuseRemoteInvitation(invitation.get()));
}

}  // namespace

bool addInvitationFunctions(FunctionTable& table) {
  return table.add({function<openInvitations>("createCallManager"), function<closeInvitations>("callManagerRelease"),
                    function<createInvitation>("createInvitation"), function<releaseInvitation>("invitationRelease"),
                    function<sendInvitation>("invitationSend"), function<cancel>("invitationCancel"),
                    function<answer>("remoteInvitationAnswer")});
}

}  // namespace rtm::binding
