#include "checkd/attempts.h"

#include <algorithm>
#include <string>
#include <utility>

#include "checkd/misc_attempt.h"

namespace holdfast::checkd {
namespace {

// Of what cannot be attempted: a server is never up because nobody looks.
class FailedAttempt : public Attempt {
 public:
  FailedAttempt(EventLoop& loop, std::string why, Done done)
      : done_(std::move(done)), timer_(loop, [this, why = std::move(why)](TimePoint, Duration) {
          done_(Verdict::fail(why));
        }) {}

  void start(TimePoint now) override { timer_.arm(now); }

 private:
  Done done_;
  Timer timer_;
};

struct Maker {
  const AttemptParts& parts;
  std::size_t target;
  Attempt::Done done;

  using Made = std::unique_ptr<Attempt>;

  Made operator()(const HttpCheck& check) {
    return makeHttpAttempt(parts.loop, parts.sockets, parts.http, check, target, std::move(done));
  }
  Made operator()(const MiscCheck& check) {
    return makeMiscAttempt(parts.loop, parts.scripts, check, std::move(done));
  }
  template <typename Other>
  Made operator()(const Other&) {
    return std::make_unique<FailedAttempt>(parts.loop, "nobody knows how to make this check",
                                           std::move(done));
  }
};

}  // namespace

std::size_t targetsOf(const Checker& checker) {
  if (const auto* http = std::get_if<HttpCheck>(&checker.check)) {
    return std::max<std::size_t>(http->urls.size(), 1);
  }
  if (const auto* smtp = std::get_if<SmtpCheck>(&checker.check)) {
    return std::max<std::size_t>(smtp->hosts.size(), 1);
  }
  return 1;
}

bool isAttempted(const Checker& checker) {
  return !std::holds_alternative<FileCheck>(checker.check) &&
         !std::holds_alternative<BfdCheck>(checker.check);
}

std::unique_ptr<Attempt> makeAttempt(const AttemptParts& parts, const Checker& checker,
                                     std::size_t target, Attempt::Done done) {
  return std::visit(Maker{parts, target, std::move(done)}, checker.check);
}

}  // namespace holdfast::checkd
