// Errors are values: a Result<T> holds either a T or an Error, and has to be looked at.
#pragma once

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <variant>

namespace holdfast {

// What went wrong, in words for an operator. `code` is an errno value where a system call failed,
// and 0 where the failure is our own verdict on bad input.
struct Error {
  std::string message;
  int code = 0;
};

// An Error from errno: "what: strerror". To be called before anything else can change errno.
[[nodiscard]] inline Error systemError(std::string what) {
  const int code = errno;
  what += ": ";
  what += std::strerror(code);  // NOLINT(concurrency-mt-unsafe): every process is single-threaded
  return Error{std::move(what), code};
}

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  [[nodiscard]] T& value() & { return std::get<0>(state_); }
  [[nodiscard]] const T& value() const& { return std::get<0>(state_); }
  [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }
  [[nodiscard]] const Error& error() const { return std::get<1>(state_); }

  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }

 private:
  std::variant<T, Error> state_;
};

// Success carries nothing.
struct Unit {
  friend bool operator==(Unit, Unit) = default;
};
using Status = Result<Unit>;
[[nodiscard]] inline Status success() {
  return Unit{};
}

}  // namespace holdfast
