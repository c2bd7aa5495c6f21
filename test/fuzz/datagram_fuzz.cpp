// Datagrams of strangers. The first byte chooses: either the rest is a datagram, for the parsers and for an opener with
// real keys; or each three bytes of the rest are a step of a link, whose datagrams arrive in any order, twice, changed
// or cut. A model of numbers and keys knows what the opener must say to each.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "net/datagram/address_token.hpp"
#include "net/datagram/datagram_header.hpp"
#include "net/datagram/datagram_seal.hpp"

namespace {

using rtm::Bytes;
using rtm::ByteView;
using rtm::net::AddressTokens;
using rtm::net::Opened;
using rtm::net::Opener;
using rtm::net::Sealer;
using Outcome = rtm::net::Opened::Outcome;

constexpr rtm::net::ConnectionId kId{{'f', 'u', 'z', 'z', 'e', 'd', ' ', ' '}};
constexpr std::uint64_t kNumbersOfAKey = 1000;
constexpr std::size_t kMostDatagrams = 2500;  // so that an input takes milliseconds

void require(bool condition) {
  if (!condition) std::abort();
}

bool same(ByteView a, ByteView b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

void parseInitial(const rtm::net::Datagram& datagram) {
  const auto body = rtm::net::parseInitial(datagram.rest);
  if (!body) return;
  Bytes again;
  require(rtm::net::appendInitial(datagram.header.id, datagram.header.number, *body, again));
  require(again.size() == rtm::net::kMaxDatagramBytes);
  const std::size_t meant = rtm::net::kDatagramHeaderBytes + 3 + body->token.size() + body->payload.size();
  const ByteView rest = ByteView(again).subspan(rtm::net::kDatagramHeaderBytes);
  require(same(rest.first(meant - rtm::net::kDatagramHeaderBytes),
               datagram.rest.first(meant - rtm::net::kDatagramHeaderBytes)));

  static const AddressTokens tokens = AddressTokens::create().value();
  require(tokens.check(body->token, {}, 1'000'000) != AddressTokens::Verdict::Good);
}

void parseRetry(const rtm::net::Datagram& datagram, ByteView bytes) {
  const auto token = rtm::net::parseRetry(datagram.rest);
  if (!token) return;
  Bytes again;
  require(rtm::net::appendRetry(datagram.header.id, datagram.header.number, *token, again));
  require(same(again, bytes));
}

void parse(rtm::net::Aead aead, ByteView bytes) {
  Bytes into(rtm::net::kMaxSealedPayload);
  require(Opener::create(aead, {})->open(bytes, into).outcome != Outcome::Ok);
  const auto datagram = rtm::net::parseDatagram(bytes);
  if (!datagram) return;
  Bytes header;
  rtm::net::appendDatagramHeader(datagram->header, header);
  require(same(header, bytes.first(rtm::net::kDatagramHeaderBytes)));
  require(datagram->rest.size() + header.size() == bytes.size());
  if (datagram->header.type == rtm::net::DatagramType::Initial) parseInitial(*datagram);
  if (datagram->header.type == rtm::net::DatagramType::Retry) parseRetry(*datagram, bytes);
}

/// One direction of a link.
class Link {
 public:
  explicit Link(rtm::net::Aead aead)
      : sealer_(Sealer::create(aead, {}, kId, {.datagramsOfAKey = kNumbersOfAKey}).value()),
        opener_(Opener::create(aead, {}).value()) {}

  void send(std::size_t count) {
    for (; count > 0 && sent_.size() < kMostDatagrams; --count) {
      Bytes datagram;
      require(sealer_.seal(rtm::asBytes(std::to_string(sent_.size())), datagram) == sent_.size());
      sent_.push_back(std::move(datagram));
    }
  }
  std::size_t sent() const { return sent_.size(); }
  const Bytes& datagram(std::size_t number) const { return sent_[number]; }

  void arrive(std::size_t number) {
    const Outcome expected = expectedOf(number);
    const Opened opened = opener_.open(sent_[number], into_);
    require(opened.outcome == expected && opened.number == number);
    require(opened.highest == (expected == Outcome::Ok && (came_.empty() || number > *came_.rbegin())));
    if (expected != Outcome::Ok) return;
    require(rtm::asText(opened.payload) == std::to_string(number));
    came_.insert(number);
  }

  void arriveChanged(ByteView datagram) {
    const Opened opened = opener_.open(datagram, into_);
    require(opened.outcome != Outcome::Ok && opened.payload.empty() && !opened.highest);
  }

 private:
  Outcome expectedOf(std::uint64_t number) const {
    const std::uint64_t key = number / kNumbersOfAKey;
    if (came_.empty()) return key == 0 ? Outcome::Ok : Outcome::BadTag;
    const std::uint64_t highest = *came_.rbegin();
    if (number + rtm::net::ReplayWindow::kSpan <= highest) return Outcome::TooOld;
    if (came_.count(number) != 0) return Outcome::Replayed;
    return key <= highest / kNumbersOfAKey + 1 ? Outcome::Ok : Outcome::BadTag;
  }

  Sealer sealer_;
  Opener opener_;
  std::vector<Bytes> sent_;
  std::set<std::uint64_t> came_;
  Bytes into_ = Bytes(rtm::net::kMaxSealedPayload);
};

void step(Link& link, std::uint8_t what, std::uint8_t a, std::uint8_t b) {
  enum What { Send, ArriveOld, ArriveNew, ArriveChanged, ArriveCut };
  const std::size_t number = std::size_t{a} << 8 | b;
  if (what % 5 == Send) return link.send(number + 1);
  if (link.sent() == 0) return;
  const std::size_t newest = link.sent() - 1;
  const Bytes& late = link.datagram(newest - a % link.sent());
  switch (what % 5) {
    case ArriveOld:
      return link.arrive(number % link.sent());
    case ArriveNew:
      return link.arrive(newest - number % link.sent());
    case ArriveChanged: {
      Bytes changed = late;
      changed[b % changed.size()] ^= static_cast<std::uint8_t>(what / 5 + 1);
      return link.arriveChanged(changed);
    }
    default:
      return link.arriveChanged(ByteView(late).first(b % late.size()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto aead = static_cast<rtm::net::Aead>(data[0] / 2 % 3);
  const ByteView rest(data + 1, size - 1);
  if (data[0] % 2 == 0) {
    parse(aead, rest);
    return 0;
  }
  Link link(aead);
  for (std::size_t at = 0; at + 3 <= rest.size(); at += 3) step(link, rest[at], rest[at + 1], rest[at + 2]);
  return 0;
}
