#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rtm::server {

/// Ids that a rule speaks of: `*` stands for any run of characters, also none; `/me` for the id of the user who asks.
/// No id has these characters, so no id can be taken for a pattern.
class Pattern {
 public:
  /// Why a text is no pattern; empty: it is one.
  static std::string_view wrongWith(std::string_view text);
  /// Only for a text with which nothing is wrong.
  explicit Pattern(std::string text);

  /// `me`: the id of the user who asks.
  bool matches(std::string_view id, std::string_view me) const;

 private:
  std::string text_;
  std::size_t me_;  ///< where `/me` is; npos: nowhere
};

using Patterns = std::vector<Pattern>;

}  // namespace rtm::server
