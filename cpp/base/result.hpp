#pragma once

#include <string>
#include <utility>
#include <variant>

namespace rtm {

/// Why a call failed: a code of the owning domain, and one sentence that says what was expected, what came, and what to
/// do next. Never holds payloads or tokens, so it may be logged.
struct Failure {
  int code = 0;
  std::string message;
};

/// A value or a Failure. No exception crosses a room of this library.
template <typename T>
class Result {
 public:
  Result(T value) : state_(std::move(value)) {}            // NOLINT(google-explicit-constructor): reads as a return
  Result(Failure failure) : state_(std::move(failure)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return std::holds_alternative<T>(state_); }
  explicit operator bool() const { return ok(); }
  T& value() { return std::get<T>(state_); }
  const T& value() const { return std::get<T>(state_); }
  const Failure& failure() const { return std::get<Failure>(state_); }

 private:
  std::variant<T, Failure> state_;
};

}  // namespace rtm
