#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace rtm {

template <typename Signature>
class MoveFunction;

/// A callable that is moved, never copied, so that a task may own a unique_ptr (std::function cannot, and
/// std::move_only_function is C++23). Empty after a move.
template <typename R, typename... Args>
class MoveFunction<R(Args...)> {
 public:
  MoveFunction() = default;
  MoveFunction(std::nullptr_t) {}  // NOLINT(google-explicit-constructor): mirrors std::function

  template <typename F, typename = std::enable_if_t<!std::is_same_v<std::decay_t<F>, MoveFunction> &&
                                                    std::is_invocable_r_v<R, std::decay_t<F>&, Args...>>>
  MoveFunction(F&& callable)  // NOLINT(google-explicit-constructor): mirrors std::function
      : holder_(std::make_unique<Holder<std::decay_t<F>>>(std::forward<F>(callable))) {}

  explicit operator bool() const { return holder_ != nullptr; }
  R operator()(Args... args) { return holder_->call(std::forward<Args>(args)...); }

 private:
  struct Base {
    Base() = default;
    Base(const Base&) = delete;
    Base& operator=(const Base&) = delete;
    virtual ~Base() = default;
    virtual R call(Args... args) = 0;
  };
  template <typename F>
  struct Holder final : Base {
    explicit Holder(F f) : function(std::move(f)) {}
    R call(Args... args) override {
      if constexpr (std::is_void_v<R>) {
        std::invoke(function, std::forward<Args>(args)...);  // drops the result
      } else {
        return std::invoke(function, std::forward<Args>(args)...);
      }
    }
    F function;
  };

  std::unique_ptr<Base> holder_;
};

using Task = MoveFunction<void()>;

}  // namespace rtm
