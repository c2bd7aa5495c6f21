#pragma once

// The client without the shape of any vendor's header: what cpp/sdk (the drop-in classes) and cpp/binding (Node) are
// made of. Arguments and events are values and views. See docs/decisions/008-client-core.md.

#include <memory>
#include <string>
#include <string_view>

#include "client/api/events.hpp"

namespace rtm::client {

class Attributes;
class Channels;
class ClientLog;
class History;
class Invitations;
class Media;
class Messages;
class Presence;
struct ClientParts;

/// One user's client. Each feature has a class of its own, in the header of its room.
///
/// Any thread may call anything, except where Dispatch::Direct forbids it. A call checks in this order: initialized,
/// logged in, arguments, rate; the first that fails is what it returns. Features live as long as the client.
///
/// Locks: the client lock (ClientParts::lock) guards everything that no other comment claims; then comes the lock of
/// the send queue. docs/architecture.md has the whole order.
class Client : public std::enable_shared_from_this<Client> {
 public:
  /// Null if the process cannot have an I/O thread. `events` must live until release() has returned, and the client
  /// lives until then, too.
  static std::shared_ptr<Client> create(Dispatch dispatch, ClientEvents& events);
  explicit Client(std::unique_ptr<ClientParts> parts);  ///< for create()
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// `appId`: 32 hexadecimal characters. Reads RTM_ENDPOINTS and RTM_CA_FILE, unless setParameters() named endpoints.
  InitCode initialize(std::string_view appId);
  bool initialized() const;
  /// False in a child of fork(), and when the process has come to its end: every call is refused.
  bool alive() const;
  /// After a login, until the logout; also while the connection is lost, and in ABORTED.
  bool loggedIn() const;
  /// Settings as one JSON object (docs/configuration.md). False: malformed, and nothing has changed; the log says why.
  bool setParameters(std::string_view json);

  /// The outcome comes as onLoginSuccess or onLoginFailure. `token` may be empty where the server asks for none.
  LoginCode login(std::string_view token, std::string_view userId);
  /// Ends with onLogout. What was accepted before leaves before the goodbye. `drain`: what is on its way gets its
  /// result first, for at most rtm.timing.drain_ms (docs/decisions/021-ends-of-calls.md). A second call without `drain`
  /// ends that wait.
  LogoutCode logout(bool drain = true);
  RenewTokenCode renewToken(std::string_view token);
  /// Why there is no connection, in words: of the last login the reason of its failure, or what its attempts have met
  /// so far; of a lost link, why it was lost. Several lines if several addresses were tried; empty if all was well.
  /// Never holds a token. Not from within a Direct event.
  std::string lastFailure() const;
  /// The caller of a request waits no longer. True: it had not left and never will, and ends as timed out. False: it
  /// may take effect, and its result comes as ever. Not from within a Direct event.
  bool withdraw(RequestId request);

  Messages& messages();
  Channels& channels();
  Presence& presence();
  Attributes& attributes();
  History& history();
  Invitations& invitations();
  Media& media();
  ClientLog& log();

  /// Stops (resumes) taking messages from the network, so that the server sees a slow reader instead of this process an
  /// unbounded queue. Counted: as many resumes as pauses. Also from within a Direct event.
  void pauseDelivery();
  void resumeDelivery();

  /// From now on sends gather until flushSends(), or until kGatherBytes of them wait: for a caller that knows when its
  /// burst is over, so that the I/O thread is not woken, and does not ask for the lock of the send queue, in the middle
  /// of it. Requests take what has gathered along, and so do logout() and release(). Before login().
  void gatherSends();
  /// Lets what has gathered go. Not from within a Direct event. `alone`: a few messages on an idle connection are
  /// written by this thread, which a caller that has other clients to flush had better not do.
  void flushSends(bool alone);

  /// Says goodbye and ends everything; no event comes any more (see ClientEvents). `sync`: returns when the goodbye has
  /// left and no event runs, unless called from within one. A second call does nothing.
  void release(bool sync);

 private:
  const std::unique_ptr<ClientParts> parts_;
};

}  // namespace rtm::client
