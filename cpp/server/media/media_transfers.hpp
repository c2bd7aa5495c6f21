#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/move_function.hpp"
#include "net/loop/io_loop.hpp"
#include "server/context.hpp"
#include "server/media/media_bodies.hpp"
#include "server/media/media_catalog.hpp"
#include "server/media/media_types.hpp"
#include "server/media/upload_body.hpp"

namespace rtm::server {

/// MEDIA_UPLOAD or MEDIA_DOWNLOAD of a session.
struct MediaTicketRequest {
  AppNumber app{};
  std::string userId;
  std::uint64_t sessionId = 0;
  std::uint32_t requestId = 0;
  MediaDirection direction{};
  std::uint64_t size = 0;  ///< upload
  bool image = false;      ///< upload
  std::string mediaId;     ///< download
};

struct MediaTicketAnswer {
  std::uint32_t code = 0;
  std::string mediaId;
  MediaTicketKey ticket{};
  std::uint64_t size = 0;
};

/// What a connection gets when a transfer is handed to it.
struct MediaGrant {
  std::uint32_t code = 0;  ///< not 0: refused, and nothing else is set
  MediaDirection direction{};
  std::string mediaId;
  std::uint64_t size = 0;
  MediaDigest digest{};              ///< of a download, or of an upload that is stored
  bool stored = false;               ///< upload: the body is whole; the client only asks for the end again
  std::unique_ptr<UploadBody> body;  ///< of an upload that is not stored
};

/// A connection that wants a transfer. The functions run on its loop, even after it has ended.
struct MediaClaim {
  MediaAddress address;
  MoveFunction<void(MediaGrant)> granted;    ///< once
  MoveFunction<void(MediaRevoked)> revoked;  ///< at most once: give the transfer back as soon as possible
};

/// Which transfers of files and images there are, and which connection has each: one truth for all loops
/// (docs/decisions/004-media.md).
///
/// Its state lives on the first loop. Other threads hand their calls over; what one loop asks is done in the order it
/// asked. Answers run on the loop that is named. What still waits for an answer when the server closes gets none.
/// Bounds: Limits::mediaTasks tickets for each session (1,024 if that is not limited), and as many finished ones.
class MediaTransfers {
 public:
  MediaTransfers(ServerContext& context, std::unique_ptr<MediaStore> store, std::shared_ptr<MediaCatalog> catalog);
  ~MediaTransfers();
  MediaTransfers(const MediaTransfers&) = delete;
  MediaTransfers& operator=(const MediaTransfers&) = delete;

  /// Before anything else, in the order of the loops; the first loop becomes the owner.
  void attach(LoopHost& host, net::IoLoop& loop);

  // Any of the loops.
  MediaStore& store() { return *store_; }
  void ask(std::uint32_t loop, MediaTicketRequest request, MoveFunction<void(MediaTicketAnswer)> done);
  void open(const MediaTicketKey& ticket, MediaClaim claim);
  /// A connection lets go of a transfer, or stops waiting for it. `over`: it failed, the ticket ends.
  void giveBack(const MediaTicketKey& ticket, const MediaAddress& address, std::unique_ptr<UploadBody> body,
                std::uint64_t lastByteMs, bool over);
  /// The upload in the hands of `address` is whole and lies in its place. `done` runs there: whether it counts.
  void commit(const MediaTicketKey& ticket, const MediaAddress& address, const MediaDigest& digest,
              MoveFunction<void(bool)> done);
  /// All of a download is on its way: it no longer counts as a running task.
  void finish(const MediaTicketKey& ticket);
  void endSession(std::uint64_t sessionId);
  /// The client gives up the transfer that this request began. A finished transfer stays as it is.
  void cancel(std::uint64_t sessionId, std::uint32_t requestId);

  /// On the owning loop, now and then: ends tickets that stand still, removes bodies whose time is over.
  void tick();

 private:
  struct Transfer {
    MediaTicketKey ticket{};
    MediaTicketRequest request;
    std::string mediaId;
    std::uint64_t size = 0;
    MediaDigest digest{};
    bool finished = false;  ///< no running task; kept so that a client can hear of its end after a broken connection
    std::uint64_t lastByteMs = 0;
    std::unique_ptr<UploadBody> body;  ///< of an upload, while no connection has it
    std::optional<MediaClaim> holder;
    std::optional<MediaClaim> waiter;  ///< gets the transfer when the holder has given it back
  };
  struct TicketHash {
    std::size_t operator()(const MediaTicketKey& key) const;
  };

  void onOwner(Task task);
  Transfer* find(const MediaTicketKey& ticket);
  /// The transfer that the same request of the session began; null if it is a new request.
  Transfer* findRepeated(const MediaTicketRequest& request);
  std::size_t count(std::uint64_t sessionId, bool finished);
  /// Makes the folder of the bodies, which the first upload needs, and then admits the upload.
  void makeFolder(std::uint32_t loop, MediaTicketRequest upload, MoveFunction<void(MediaTicketAnswer)> done);
  void admit(std::uint32_t loop, MediaTicketRequest request, std::optional<MediaRecord> record,
             MoveFunction<void(MediaTicketAnswer)> done);
  void answer(std::uint32_t loop, MediaTicketAnswer answer, MoveFunction<void(MediaTicketAnswer)> done);
  /// The code of a refusal, or 0.
  std::uint32_t check(const MediaTicketRequest& request, bool found);
  /// Whether the store, and in it the share of the user and of its App, has room for an upload; says so if not.
  bool fits(const MediaTicketRequest& request);
  void tellRefused(const MediaTicketRequest& upload, const std::string& why);
  Transfer& add(MediaTicketRequest request, const std::optional<MediaRecord>& record);
  void makeRoom(std::uint64_t sessionId);
  void doOpen(const MediaTicketKey& ticket, MediaClaim claim);
  void doGiveBack(const MediaTicketKey& ticket, const MediaAddress& address, std::unique_ptr<UploadBody> body,
                  std::uint64_t lastByteMs, bool over);
  void doCommit(const MediaTicketKey& ticket, const MediaAddress& address, const MediaDigest& digest,
                MoveFunction<void(bool)> done);
  void grant(Transfer& transfer, MediaClaim claim);
  void refuse(MediaClaim claim, std::uint32_t code);
  void revoke(MediaClaim& claim, MediaRevoked why);
  void end(Transfer& transfer);
  void count(const MediaTicketRequest& upload) { bodies_.accounts().add(upload.app, upload.userId, upload.size); }
  bool isForgotten(const Transfer& transfer, std::uint64_t now) const;
  void sweepTickets(std::uint64_t now);

  ServerContext& context_;
  std::unique_ptr<MediaStore> store_;
  std::shared_ptr<MediaCatalog> catalog_;
  std::vector<LoopHost*> hosts_;
  net::IoLoop* owner_ = nullptr;
  std::unordered_map<MediaTicketKey, std::unique_ptr<Transfer>, TicketHash> transfers_;
  std::unordered_map<std::uint64_t, std::vector<MediaTicketKey>> sessions_;  ///< tickets in the order they were given
  MediaBodies bodies_;
  std::uint64_t nextSweepMs_ = 0;
};

}  // namespace rtm::server
