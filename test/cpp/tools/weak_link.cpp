// rtm_weak_link: a network interface behind which a weak network leads back to this machine, for the benchmark of weak
// networks (bench/weak). A packet to the far address comes back from it after the delay, unless it is lost: a server at
// the near address is reached at the far one, by TCP of the kernel and by UDP alike. Needs the right to make
// interfaces.
//
// Usage: rtm_weak_link <interface> <loss 0..1> <delay in ms, one way> <seed>
// Prints "ready" when the interface is there, and ends with its standard input.

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <queue>
#include <random>
#include <vector>

namespace {

using Nanos = std::uint64_t;
using Packet = std::vector<std::uint8_t>;

constexpr Nanos kSecond = 1'000'000'000;
constexpr std::size_t kMostBytes = 2048;
constexpr std::size_t kIpv4Header = 20;
constexpr std::size_t kSource = 12;  ///< of an IPv4 header; the destination follows it
constexpr std::size_t kAddress = 4;

Nanos now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<Nanos>(time.tv_sec) * kSecond + static_cast<Nanos>(time.tv_nsec);
}

/// A packet on its way; those of one moment keep their order.
struct Flying {
  Nanos due;
  std::uint64_t order;
  Packet packet;
  bool operator<(const Flying& other) const { return due != other.due ? due > other.due : order > other.order; }
};

int openInterface(const char* name) {
  const int descriptor = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (descriptor >= 0 && ioctl(descriptor, TUNSETIFF, &request) == 0) return descriptor;
  std::perror("rtm_weak_link: cannot make the interface");
  std::exit(1);
}

/// The sum over an IPv4 packet and over its TCP or UDP part does not change with the order of the addresses.
void turnAround(Packet& packet) {
  std::array<std::uint8_t, kAddress> source{};
  std::memcpy(source.data(), &packet[kSource], kAddress);
  std::memcpy(&packet[kSource], &packet[kSource + kAddress], kAddress);
  std::memcpy(&packet[kSource + kAddress], source.data(), kAddress);
}

class WeakLink {
 public:
  WeakLink(int interface, double loss, Nanos delay, std::uint64_t seed)
      : interface_(interface),
        timer_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)),
        delay_(delay),
        loss_(loss),
        random_(seed) {}

  void run() {
    std::array<pollfd, 3> watched{{{interface_, POLLIN, 0}, {timer_, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
    while (poll(watched.data(), watched.size(), -1) >= 0) {
      if (watched[2].revents != 0) return;
      if (watched[0].revents != 0) take();
      std::uint64_t expirations = 0;
      if (watched[1].revents != 0) (void)!read(timer_, &expirations, sizeof(expirations));
      deliver();
    }
  }

 private:
  void take() {
    std::array<std::uint8_t, kMostBytes> bytes{};
    for (ssize_t size = 0; (size = read(interface_, bytes.data(), bytes.size())) > 0;) {
      const bool ipv4 = static_cast<std::size_t>(size) >= kIpv4Header && bytes[0] >> 4 == 4;
      if (!ipv4 || std::bernoulli_distribution(loss_)(random_)) continue;
      Packet packet(bytes.begin(), bytes.begin() + size);
      turnAround(packet);
      flying_.push({now() + delay_, ++order_, std::move(packet)});
    }
  }

  void deliver() {
    for (; !flying_.empty() && flying_.top().due <= now(); flying_.pop()) {
      const Packet& packet = flying_.top().packet;
      (void)!write(interface_, packet.data(), packet.size());  // a full queue of the kernel loses it, as a network may
    }
    itimerspec next{};
    if (!flying_.empty()) {
      next.it_value.tv_sec = static_cast<time_t>(flying_.top().due / kSecond);
      next.it_value.tv_nsec = static_cast<long>(flying_.top().due % kSecond);
    }
    timerfd_settime(timer_, TFD_TIMER_ABSTIME, &next, nullptr);
  }

  int interface_;
  int timer_;
  Nanos delay_;
  double loss_;
  std::mt19937_64 random_;
  std::priority_queue<Flying> flying_;
  std::uint64_t order_ = 0;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) {
    std::fprintf(stderr, "usage: %s <interface> <loss 0..1> <delay in ms, one way> <seed>\n", arguments[0]);
    return 2;
  }
  const double loss = std::strtod(arguments[2], nullptr);
  const double delayMs = std::strtod(arguments[3], nullptr);
  if (!(loss >= 0 && loss < 1) || !(delayMs >= 0)) {
    std::fprintf(stderr, "%s: expected a loss from 0 to below 1 and a delay from 0 ms\n", arguments[0]);
    return 2;
  }
  WeakLink link(openInterface(arguments[1]), loss, static_cast<Nanos>(delayMs * 1e6),
                std::strtoull(arguments[4], nullptr, 10));
  std::puts("ready");
  std::fflush(stdout);
  link.run();
  return 0;
}
