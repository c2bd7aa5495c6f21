#pragma once

// Records that several operations and news share.

#include <string>
#include <vector>

#include "server/bridge/record.hpp"
#include "server/engine/seam/engine.hpp"
#include "wire/messages.hpp"

namespace rtm::server {

inline std::uint32_t placeOf(AppNumber app) {
  return static_cast<std::uint32_t>(app);
}

inline void writeName(RecordWriter& out, const ScopedName& name) {
  out.word(placeOf(name.app)).text(name.name);
}

inline void writeTexts(RecordWriter& out, const std::vector<std::string>& texts) {
  out.word(static_cast<std::uint32_t>(texts.size()));
  for (const std::string& text : texts) out.text(text);
}

inline void writeAddress(RecordWriter& out, const SessionAddress& address) {
  out.word(address.loop).number(address.sessionId);
}

/// Calls `finish` with the one flag of an answer; with false for a failure.
inline MoveFunction<void(RecordReader*)> flagTo(MoveFunction<void(bool)> finish) {
  return [done = std::move(finish)](RecordReader* in) mutable {
    const bool flag = in != nullptr && in->flag();
    done(flag && in->complete());
  };
}

inline ScopedName readName(RecordReader& in) {
  const auto app = static_cast<AppNumber>(in.word());
  return {app, in.text()};
}

inline std::vector<std::string> readTexts(RecordReader& in) {
  std::vector<std::string> texts;
  in.list([&texts](RecordReader& item) { texts.push_back(item.ownText()); });
  return texts;
}

inline std::vector<StoredAttribute> readAttributes(RecordReader& in) {
  std::vector<StoredAttribute> entries;
  in.list([&entries](RecordReader& item) {
    StoredAttribute& entry = entries.emplace_back();
    entry.key = item.text();
    entry.value = item.text();
    entry.updatedBy = item.text();
    entry.updatedMs = item.number();
  });
  return entries;
}

inline SharedFrame attributesFrame(std::string_view channelId, const std::vector<StoredAttribute>& entries) {
  wire::ChannelAttributesEvent event;
  event.channelId = channelId;
  for (const StoredAttribute& entry : entries) {
    wire::Attribute& out = event.entries.emplace_back();
    out.key = entry.key;
    out.value = entry.value;
    out.updatedBy = entry.updatedBy;
    out.updatedMs = entry.updatedMs;
  }
  return SharedFrame::encode(event);
}

inline wire::ChannelMessage readChannelMessage(RecordReader& in, std::string_view channelId) {
  wire::ChannelMessage message;
  message.channelId = channelId;
  message.offset = in.number();
  message.senderId = in.text();
  message.serverTimeMs = wire::Fixed64{in.number()};
  return message;  // its content is what follows, behind what differs
}

void writeHistoryFilter(RecordWriter& out, const HistoryFilter& filter);
/// Of an answer, or of a failure (null).
HistoryPage readHistoryPage(RecordReader* in);

}  // namespace rtm::server
