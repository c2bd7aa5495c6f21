#include "server/media/upload_body.hpp"

#include <unistd.h>

#include <utility>

#include "server/media/file_calls.hpp"

namespace rtm::server {

UploadBody::~UploadBody() {
  if (descriptor >= 0) ::close(descriptor);  // the loop was stopped: nobody is kept waiting
}

void discard(std::unique_ptr<UploadBody> body, net::IoLoop& loop) {
  if (body == nullptr) return;
  if (body->descriptor >= 0) {
    const int descriptor = std::exchange(body->descriptor, -1);
    return file::close(loop, descriptor,
                       [&loop, held = std::move(body)](int) mutable { discard(std::move(held), loop); });
  }
  if (!body->created) return;
  const std::string path = body->partPath;
  file::remove(loop, path, [held = std::move(body)](int) {});
}

}  // namespace rtm::server
