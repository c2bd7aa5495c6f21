#pragma once

// One process of a program with a client, as the world sees it: what it does and what it is told goes into the history.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/api/events.hpp"
#include "client/channels/channel.hpp"
#include "client/client.hpp"
#include "history/history.hpp"
#include "simulator/network.hpp"

namespace rtm::simulator {

inline constexpr std::string_view kAppId = "0123456789abcdef0123456789abcdef";
inline constexpr std::uint16_t kServerPort = 1;

class Program final : public client::ClientEvents {
 public:
  /// Gets everything that belongs into the history; fills in the time.
  using Record = std::function<void(history::Event)>;

  Program(Host& host, std::string user, history::Process process, Record record);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  /// Without a word, unless logOut() has come to its end before.
  ~Program();

  const std::string& user() const { return user_; }
  history::Process process() const { return process_; }
  bool loggedIn() const { return client_->loggedIn(); }
  bool connected() const { return state_ == client::ConnectionState::Connected; }
  /// The server has sent it away for good: it must log out before it can log in again.
  bool aborted() const { return state_ == client::ConnectionState::Aborted; }
  bool busy() const { return loggingIn_ || loggingOut_; }
  /// What has been sent and has no result yet.
  const std::vector<long long>& open() const { return open_; }

  void logIn();
  /// `calm`: nothing disturbs the link, so the server gets the logout, and answers it.
  void logOut(bool drain, bool calm);
  /// False: the client did not take the message.
  bool send(const std::string& to, long long message, std::size_t size, bool stored);
  bool sendTo(const std::string& channel, long long message, std::size_t size);
  /// The program waits no longer for a peer message.
  void withdraw(long long message);
  void join(const std::string& channel);
  void leave(const std::string& channel);
  bool member(const std::string& channel) const;
  void setPaused(bool paused);
  void queryMembers(const std::string& channel);
  /// The answer to the last queryMembers(), sorted; empty if there is none.
  const std::vector<std::string>& members(const std::string& channel) const;
  /// Subscribes to the presence of these users, once for each login.
  void watch(const std::vector<std::string>& users);
  /// Whether the subscription holds, and the user was last told to be in this state.
  bool sees(const std::string& user, client::PeerState state) const;
  /// Writes the attribute "mood" of the user.
  void setMood(int mood);
  void readMood(const std::string& user);
  /// What others must read; empty: nobody knows, because a write has no answer or failed.
  const std::optional<std::string>& mood() const { return mood_; }
  /// The answer to the last readMood() of this user; "?" if there is none.
  std::string readMoodOf(const std::string& user) const;
  /// From now on the process does not exist for the history.
  void die() { dead_ = true; }

 private:
  struct Membership;

  void onConnectionState(client::ConnectionState state, client::ConnectionReason reason) override;
  void onEstablished(const client::Established& established) override;
  void onLoginSuccess() override;
  void onLoginFailure(client::LoginCode code) override;
  void onLogout(client::LogoutCode code) override;
  void onPeerSendResult(long long id, client::PeerMessageCode code) override;
  void onPeerSendUnsent(long long id, client::PeerMessageCode code) override;
  void onPeerMessage(std::string_view sender, const client::MessageView& message) override;
  void onSubscriptionResult(client::RequestId request, client::SubscriptionCode code) override;
  void onPeersChanged(std::span<const client::PeerStatus> states) override;
  void onUserAttributesWritten(client::RequestId request, client::AttributeWrite write,
                               client::AttributeCode code) override;
  void onUserAttributes(client::RequestId request, std::string_view user,
                        std::span<const client::AttributeView> attributes, client::AttributeCode code) override;

  void tell(history::Event event);
  void endSession(bool clean);
  void ended(long long message, history::Outcome outcome);
  Membership& membership(const std::string& channel);

  Host& host_;
  const std::string user_;
  const history::Process process_;
  const Record record_;
  std::shared_ptr<client::Client> client_;
  std::map<std::string, std::unique_ptr<Membership>> channels_;
  std::vector<long long> open_;
  bool watches_ = false;
  client::RequestId watching_ = 0;
  std::map<std::string, client::PeerState> states_;
  std::optional<std::string> mood_ = "";            ///< no attribute
  std::map<client::RequestId, std::string> moods_;  ///< that have no answer yet
  std::map<std::string, std::string> moodsRead_;
  client::ConnectionState state_ = client::ConnectionState::Disconnected;
  bool loggingIn_ = false;
  bool loggingOut_ = false;
  bool calm_ = false;  ///< the server gets the logout, and answers it
  bool paused_ = false;
  bool dead_ = false;
};

}  // namespace rtm::simulator
