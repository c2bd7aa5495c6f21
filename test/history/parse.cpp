#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.hpp"
#include "history/history.hpp"

namespace rtm::history {
namespace {

constexpr std::array<std::pair<std::string_view, What>, 17> kWhats{{{"start", What::Start},
                                                                    {"logged-in", What::LoggedIn},
                                                                    {"resumed", What::Resumed},
                                                                    {"missed", What::Missed},
                                                                    {"joined", What::Joined},
                                                                    {"left", What::Left},
                                                                    {"log-out", What::LogOut},
                                                                    {"logged-out", What::LoggedOut},
                                                                    {"crash", What::Crash},
                                                                    {"suspend", What::Suspend},
                                                                    {"wake", What::Wake},
                                                                    {"send", What::Send},
                                                                    {"result", What::Result},
                                                                    {"receive", What::Receive},
                                                                    {"server-dies", What::ServerDies},
                                                                    {"server-forgets", What::ServerForgets},
                                                                    {"store-refuses", What::StoreRefuses}}};
constexpr std::array<std::pair<std::string_view, Outcome>, 6> kOutcomes{{{"delivered", Outcome::Delivered},
                                                                         {"cached", Outcome::Cached},
                                                                         {"unreachable", Outcome::Unreachable},
                                                                         {"failed", Outcome::Failed},
                                                                         {"unsent", Outcome::Unsent},
                                                                         {"unknown", Outcome::Unknown}}};

/// Takes the fields of one event; the first problem stays.
class Reader {
 public:
  Reader(const JsonValue& object, std::string& problem) : object_(object), problem_(problem) {}

  template <typename Number>
  void number(std::string_view key, Number& out) {
    const JsonValue* const value = find(key, JsonValue::Type::Number, "a number");
    if (value != nullptr) out = static_cast<Number>(value->number);
  }
  void text(std::string_view key, std::string& out) {
    const JsonValue* const value = find(key, JsonValue::Type::String, "a text");
    if (value != nullptr) out = value->string;
  }
  void flag(std::string_view key, bool& out) {
    const JsonValue* const value = find(key, JsonValue::Type::Bool, "true or false");
    if (value != nullptr) out = value->boolean;
  }
  template <typename Words, typename Value>
  void word(std::string_view key, const Words& words, Value& out) {
    std::string name;
    text(key, name);
    if (name.empty()) return;
    for (const auto& [word, value] : words) {
      if (word != name) continue;
      out = value;
      return;
    }
    fail(std::string(key) + ": unknown word \"" + name + "\"");
  }

 private:
  const JsonValue* find(std::string_view key, JsonValue::Type type, const char* expected) {
    const JsonValue* const value = object_.find(key);
    if (value == nullptr || value->type == type) return value;
    fail(std::string(key) + ": expected " + expected);
    return nullptr;
  }
  void fail(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }

  const JsonValue& object_;
  std::string& problem_;
};

}  // namespace

std::optional<Event> parse(std::string_view line, std::string& problem) {
  problem.clear();
  const std::optional<JsonValue> value = parseJson(line, &problem);
  if (!value) return std::nullopt;
  if (value->type != JsonValue::Type::Object || value->find("what") == nullptr) {
    problem = "expected an object with \"what\"";
    return std::nullopt;
  }
  Event event;
  Reader reader(*value, problem);
  reader.number("ms", event.ms);
  reader.word("what", kWhats, event.what);
  reader.number("process", event.process);
  reader.number("message", event.message);
  reader.text("user", event.user);
  reader.text("to", event.to);
  reader.text("channel", event.channel);
  reader.word("outcome", kOutcomes, event.outcome);
  reader.flag("clean", event.clean);
  reader.flag("stored", event.stored);
  if (!problem.empty()) return std::nullopt;
  return event;
}

}  // namespace rtm::history
