#include "server/model/content_fields.hpp"

namespace rtm::server {

void addFields(Bytes& content, const wire::Content& fields) {
  const std::size_t size = content.size();
  content.resize(size + wire::encodedSize(fields));
  wire::encode(fields, content.data() + size);
}

std::uint64_t expiryOf(ByteView content) {
  wire::Content fields;
  return wire::decode(content, fields) ? fields.expiresAtMs.value : 0;
}

}  // namespace rtm::server
