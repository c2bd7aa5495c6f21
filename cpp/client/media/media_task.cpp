#include "client/media/media_task.hpp"

#include <algorithm>
#include <utility>

namespace rtm::client {

namespace {

constexpr std::uint64_t kFirstRetryMs = 250;
constexpr std::uint64_t kLongestRetryMs = 8000;

MediaEffect mediaEffect(MediaAction action, std::uint64_t value = 0) {
  return {.action = action, .value = value};
}

}  // namespace

MediaTask::MediaTask(MediaDirection direction, std::uint64_t size, std::uint64_t maxSize, MediaTimes times,
                     std::uint64_t now)
    : direction_(direction),
      times_(times),
      size_(size),
      maxSize_(maxSize),
      movedAt_(now),
      reportedAt_(now),
      phaseAt_(now) {}

MediaEffects MediaTask::on(const MediaEvent& event, std::uint64_t now, double random) {
  if (phase_ == Phase::Done) return {};
  const Phase before = phase_;
  MediaEffects effects;
  switch (event.input) {
    case MediaInput::Ticket:
      effects = onTicket(event);
      break;
    case MediaInput::LinkUp:
      if (phase_ != Phase::Connecting) break;
      phase_ = Phase::Opening;
      effects = {mediaEffect(MediaAction::Open, uploading() ? 0 : moved_)};
      break;
    case MediaInput::LinkLost:
      if (needsLink()) effects = connectAgain(event.delayMs, random);
      break;
    case MediaInput::Opened:
      effects = onOpened(event, now);
      break;
    case MediaInput::Refused:
      effects = onRefused(event.code);
      break;
    case MediaInput::Moved:
      // In every phase, because bytes of a connection that is being given up count, too. Repeated bytes do not: a
      // server that takes the same bytes again and again makes no progress.
      if (event.offset <= moved_) break;
      moved_ = event.offset;
      movedAt_ = now;
      failures_ = 0;
      break;
    case MediaInput::BodyEnd:
      effects = onBodyEnd();
      break;
    case MediaInput::Stored:
      if (!uploading() || (phase_ != Phase::Moving && phase_ != Phase::Ending)) break;
      effects = end(phase_ == Phase::Moving && event.code == media_code::kOk ? media_code::kFailure : event.code);
      break;
    case MediaInput::Published:
      if (!uploading() && phase_ == Phase::Ending) effects = end(event.code);
      break;
    case MediaInput::Failed:
      effects = end(event.code);
      break;
    case MediaInput::Interrupted:
      effects = end(media_code::kInterrupted);
      break;
    case MediaInput::SessionLost:
      sessionUp_ = false;
      break;
    case MediaInput::SessionBack:
      sessionUp_ = true;
      if (waitsForSession_) effects = {mediaEffect(MediaAction::Connect)};
      waitsForSession_ = false;
      break;
    case MediaInput::SessionNew:
      effects = onSessionNew();
      break;
    case MediaInput::Tick:
      effects = onTick(now, random);
      break;
  }
  if (phase_ != before) phaseAt_ = now;
  return effects;
}

MediaEffects MediaTask::onTicket(const MediaEvent& event) {
  if (phase_ != Phase::Asking) return {};
  if (event.code != media_code::kOk) return end(event.code);
  if (!uploading()) {
    const bool otherBody = moved_ != 0 && event.size != size_;
    if (event.size == 0 || event.size > maxSize_ || otherBody) return end(media_code::kFailure);
    size_ = event.size;
  }
  phase_ = Phase::Connecting;
  waitsForSession_ = !sessionUp_;
  if (waitsForSession_) return {};
  return {mediaEffect(MediaAction::Connect)};
}

MediaEffects MediaTask::onOpened(const MediaEvent& event, std::uint64_t now) {
  if (phase_ != Phase::Opening) return {};
  const bool offsetFits = uploading() ? event.offset <= size_ : event.offset == moved_;
  if (event.size != size_ || !offsetFits) return end(media_code::kFailure);
  phase_ = Phase::Moving;
  phaseAt_ = now;
  MediaEffects effects;
  if (!std::exchange(begun_, true)) effects.push_back(mediaEffect(MediaAction::Progress, 0));
  effects.push_back(mediaEffect(MediaAction::Move, event.offset));
  return effects;
}

/// Tickets end with their session. A refusal while the session has no connection may only mean that the session has
/// ended; a new session gives another ticket. While the session has a connection, its end may be on the way. The task
/// asks for another ticket once, and the answer tells.
MediaEffects MediaTask::onRefused(int code) {
  if (!needsLink()) return {};
  if (sessionUp_ && code == media_code::kFailure && !askedAnew_) {
    askedAnew_ = true;
    phase_ = Phase::Asking;
    return {mediaEffect(MediaAction::CloseLink), mediaEffect(MediaAction::Ask)};
  }
  if (sessionUp_) return end(code);
  phase_ = Phase::Connecting;
  waitsForSession_ = true;
  return {mediaEffect(MediaAction::CloseLink)};
}

MediaEffects MediaTask::onBodyEnd() {
  if (phase_ != Phase::Moving) return {};
  phase_ = Phase::Ending;
  if (uploading()) return {};
  return {mediaEffect(MediaAction::CloseLink), mediaEffect(MediaAction::Publish)};
}

bool MediaTask::needsLink() const {
  return phase_ == Phase::Connecting || phase_ == Phase::Opening || phase_ == Phase::Moving ||
         (phase_ == Phase::Ending && uploading());
}

MediaEffects MediaTask::onSessionNew() {
  sessionUp_ = true;
  waitsForSession_ = false;
  if (!needsLink()) return {};  // the outbox repeats a request for a ticket
  phase_ = Phase::Asking;
  return {mediaEffect(MediaAction::CloseLink), mediaEffect(MediaAction::Ask)};
}

MediaEffects MediaTask::onTick(std::uint64_t now, double random) {
  if (now - movedAt_ >= times_.idle) return end(media_code::kTimeout);
  // The connection may be dead without an error. Another one may get through before the time is over.
  const std::uint64_t quiet = now - std::max(movedAt_, phaseAt_);
  if ((phase_ == Phase::Opening || phase_ == Phase::Moving) && quiet >= times_.idle / 4) {
    phaseAt_ = now;
    MediaEffects effects = connectAgain(0, random);
    effects.insert(effects.begin(), mediaEffect(MediaAction::CloseLink));
    return effects;
  }
  if (moved_ <= reported_ || now - reportedAt_ < times_.progress) return {};
  reported_ = moved_;
  reportedAt_ = now;
  return {mediaEffect(MediaAction::Progress, moved_)};
}

MediaEffects MediaTask::connectAgain(std::uint64_t notBeforeMs, double random) {
  phase_ = Phase::Connecting;
  if (!sessionUp_) {
    waitsForSession_ = true;  // its tickets may be void, and the server of its next connection is not known yet
    return {};
  }
  const std::uint64_t doubled = kFirstRetryMs << std::min<std::uint32_t>(failures_++, 5);
  const double wait = static_cast<double>(std::min(doubled, kLongestRetryMs)) * (0.5 + random / 2);
  return {mediaEffect(MediaAction::Connect, std::max(notBeforeMs, static_cast<std::uint64_t>(wait)))};
}

MediaEffects MediaTask::end(int code) {
  phase_ = Phase::Done;
  // A later version of the server may send a code that the enumerations do not have.
  const bool known = code >= media_code::kOk && code <= media_code::kInterrupted;
  MediaEffects effects{mediaEffect(MediaAction::CloseLink)};
  // The last bytes moved after the last report; of a transfer of less than a second nothing was reported.
  if (code == media_code::kOk && reported_ < size_) effects.push_back(mediaEffect(MediaAction::Progress, size_));
  effects.push_back({.action = MediaAction::End, .value = 0, .code = known ? code : media_code::kFailure});
  return effects;
}

}  // namespace rtm::client
