#include "client/media/media_tasks.hpp"

#include <utility>
#include <vector>

#include "client/runtime/process.hpp"
#include "client/service_context.hpp"

namespace rtm::client {

long long MediaTasks::start(MediaJob job, std::uint64_t maxSize, const Timing& timing) {
  const long long id = owner_.askForTicket(job, 0);
  if (id == 0) return 0;
  const MediaTimes times{.idle = timing.mediaIdle, .progress = timing.mediaProgress};
  MediaTask task(job.direction, job.size, maxSize, times, owner_.nowMs());
  const bool image = job.image;
  const bool toFile = !job.path.empty();
  std::string mediaId = job.mediaId;
  tasks_.emplace(id, Entry{.task = std::move(task),
                           .job = std::move(job),
                           .image = image,
                           .toFile = toFile,
                           .ticketRequest = id,
                           .mediaId = std::move(mediaId)});
  return id;
}

bool MediaTasks::has(long long id, MediaDirection direction) const {
  const auto found = tasks_.find(id);
  return found != tasks_.end() && found->second.task.direction() == direction;
}

void MediaTasks::interrupt(long long id) {
  feedFromOutside(id, {.input = MediaInput::Interrupted});
}

void MediaTasks::interruptAll() {
  while (!tasks_.empty()) interrupt(tasks_.begin()->first);
}

void MediaTasks::onTicket(long long id, int code, std::string_view mediaId, ByteView ticket, std::uint64_t size) {
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) return;
  Entry& entry = found->second;
  entry.ticket.assign(ticket.begin(), ticket.end());
  if (entry.task.direction() == MediaDirection::Upload) entry.mediaId = mediaId;
  feedFromOutside(id, {.input = MediaInput::Ticket, .code = code, .size = size});
}

void MediaTasks::onSession(MediaInput input) {
  std::vector<long long> ids;
  ids.reserve(tasks_.size());
  for (const auto& [id, entry] : tasks_) ids.push_back(id);
  for (const long long id : ids) feedFromOutside(id, {.input = input});
}

bool MediaTasks::tick() {
  onSession(MediaInput::Tick);
  return !tasks_.empty();
}

MediaEffects MediaTasks::onMediaEvent(long long id, const MediaEvent& event) {
  const std::lock_guard lock(owner_.lock());
  return feed(id, event);
}

void MediaTasks::onMediaBody(long long id, MediaBody body) {
  const std::lock_guard lock(owner_.lock());
  const auto found = tasks_.find(id);
  if (found != tasks_.end()) found->second.body = std::move(body);
}

void MediaTasks::onMediaLog(long long id, LogLevel level, const std::string& line) {
  const std::lock_guard lock(owner_.lock());
  // A task that has ended has no lines in the log.
  if (tasks_.contains(id)) owner_.log(level, "media task " + std::to_string(id) + ": " + line);
}

MediaEffects MediaTasks::feed(long long id, const MediaEvent& event) {
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) return {};
  Entry& entry = found->second;
  MediaEffects effects = entry.task.on(event, owner_.nowMs(), owner_.random());
  bool noRoom = false;
  int code = -1;
  for (const MediaEffect& effect : effects) {
    switch (effect.action) {
      case MediaAction::Ask:
        entry.ticketRequest = owner_.askForTicket(entry.job, id);
        noRoom = entry.ticketRequest == 0;
        break;
      case MediaAction::Progress:
        owner_.onProgress(id, entry.task.direction(), entry.task.size(), effect.value);
        break;
      case MediaAction::End:
        code = effect.code;
        break;
      default:
        break;
    }
  }
  if (code >= 0) {
    end(id, code);
  } else if (noRoom) {
    const MediaEffects more = feed(id, {.input = MediaInput::Failed, .code = media_code::kFailure});
    effects.insert(effects.end(), more.begin(), more.end());
  }
  return effects;
}

void MediaTasks::feedFromOutside(long long id, const MediaEvent& event) {
  for (const MediaEffect& effect : feed(id, event)) {
    if (effect.action == MediaAction::Connect) {
      connect(tasks_.at(id), id, effect.value);
    } else if (effect.action == MediaAction::CloseLink) {
      owner_.onThread([this, id](Connection&) {
        const auto found = transfers_.find(id);
        if (found != transfers_.end()) found->second->closeLink();
      });
    }
  }
}

void MediaTasks::connect(Entry& entry, long long id, std::uint64_t delayMs) {
  MediaRoute route;
  route.areaMask = areaMask();
  route.ticket = entry.ticket;
  route.size = entry.task.size();
  std::unique_ptr<MediaJob> job;
  if (!std::exchange(entry.handedOver, true)) {
    job = std::make_unique<MediaJob>(std::move(entry.job));
    // The fields that a request for another ticket needs.
    entry.job = {.direction = job->direction, .size = job->size, .image = job->image, .mediaId = job->mediaId};
  }
  owner_.onThread([this, id, delayMs, job = std::move(job), route = std::move(route)](Connection& connection) mutable {
    std::unique_ptr<MediaTransfer>& transfer = transfers_[id];
    auto& owner = static_cast<MediaTransfer::Owner&>(*this);  // make_unique may not look through a private base
    if (job != nullptr) transfer = std::make_unique<MediaTransfer>(loop_, owner, id, std::move(*job));
    if (transfer == nullptr) return;  // the task has ended
    route.target = connection.sameServer();
    transfer->connect(delayMs, std::move(route));
  });
}

void MediaTasks::end(long long id, int code) {
  auto ended = tasks_.extract(id);
  Entry& entry = ended.mapped();
  if (code != media_code::kOk) owner_.forgetTicket(entry.ticketRequest);
  // By a post, because the transfer itself may be in the middle of this call.
  if (entry.handedOver) {
    owner_.onThread([this, id](Connection&) { transfers_.erase(id); });
  }
  owner_.onEnded({.id = id,
                  .direction = entry.task.direction(),
                  .code = code,
                  .image = entry.image,
                  .toFile = entry.toFile,
                  .size = entry.task.size(),
                  .mediaId = std::move(entry.mediaId),
                  .body = std::move(entry.body)});
}

}  // namespace rtm::client
