#include "server/media/media_transfers.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/hex.hpp"
#include "server/media/file_calls.hpp"
#include "server/model/codes.hpp"

namespace rtm::server {
namespace {

/// Most tickets of a session whose tasks are not limited.
constexpr std::size_t kMostTasks = 1024;

}  // namespace

std::size_t MediaTransfers::TicketHash::operator()(const MediaTicketKey& key) const {
  std::size_t hash = 0;  // random bytes need no mixing
  std::memcpy(&hash, key.data(), sizeof(hash));
  return hash;
}

MediaTransfers::MediaTransfers(ServerContext& context, std::unique_ptr<MediaStore> store,
                               std::shared_ptr<MediaCatalog> catalog)
    : context_(context), store_(std::move(store)), catalog_(std::move(catalog)), bodies_(context, *store_, *catalog_) {}

MediaTransfers::~MediaTransfers() = default;

void MediaTransfers::attach(LoopHost& host, net::IoLoop& loop) {
  if (owner_ == nullptr) {
    owner_ = &loop;
    catalog_->attach(host);
  }
  hosts_.push_back(&host);
  if (hosts_.size() == 1) bodies_.start(host, loop);
}

void MediaTransfers::onOwner(Task task) {
  hosts_.front()->post(std::move(task));  // also on the owning loop, so that no call comes back inside another
}

// ---- tickets ----------------------------------------------------------------------------------------------------

void MediaTransfers::ask(std::uint32_t loop, MediaTicketRequest request, MoveFunction<void(MediaTicketAnswer)> done) {
  onOwner([this, loop, asked = std::move(request), then = std::move(done)]() mutable {
    const bool upload = asked.direction == MediaDirection::Upload;
    if (upload && !store_->made()) return makeFolder(loop, std::move(asked), std::move(then));
    if (upload || findRepeated(asked) != nullptr) {
      return admit(loop, std::move(asked), std::nullopt, std::move(then));
    }
    const std::string& appId = context_.policy(asked.app).appId;
    const std::string mediaId = asked.mediaId;
    auto found = [this, loop, asked = std::move(asked), then = std::move(then)](auto record) mutable {
      admit(loop, std::move(asked), std::move(record), std::move(then));
    };
    catalog_->find(appId, mediaId, owner_->wallClockMs(), std::move(found));
  });
}

void MediaTransfers::makeFolder(std::uint32_t loop, MediaTicketRequest upload,
                                MoveFunction<void(MediaTicketAnswer)> done) {
  const auto made = std::make_shared<Result<bool>>(false);
  auto onMade = [this, made, loop, asked = std::move(upload), then = std::move(done)]() mutable {
    if (*made) {
      bodies_.lookAtFound();
      return admit(loop, std::move(asked), std::nullopt, std::move(then));
    }
    tellRefused(asked, made->failure().message);
    answer(loop, {.code = code::media::kFailure, .mediaId = {}, .ticket = {}, .size = 0}, std::move(then));
  };
  file::run(
      *owner_, [this, made] { *made = store_->make(); }, std::move(onMade));
}

void MediaTransfers::answer(std::uint32_t loop, MediaTicketAnswer answer, MoveFunction<void(MediaTicketAnswer)> done) {
  hosts_[loop]->post([given = std::move(answer), then = std::move(done)]() mutable { then(std::move(given)); });
}

void MediaTransfers::admit(std::uint32_t loop, MediaTicketRequest request, std::optional<MediaRecord> record,
                           MoveFunction<void(MediaTicketAnswer)> done) {
  MediaTicketAnswer given;
  Transfer* transfer = findRepeated(request);
  if (transfer == nullptr) {
    given.code = check(request, record.has_value());
    if (given.code == code::kOk) transfer = &add(std::move(request), record);
  }
  if (transfer != nullptr) {
    given.mediaId = transfer->mediaId;
    given.ticket = transfer->ticket;
    given.size = transfer->size;
  }
  answer(loop, std::move(given), std::move(done));
}

std::uint32_t MediaTransfers::check(const MediaTicketRequest& request, bool found) {
  const bool upload = request.direction == MediaDirection::Upload;
  if (!upload && !found) return code::media::kNotExist;
  const std::uint32_t tasks = context_.options.limits.mediaTasks;
  if (count(request.sessionId, false) >= (tasks == 0 ? kMostTasks : tasks)) return code::media::kTooManyTasks;
  return upload && !fits(request) ? code::media::kFailure : code::kOk;
}

bool MediaTransfers::fits(const MediaTicketRequest& request) {
  const MediaAccounts& accounts = bodies_.accounts();
  const auto bytes = [](std::uint64_t count) { return std::to_string(count); };
  std::string why;
  if (!store_->hasRoomFor(request.size)) {
    why = " bytes do not fit, media take " + bytes(store_->used()) + " of " + bytes(context_.options.mediaStoreBytes) +
          " (media.storeBytes)";
  } else {
    switch (accounts.roomFor(request.app, request.userId, request.size)) {
      case MediaAccounts::Room::Enough:
        return true;
      case MediaAccounts::Room::UserFull:
        why = " bytes do not fit, this user has " + bytes(accounts.used(request.app, request.userId)) + " of " +
              bytes(accounts.userMost()) + " (media.userBytes)";
        break;
      case MediaAccounts::Room::AppFull:
        why = " bytes do not fit, this App has " + bytes(accounts.used(request.app)) + " of at most " +
              bytes(accounts.appMost()) + " (media.storeBytes)";
        break;
    }
  }
  tellRefused(request, bytes(request.size) + why);
  return false;
}

/// Uploads have no call frequency, so a client could write lines without end.
void MediaTransfers::tellRefused(const MediaTicketRequest& upload, const std::string& why) {
  context_.security->tell(SecurityEvent::UploadRefused, "upload refused: " + why,
                          {.remote = {}, .app = context_.policy(upload.app).appId, .user = upload.userId},
                          owner_->now());
}

MediaTransfers::Transfer& MediaTransfers::add(MediaTicketRequest request, const std::optional<MediaRecord>& record) {
  makeRoom(request.sessionId);
  auto transfer = std::make_unique<Transfer>();
  context_.ids->fill(transfer->ticket);
  transfer->lastByteMs = owner_->now();
  if (record) {
    transfer->mediaId = record->mediaId;
    transfer->size = record->size;
    transfer->digest = record->digest;
  } else {
    std::array<std::uint8_t, kMediaIdBytes> id{};
    context_.ids->fill(id);
    transfer->mediaId = toHex(id);
    transfer->size = request.size;
    transfer->body = std::make_unique<UploadBody>(*store_, transfer->mediaId);
    count(request);
  }
  sessions_[request.sessionId].push_back(transfer->ticket);
  transfer->request = std::move(request);
  return *transfers_.insert_or_assign(transfer->ticket, std::move(transfer)).first->second;
}

/// Finished transfers are kept for a while; a session has no more of them than it may have running.
void MediaTransfers::makeRoom(std::uint64_t sessionId) {
  const std::uint32_t tasks = context_.options.limits.mediaTasks;
  if (count(sessionId, true) < (tasks == 0 ? kMostTasks : tasks)) return;
  for (const MediaTicketKey& ticket : sessions_[sessionId]) {
    Transfer* oldest = find(ticket);
    if (oldest != nullptr && oldest->finished) return end(*oldest);
  }
}

MediaTransfers::Transfer* MediaTransfers::find(const MediaTicketKey& ticket) {
  const auto found = transfers_.find(ticket);
  return found == transfers_.end() ? nullptr : found->second.get();
}

MediaTransfers::Transfer* MediaTransfers::findRepeated(const MediaTicketRequest& request) {
  const auto session = sessions_.find(request.sessionId);
  if (session == sessions_.end()) return nullptr;
  for (const MediaTicketKey& ticket : session->second) {
    Transfer* transfer = find(ticket);
    if (transfer == nullptr || transfer->request.requestId != request.requestId) continue;
    if (transfer->request.direction == request.direction) return transfer;
  }
  return nullptr;
}

std::size_t MediaTransfers::count(std::uint64_t sessionId, bool finished) {
  const auto session = sessions_.find(sessionId);
  if (session == sessions_.end()) return 0;
  const auto counts = [&](const MediaTicketKey& ticket) { return find(ticket)->finished == finished; };
  return static_cast<std::size_t>(std::count_if(session->second.begin(), session->second.end(), counts));
}

void MediaTransfers::endSession(std::uint64_t sessionId) {
  onOwner([this, sessionId] {
    const auto session = sessions_.find(sessionId);
    if (session == sessions_.end()) return;
    for (const MediaTicketKey& ticket : std::vector<MediaTicketKey>(session->second)) end(*find(ticket));
  });
}

void MediaTransfers::cancel(std::uint64_t sessionId, std::uint32_t requestId) {
  onOwner([this, sessionId, requestId] {
    const auto session = sessions_.find(sessionId);
    if (session == sessions_.end()) return;
    for (const MediaTicketKey& ticket : session->second) {
      Transfer* transfer = find(ticket);
      if (transfer != nullptr && transfer->request.requestId == requestId && !transfer->finished) return end(*transfer);
    }
  });
}

/// The ticket is over. The connection that holds the transfer hears of it; the body it gives back is removed then.
void MediaTransfers::end(Transfer& transfer) {
  const auto found = transfers_.find(transfer.ticket);
  const std::unique_ptr<Transfer> ended = std::move(found->second);
  transfers_.erase(found);
  const auto session = sessions_.find(ended->request.sessionId);
  std::erase(session->second, ended->ticket);
  if (session->second.empty()) sessions_.erase(session);
  const MediaTicketRequest& asked = ended->request;
  if (asked.direction == MediaDirection::Upload && !ended->finished) {
    bodies_.accounts().remove(asked.app, asked.userId, asked.size);
  }
  if (ended->holder) revoke(*ended->holder, MediaRevoked::Ended);
  if (ended->waiter) refuse(std::move(*ended->waiter), code::media::kFailure);
  discard(std::move(ended->body), *owner_);
}

// ---- transfers --------------------------------------------------------------------------------------------------

void MediaTransfers::open(const MediaTicketKey& ticket, MediaClaim claim) {
  onOwner([this, ticket, held = std::move(claim)]() mutable { doOpen(ticket, std::move(held)); });
}

void MediaTransfers::doOpen(const MediaTicketKey& ticket, MediaClaim claim) {
  Transfer* transfer = find(ticket);
  if (transfer == nullptr) return refuse(std::move(claim), code::media::kFailure);
  if (isForgotten(*transfer, owner_->now())) {  // before the sweep that ends it
    end(*transfer);
    return refuse(std::move(claim), code::media::kFailure);
  }
  transfer->lastByteMs = owner_->now();
  if (!transfer->holder) return grant(*transfer, std::move(claim));
  if (transfer->waiter) revoke(*transfer->waiter, MediaRevoked::Replaced);
  revoke(*transfer->holder, MediaRevoked::Replaced);
  transfer->waiter = std::move(claim);
}

void MediaTransfers::grant(Transfer& transfer, MediaClaim claim) {
  MediaGrant grant;
  grant.direction = transfer.request.direction;
  grant.mediaId = transfer.mediaId;
  grant.size = transfer.size;
  grant.digest = transfer.digest;
  grant.stored = grant.direction == MediaDirection::Upload && transfer.finished;
  grant.body = std::move(transfer.body);
  hosts_[claim.address.loop]->post(
      [then = std::move(claim.granted), given = std::move(grant)]() mutable { then(std::move(given)); });
  transfer.holder = std::move(claim);
}

void MediaTransfers::refuse(MediaClaim claim, std::uint32_t code) {
  hosts_[claim.address.loop]->post([code, then = std::move(claim.granted)]() mutable {
    MediaGrant refused;
    refused.code = code;
    then(std::move(refused));
  });
}

void MediaTransfers::revoke(MediaClaim& claim, MediaRevoked why) {
  if (!claim.revoked) return;  // the connection knows already
  hosts_[claim.address.loop]->post([why, then = std::exchange(claim.revoked, nullptr)]() mutable { then(why); });
}

void MediaTransfers::giveBack(const MediaTicketKey& ticket, const MediaAddress& address,
                              std::unique_ptr<UploadBody> body, std::uint64_t lastByteMs, bool over) {
  onOwner([this, ticket, address, held = std::move(body), lastByteMs, over]() mutable {
    doGiveBack(ticket, address, std::move(held), lastByteMs, over);
  });
}

void MediaTransfers::doGiveBack(const MediaTicketKey& ticket, const MediaAddress& address,
                                std::unique_ptr<UploadBody> body, std::uint64_t lastByteMs, bool over) {
  Transfer* transfer = find(ticket);
  if (transfer != nullptr && transfer->waiter && transfer->waiter->address == address) transfer->waiter.reset();
  if (transfer == nullptr || !transfer->holder || transfer->holder->address != address) {
    return discard(std::move(body), *owner_);
  }
  transfer->holder.reset();
  transfer->body = std::move(body);
  transfer->lastByteMs = std::max(transfer->lastByteMs, lastByteMs);
  if (over) return end(*transfer);
  if (!transfer->waiter) return;
  MediaClaim next = std::move(*transfer->waiter);
  transfer->waiter.reset();
  grant(*transfer, std::move(next));
}

void MediaTransfers::commit(const MediaTicketKey& ticket, const MediaAddress& address, const MediaDigest& digest,
                            MoveFunction<void(bool)> done) {
  onOwner([this, ticket, address, digest, then = std::move(done)]() mutable {
    doCommit(ticket, address, digest, std::move(then));
  });
}

void MediaTransfers::doCommit(const MediaTicketKey& ticket, const MediaAddress& address, const MediaDigest& digest,
                              MoveFunction<void(bool)> done) {
  const auto answer = [this, loop = address.loop](MoveFunction<void(bool)> then, bool ok) {
    hosts_[loop]->post([ok, held = std::move(then)]() mutable { held(ok); });
  };
  Transfer* transfer = find(ticket);
  if (transfer == nullptr || !transfer->holder || transfer->holder->address != address) {
    return answer(std::move(done), false);
  }
  MediaRecord record{.appId = context_.policy(transfer->request.app).appId,
                     .userId = transfer->request.userId,
                     .mediaId = transfer->mediaId,
                     .size = transfer->size,
                     .digest = digest,
                     .image = transfer->request.image,
                     .expiresAtMs = owner_->wallClockMs() + context_.options.mediaLifeMs};
  const MediaTicketRequest upload = transfer->request;
  catalog_->add(std::move(record), [this, ticket, digest, upload, answer, then = std::move(done)](bool added) mutable {
    Transfer* stored = find(ticket);
    if (added && stored != nullptr) {
      stored->finished = true;
      stored->digest = digest;
    }
    if (added && stored == nullptr)
      count(upload);  // the ticket has ended meanwhile, and the body is there all the same
    answer(std::move(then), added);
  });
}

void MediaTransfers::finish(const MediaTicketKey& ticket) {
  onOwner([this, ticket] {
    if (Transfer* transfer = find(ticket)) transfer->finished = true;
  });
}

// ---- time -------------------------------------------------------------------------------------------------------

void MediaTransfers::tick() {
  const std::uint64_t now = owner_->now();
  if (now < nextSweepMs_ || !context_.options.media) return;  // without media, what a catalog lists stays as it is
  const ServerOptions& options = context_.options;
  const std::uint64_t shortest = std::min<std::uint64_t>(options.mediaIdleMs, options.mediaLifeMs);
  nextSweepMs_ = now + std::clamp<std::uint64_t>(shortest / 20, 10, 1000);
  sweepTickets(now);
  bodies_.sweep([this] { nextSweepMs_ = 0; });
}

/// A transfer that a connection holds is watched there, where its bytes pass.
bool MediaTransfers::isForgotten(const Transfer& transfer, std::uint64_t now) const {
  return !transfer.holder && now - std::min(now, transfer.lastByteMs) >= context_.options.mediaIdleMs;
}

void MediaTransfers::sweepTickets(std::uint64_t now) {
  std::vector<Transfer*> still;
  for (const auto& [ticket, transfer] : transfers_) {
    if (isForgotten(*transfer, now)) still.push_back(transfer.get());
  }
  for (Transfer* transfer : still) end(*transfer);
}

}  // namespace rtm::server
