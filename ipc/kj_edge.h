// Where Cap'n Proto's exceptions end. Its readers throw when they follow a pointer that leads out
// of the message; everything of ours that follows pointers does so inside catchKj().
#pragma once

#include <kj/exception.h>

#include <string>
#include <utility>

#include "ipc/result.h"

namespace holdfast {

// One on the stack of each main(), before anything else: without it KJ collects stack traces, and
// runs addr2line to print them.
class QuietKjExceptions final : public kj::ExceptionCallback {
 public:
  StackTraceMode stackTraceMode() override { return StackTraceMode::NONE; }
};

// Runs `body`, which returns a Status, and turns a KJ exception into an Error that begins with
// `what`.
template <typename Body>
[[nodiscard]] Status catchKj(const char* what, Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (const kj::Exception& exception) {
    return Error{std::string(what) + ": " + exception.getDescription().cStr()};
  }
}

}  // namespace holdfast
