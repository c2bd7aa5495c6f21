#include "net/transport/tls/tls_layer.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "net/resolve/endpoint.hpp"
#include "net/resolve/socket_address.hpp"
#include "net/transport/tls/tls_error.hpp"
#include "net/transport/tls/tls_tickets.hpp"

namespace rtm::net {

/// The functions that OpenSSL calls. A BIO of our own instead of BIO_s_mem, which keeps a growing buffer for each
/// direction of every connection and copies through it; this BIO owns no memory.
struct TlsLayer::Callbacks {
  static TlsLayer* layerOf(BIO* bio) { return static_cast<TlsLayer*>(BIO_get_data(bio)); }

  static int readBytes(BIO* bio, char* into, int size) {
    BIO_clear_retry_flags(bio);
    TlsLayer& layer = *layerOf(bio);
    const std::size_t count = std::min(static_cast<std::size_t>(size), layer.input_.size());
    if (count == 0) {
      BIO_set_retry_read(bio);
      return -1;
    }
    std::memcpy(into, layer.input_.data(), count);
    layer.input_ = layer.input_.subspan(count);
    return static_cast<int>(count);
  }

  static int writeBytes(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    Bytes* output = layerOf(bio)->output_;
    if (output == nullptr) return size;  // SSL_free may still send an alert, for which there is no reader
    // As bytes of the same type: an insert of chars compiles to a loop over single bytes, a tenth of the server's time.
    const ByteView view = asBytes({bytes, static_cast<std::size_t>(size)});
    output->insert(output->end(), view.begin(), view.end());
    return size;
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static int create(BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
  }

  static const BIO_METHOD* method() {
    static const BIO_METHOD* const kMethod = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "rtm");
      BIO_meth_set_read(made, readBytes);
      BIO_meth_set_write(made, writeBytes);
      BIO_meth_set_ctrl(made, control);
      BIO_meth_set_create(made, create);
      return made;
    }();
    return kMethod;
  }

  /// 1: we keep the reference.
  static int keepTicket(SSL* ssl, SSL_SESSION* ticket) {
    const auto* layer = static_cast<const TlsLayer*>(SSL_get_app_data(ssl));
    if (layer == nullptr || layer->context_ == nullptr) return 0;
    layer->context_->tickets().put(layer->ticketKey_, ticket);
    return 1;
  }
};

void TlsLayer::keepTickets(SSL_CTX* context) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, Callbacks::keepTicket);
}

TlsLayer::TlsLayer(SSL* ssl) : ssl_(ssl) {}

TlsLayer::~TlsLayer() {
  if (ssl_ == nullptr) return;
  // Without this OpenSSL takes the ticket of a cut connection for bad and never uses the cached ticket again.
  SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(ssl_);
}

bool TlsLayer::attachBio() {
  BIO* bio = ssl_ != nullptr ? BIO_new(Callbacks::method()) : nullptr;
  if (bio == nullptr) return false;
  BIO_set_data(bio, this);
  SSL_set_bio(ssl_, bio, bio);
  return true;
}

std::unique_ptr<TlsLayer> TlsLayer::client(std::shared_ptr<TlsClientContext> context, const Endpoint& endpoint) {
  if (endpoint.pin.empty()) context->needCas();
  ERR_clear_error();
  std::unique_ptr<TlsLayer> layer(new TlsLayer(SSL_new(context->native())));
  if (!layer->attachBio()) return nullptr;
  SSL* ssl = layer->ssl_;
  layer->context_ = std::move(context);
  layer->check_ = {endpoint.host, endpoint.pin, {}};
  layer->ticketKey_ = endpoint.host + ":" + std::to_string(endpoint.port) + "#" + endpoint.pin;
  SSL_set_app_data(ssl, layer.get());
  if (!expectServer(ssl, &layer->check_)) return nullptr;
  if (!SocketAddress::parse(endpoint.host, 0)) SSL_set_tlsext_host_name(ssl, endpoint.host.c_str());
  if (SSL_SESSION* ticket = layer->context_->tickets().get(layer->ticketKey_)) {
    SSL_set_session(ssl, ticket);
    SSL_SESSION_free(ticket);
  }
  SSL_set_connect_state(ssl);
  return layer;
}

std::unique_ptr<TlsLayer> TlsLayer::server(const TlsServerContext& context) {
  ERR_clear_error();
  SSL_CTX* native = context.acquire();
  std::unique_ptr<TlsLayer> layer(new TlsLayer(SSL_new(native)));
  SSL_CTX_free(native);
  if (!layer->attachBio()) return nullptr;
  SSL_set_accept_state(layer->ssl_);
  return layer;
}

TlsLayer::Status TlsLayer::outcome(int result) {
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
      return Status::NeedsMore;
    case SSL_ERROR_ZERO_RETURN:
      return Status::Closed;
    default:
      break;
  }
  if (!check_.problem.empty()) {
    error_ = check_.problem;
    failureCode_ = ConnectError::Untrusted;
  } else {
    error_ = takeTlsError();
    failureCode_ = ConnectError::NotTls;
  }
  return Status::Failed;
}

TlsLayer::Status TlsLayer::handshake(Bytes& out) {
  ERR_clear_error();
  output_ = &out;
  const int result = SSL_do_handshake(ssl_);
  output_ = nullptr;
  if (result != 1) return outcome(result);
  if (context_ != nullptr && !isTrusted(ssl_, check_)) {
    context_->tickets().drop(ticketKey_);
    error_ = check_.problem;
    failureCode_ = ConnectError::Untrusted;
    return Status::Failed;
  }
  return Status::Ok;
}

TlsLayer::Status TlsLayer::read(MutableByteView into, std::size_t& count, Bytes& out) {
  ERR_clear_error();
  output_ = &out;
  count = 0;
  int result = 1;
  while (count < into.size()) {
    std::size_t more = 0;
    result = SSL_read_ex(ssl_, into.data() + count, into.size() - count, &more);
    if (result != 1) break;
    count += more;
  }
  output_ = nullptr;
  return result == 1 ? Status::Ok : outcome(result);
}

TlsLayer::Status TlsLayer::write(ByteView plaintext, Bytes& out) {
  ERR_clear_error();
  output_ = &out;
  int result = 1;
  while (!plaintext.empty()) {
    std::size_t written = 0;
    result = SSL_write_ex(ssl_, plaintext.data(), plaintext.size(), &written);
    if (result != 1) break;
    plaintext = plaintext.subspan(written);
  }
  output_ = nullptr;
  return result == 1 ? Status::Ok : outcome(result);
}

void TlsLayer::close(Bytes& out) {
  ERR_clear_error();
  output_ = &out;
  SSL_shutdown(ssl_);
  output_ = nullptr;
  ERR_clear_error();
}

bool TlsLayer::resumed() const {
  return SSL_session_reused(ssl_) == 1;
}

std::string TlsLayer::protocol() const {
  return SSL_get_version(ssl_);
}

std::uint16_t TlsLayer::cipherSuite() const {
  const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl_);
  return cipher == nullptr ? 0 : SSL_CIPHER_get_protocol_id(cipher);
}

bool TlsLayer::exportKeys(std::string_view label, MutableByteView into) const {
  ERR_clear_error();
  return SSL_is_init_finished(ssl_) == 1 && SSL_version(ssl_) >= TLS1_3_VERSION &&
         SSL_export_keying_material(ssl_, into.data(), into.size(), label.data(), label.size(), nullptr, 0, 0) == 1;
}

}  // namespace rtm::net
