// Functions that concern invitations. An unknown handle (0, or of a released object) is answered like an invitation of
// another service.

#include "binding/code_number.hpp"
#include "binding/functions/function_table.hpp"
#include "client/invitations/invitations.hpp"

namespace rtm::binding {
namespace {

using client::InvitationCode;

/// A text that invitations take: not null, well-formed, and without an inner NUL.
bool isUsable(const TextArgument& text) {
  return text.data != nullptr && text.isStrict();
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
  const std::string_view calleeId = arguments.strictText(1);
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
  const std::string_view channelId = arguments.strictText(2);
  if (arguments.failed()) {
    return nullptr;
  }
  const InvitationCode code = object == nullptr || !isUsable(content)
                                  ? InvitationCode::InvalidArgument
                                  : object->client->invitations().send(object->invitation, content.view(), channelId);
  return arguments.integerResult(numberOf(code));
}

napi_value cancel(Arguments& arguments) {
  const OutgoingInvitation* object = arguments.objects().outgoingInvitations().find(arguments.word(0));
  if (arguments.failed()) {
    return nullptr;
  }
  const InvitationCode code =
      object != nullptr ? object->client->invitations().cancel(object->invitation) : InvitationCode::InvalidArgument;
  return arguments.integerResult(numberOf(code));
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
  InvitationCode code = InvitationCode::InvalidArgument;
  if (object != nullptr && isUsable(response)) {
    client::Invitations& invitations = object->client->invitations();
    code = accept ? invitations.accept(number, response.view()) : invitations.refuse(number, response.view());
  }
  return arguments.integerResult(numberOf(code));
}

}  // namespace

bool addInvitationFunctions(FunctionTable& table) {
  return table.add({function<openInvitations>("createCallManager"), function<closeInvitations>("callManagerRelease"),
                    function<createInvitation>("createInvitation"), function<releaseInvitation>("invitationRelease"),
                    function<sendInvitation>("invitationSend"), function<cancel>("invitationCancel"),
                    function<answer>("remoteInvitationAnswer")});
}

}  // namespace rtm::binding
