#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/sha256.hpp"
#include "net/loop/io_loop.hpp"
#include "server/media/media_store.hpp"

namespace rtm::server {

/// The part of an upload that has come. It has one owner at a time: the connection that brings it, or MediaTransfers.
struct UploadBody {
  UploadBody(MediaStore& store, std::string_view mediaId)
      : partPath(store.partPath(mediaId)), bodyPath(store.bodyPath(mediaId)), reservation(store) {}
  ~UploadBody();
  UploadBody(const UploadBody&) = delete;
  UploadBody& operator=(const UploadBody&) = delete;

  std::string partPath;  ///< of the file until the body is whole
  std::string bodyPath;  ///< of the file from then on
  int descriptor = -1;
  bool created = false;        ///< there is a file at partPath
  std::uint64_t received = 0;  ///< bytes that came: hashed, and written or about to be written
  Sha256 hash;
  MediaReservation reservation;
};

/// Removes a body that will not be whole: closes and deletes its file, then releases its bytes.
void discard(std::unique_ptr<UploadBody> body, net::IoLoop& loop);

}  // namespace rtm::server
