#include "server/permissions/pattern.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/identifiers.hpp"
#include "server/permissions/actions.hpp"

namespace rtm::server {
namespace {

constexpr std::string_view kMe = "/me";

/// The characters of ids, and the characters that only patterns have.
bool isPatternCharacter(char c) {
  return c == '*' || isValidUserId(std::string_view(&c, 1));
}

/// Whether `id` is what `pattern` says, where `*` is any run. Goes back to the last `*` only: an earlier one cannot do
/// better, so the time is bounded by the product of the sizes.
bool runsMatch(std::string_view pattern, std::string_view id) {
  std::size_t at = 0;
  std::size_t star = std::string_view::npos;
  std::size_t retry = 0;  // where the run of the last `*` ends
  for (std::size_t i = 0; i < id.size();) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      retry = i;
    } else if (at < pattern.size() && pattern[at] == id[i]) {
      ++at;
      ++i;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      i = ++retry;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

}  // namespace

std::string_view Pattern::wrongWith(std::string_view text) {
  if (text.empty()) return "an empty text";
  if (text.size() > kMostRulePatternBytes) return "a longer text";
  bool me = false;
  while (!text.empty()) {
    if (text.starts_with(kMe)) {
      if (std::exchange(me, true)) return "/me twice";
      text.remove_prefix(kMe.size());
    } else if (isPatternCharacter(text.front())) {
      text.remove_prefix(1);
    } else {
      return text.front() == '/' ? "a / that begins no /me" : "a character that no id has";
    }
  }
  return {};
}

Pattern::Pattern(std::string text) : text_(std::move(text)), me_(text_.find(kMe)) {}

bool Pattern::matches(std::string_view id, std::string_view me) const {
  if (me_ == std::string::npos) return runsMatch(text_, id);
  if (me.size() > kMaxIdBytes) return false;
  // An id has no `*`, so its characters stand for themselves in the pattern.
  std::array<char, kMostRulePatternBytes + kMaxIdBytes> whole;
  char* end = std::copy_n(text_.data(), me_, whole.data());
  end = std::copy(me.begin(), me.end(), end);
  end = std::copy(text_.begin() + static_cast<std::ptrdiff_t>(me_ + kMe.size()), text_.end(), end);
  return runsMatch({whole.data(), static_cast<std::size_t>(end - whole.data())}, id);
}

}  // namespace rtm::server
