#pragma once

// What programs did and saw, in the order in which it happened, and the judge of it. A record comes from a simulated
// world, where the order is exact, or from a test with real processes on one clock.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtm::history {

/// One process of a program; each start has a number of its own.
using Process = std::uint32_t;

/// How a send ended, as the program was told.
enum class Outcome : std::uint8_t {
  Delivered,    ///< a peer message: the receiver's client has it. A channel message: the server has it
  Cached,       ///< the server has stored it
  Unreachable,  ///< the receiver is not there, and never gets it
  Failed,       ///< it never arrives
  Unsent,       ///< it never left the client
  Unknown,      ///< it may arrive
};

enum class What : std::uint8_t {
  Start,          ///< a process begins; `user`
  LoggedIn,       ///< a session begins: by a login, or anew after the server had forgotten the old one
  Resumed,        ///< a lost link is back, with the session that it had
  Missed,         ///< the program is told that messages of `channel` may be missing; of peers, if that is empty
  Joined,         ///< the process is a member of `channel`
  Left,           ///< it is none any more
  LogOut,         ///< the program asks for the end of its session; `clean`: nothing has disturbed its link for long
  LoggedOut,      ///< the session has ended; `clean`: the server has agreed, so it knows what the client has taken
  Crash,          ///< the process ends without a word
  Suspend,        ///< the process stands still
  Wake,           ///< it goes on
  Send,           ///< `message` to the user `to`, or to `channel`
  Result,         ///< of a send of this process
  Receive,        ///< `message` reaches the program; `to`: the sender that it names
  ServerDies,     ///< with all of its sessions
  ServerForgets,  ///< what it had stored is gone
  StoreRefuses,   ///< a message that was to be stored is not
};

struct Event {
  std::uint64_t ms = 0;
  What what{};
  Process process = 0;
  long long message = 0;  ///< unique over all processes
  std::string user = {};
  std::string to = {};
  std::string channel = {};
  Outcome outcome{};
  bool clean = false;
  bool stored = false;  ///< of a send: the server is to store the message for a user who is away
};

/// A promise that was broken, in words, with the number of the event that shows it.
struct Violation {
  std::size_t event = 0;
  std::string text;
};

/// A line for each event: "12.345 alice#3 sends 17 to bob".
std::string describe(const Event& event);

/// How long a result may take, ms, for a process that does not stand still.
inline constexpr std::uint64_t kResultMs = 10'000;
/// More than clients and servers need to notice that a time is over.
inline constexpr std::uint64_t kSlackMs = 500;

/// How much a record says about the order of events.
enum class Order {
  Exact,      ///< as they happened: of a simulated world
  Processes,  ///< of one process as they happened. What a process had not yet heard when it was killed is missing, and
              ///< its client may have acknowledged it
};

/// Judges a whole history, at whose end everything had time to arrive:
///   - a message reaches a process at most once, and the next process of its user only if the one before did not end
///     in good order; it comes from the user and by the way that it was sent;
///   - messages of one process to one user, and to one channel, arrive in the order of the sends;
///   - what was delivered had arrived by then; what was cached has arrived at the end; what was unreachable, failed or
///     unsent never arrives;
///   - a message to be stored arrives if the server took it, whatever its sender heard, unless the server dies;
///   - a user whose session goes on is not unreachable;
///   - a channel message that the server took reaches each member that was one at the send, and stays one, unless the
///     member is told that it missed something, or is about to join again after it was told so;
///   - each send has one result, in time, unless its process ends before.
std::vector<Violation> judge(const std::vector<Event>& events, Order order = Order::Exact);

/// An event of one line of JSON, with the fields of Event with words as in "what": "logged-in", "outcome": "cached";
/// empty: `problem` says why.
std::optional<Event> parse(std::string_view line, std::string& problem);

}  // namespace rtm::history
