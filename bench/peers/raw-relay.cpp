// The smallest possible relay over TLS, which shows what the machine can do: one thread, epoll, OpenSSL, no limits, no
// acknowledgements, no user checks. It must run on loopback only.
//
//   raw-relay <certificate> <key>      prints the port that it listens on
//
// To the relay:   4-byte length, kind ('H' I am, 'S' to a user, 'J' join, 'P' to a channel), 1-byte length of a name,
// name, text To a client:    4-byte length, kind ('M' message, 'J' joined), text

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

constexpr std::size_t kRecord = 16 * 1024;  // a TLS record holds no more

struct Client {
  int descriptor = -1;
  SSL* ssl = nullptr;
  bool open = false;  // the handshake is done
  bool gone = false;
  bool dirty = false;    // listed for flushing
  bool waiting = false;  // for the socket to take more
  std::vector<std::uint8_t> in;
  std::size_t taken = 0;  // of `in`
  std::vector<std::uint8_t> out;
  std::size_t sent = 0;  // of `out`
  std::string name;
  std::vector<std::string> channels;
};

struct Relay {
  int poll = epoll_create1(0);
  std::unordered_map<std::string, Client*> users;
  std::unordered_map<std::string, std::vector<Client*>> channels;
  std::vector<Client*> dirty;
};

std::uint32_t lengthAt(const std::uint8_t* at) {
  std::uint32_t raw = 0;
  std::memcpy(&raw, at, sizeof raw);
  return ntohl(raw);
}

void append(Relay& relay, Client& to, char kind, std::string_view text) {
  const std::uint32_t length = htonl(static_cast<std::uint32_t>(1 + text.size()));
  const std::size_t at = to.out.size();
  to.out.resize(at + 5 + text.size());
  std::memcpy(&to.out[at], &length, 4);
  to.out[at + 4] = static_cast<std::uint8_t>(kind);
  std::memcpy(&to.out[at + 5], text.data(), text.size());
  if (!to.dirty) relay.dirty.push_back(&to);
  to.dirty = true;
}

void handle(Relay& relay, Client& from, char kind, const std::string& name, std::string_view text) {
  if (kind == 'S') {
    if (const auto to = relay.users.find(name); to != relay.users.end()) append(relay, *to->second, 'M', text);
  } else if (kind == 'P') {
    for (Client* member : relay.channels[name]) {
      if (member != &from) append(relay, *member, 'M', text);
    }
  } else if (kind == 'H') {
    from.name = name;
    relay.users[name] = &from;
    append(relay, from, 'J', {});
  } else if (kind == 'J') {
    relay.channels[name].push_back(&from);
    from.channels.push_back(name);
    append(relay, from, 'J', {});
  }
}

void watch(Relay& relay, Client& client, bool write, int operation = EPOLL_CTL_MOD) {
  epoll_event event{};
  event.events = EPOLLIN | (write ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
  event.data.ptr = &client;
  epoll_ctl(relay.poll, operation, client.descriptor, &event);
  client.waiting = write;
}

void flush(Relay& relay, Client& client) {
  client.dirty = false;
  if (client.gone || !client.open) return;
  while (client.sent < client.out.size()) {
    const std::size_t piece = std::min(kRecord, client.out.size() - client.sent);
    const int done = SSL_write(client.ssl, &client.out[client.sent], static_cast<int>(piece));
    if (done <= 0) {
      if (!client.waiting) watch(relay, client, true);
      return;
    }
    client.sent += static_cast<std::size_t>(done);
  }
  client.out.clear();
  client.sent = 0;
  if (client.waiting) watch(relay, client, false);
}

void leave(Relay& relay, Client& client) {
  client.gone = true;
  relay.users.erase(client.name);
  for (const std::string& name : client.channels) std::erase(relay.channels[name], &client);
  SSL_free(client.ssl);
  close(client.descriptor);
}

void receive(Relay& relay, Client& client) {
  if (!client.open) {
    const int done = SSL_accept(client.ssl);
    if (done != 1) {
      const int why = SSL_get_error(client.ssl, done);
      if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) leave(relay, client);
      return;
    }
    client.open = true;
  }
  for (;;) {
    const std::size_t at = client.in.size();
    client.in.resize(at + kRecord);
    const int got = SSL_read(client.ssl, &client.in[at], static_cast<int>(kRecord));
    client.in.resize(at + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got <= 0) {
      if (SSL_get_error(client.ssl, got) != SSL_ERROR_WANT_READ) return leave(relay, client);
      break;
    }
    while (client.in.size() - client.taken >= 4) {
      const std::uint8_t* frame = &client.in[client.taken];
      const std::size_t length = lengthAt(frame);
      if (length < 2 || length > 1024 * 1024) return leave(relay, client);
      if (client.in.size() - client.taken < 4 + length) break;
      const std::size_t named = frame[5];
      if (2 + named > length) return leave(relay, client);
      const char* text = reinterpret_cast<const char*>(frame + 6);
      handle(relay, client, static_cast<char>(frame[4]), std::string(text, named),
             std::string_view(text + named, length - 2 - named));
      client.taken += 4 + length;
    }
    if (client.taken == client.in.size()) {
      client.in.clear();
      client.taken = 0;
    } else if (client.taken > kRecord) {
      client.in.erase(client.in.begin(), client.in.begin() + static_cast<std::ptrdiff_t>(client.taken));
      client.taken = 0;
    }
  }
}

int listenOnLoopback() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener, 4096) != 0) return -1;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::fprintf(stderr, "usage: raw-relay <certificate> <key>\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_use_certificate_chain_file(context, arguments[1]) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, arguments[2], SSL_FILETYPE_PEM) != 1) {
    std::fprintf(stderr, "raw-relay: cannot use the certificate and key\n");
    return 1;
  }
  const int listener = listenOnLoopback();
  if (listener < 0) {
    std::perror("raw-relay: listen");
    return 1;
  }
  Relay relay;
  std::vector<std::unique_ptr<Client>> clients;  // kept to the end: the process is short-lived
  epoll_event listening{};
  listening.events = EPOLLIN;
  epoll_ctl(relay.poll, EPOLL_CTL_ADD, listener, &listening);
  std::vector<epoll_event> events(1024);
  for (;;) {
    const int ready = epoll_wait(relay.poll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < ready; ++i) {
      auto* client = static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (client != nullptr) {
        if (!client->gone && (events[static_cast<std::size_t>(i)].events & EPOLLOUT) != 0) flush(relay, *client);
        if (!client->gone) receive(relay, *client);
        continue;
      }
      for (int accepted = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK); accepted >= 0;
           accepted = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK)) {
        const int on = 1;
        setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        Client& added = *clients.emplace_back(std::make_unique<Client>());
        added.descriptor = accepted;
        added.ssl = SSL_new(context);
        SSL_set_fd(added.ssl, accepted);
        watch(relay, added, false, EPOLL_CTL_ADD);
      }
    }
    std::vector<Client*> turn;
    turn.swap(relay.dirty);
    for (Client* client : turn) flush(relay, *client);
  }
}
