#include "net/transport/tls/tls_error.hpp"

#include <openssl/err.h>

namespace rtm::net {

std::string takeTlsError() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "unknown error";
  if (const char* reason = ERR_reason_error_string(code)) return reason;
  char text[160];
  ERR_error_string_n(code, text, sizeof(text));
  return text;
}

}  // namespace rtm::net
