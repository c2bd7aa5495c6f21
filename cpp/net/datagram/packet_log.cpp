#include "net/datagram/packet_log.hpp"

#include <algorithm>

namespace rtm::net {
namespace {

/// When nothing is on its way for so long, what came before matters to nobody, and an idle stream keeps no memory.
constexpr Micros kIdleAfter = kSecond;

}  // namespace

void PacketLog::add(const SentPacket& packet) {
  packets_.push_back(packet);
  openBytes_ += packet.bytes;
  ++open_;
  lastSentAt_ = packet.sentAt;
}

const SentPacket* PacketLog::oldestOpen() const {
  const auto found = std::find_if(packets_.begin(), packets_.end(),
                                  [](const SentPacket& packet) { return packet.fate == SentPacket::Fate::Open; });
  return found == packets_.end() ? nullptr : &*found;
}

bool PacketLog::tellsOf(const Acknowledgement& acknowledgement, std::uint64_t number) {
  const std::uint64_t back = acknowledgement.largest - number;
  return back == 0 || (back <= Acknowledgement::kEarlier && (acknowledgement.earlier >> (back - 1) & 1) != 0);
}

void PacketLog::change(SentPacket& packet, SentPacket::Fate fate) {
  if (packet.fate == SentPacket::Fate::Open) {
    openBytes_ -= packet.bytes;
    --open_;
  }
  packet.fate = fate;
}

void PacketLog::forget(std::uint64_t largest) {
  while (!packets_.empty()) {
    const SentPacket& front = packets_.front();
    const bool settled = front.fate == SentPacket::Fate::Arrived ||
                         (front.fate == SentPacket::Fate::Lost && front.number + Acknowledgement::kEarlier < largest);
    if (!settled) break;
    packets_.pop_front();
  }
  if (packets_.empty()) std::deque<SentPacket>().swap(packets_);
}

void PacketLog::forgetOldest(Micros now) {
  while (packets_.size() - open_ > kMostSettled && packets_.front().fate != SentPacket::Fate::Open)
    packets_.pop_front();
  if (open_ == 0 && !packets_.empty() && now > lastSentAt_ + kIdleAfter) std::deque<SentPacket>().swap(packets_);
}

}  // namespace rtm::net
