// An attempt that could not even begin.
#pragma once

#include <string>
#include <utility>

#include "checkd/attempt.h"
#include "checkd/printable.h"
#include "ipc/event_loop.h"

namespace holdfast::checkd {

inline constexpr const char* kNoTls = "TLS cannot be used: see its files";

class FailedAttempt final : public Attempt {
 public:
  FailedAttempt(EventLoop& loop, std::string why, Done done)
      : timer_(loop, [why = std::move(why), done = std::move(done)](TimePoint, Duration) {
          done(Verdict::fail(printable(why, kMaxWhy)));
        }) {}

  void start(TimePoint now) override { timer_.arm(now); }

 private:
  Timer timer_;
};

}  // namespace holdfast::checkd
