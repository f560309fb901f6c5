// One attempt of a check: what is sent to a server, and whether its answer is right. The schedule
// (check_schedule.h) says when there is one and what its verdict means.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "checkd/socket_source.h"
#include "ipc/time.h"

namespace holdfast::checkd {

struct Verdict {
  bool passed = false;
  // False: it was not made, through no fault of the server's, and says nothing about it.
  bool isMade = true;
  // Where it did not pass: what was wrong, for an operator, without the names of the servers.
  // At most 200 printable characters, whatever the server sent.
  std::string why;
  // misc_dynamic: the weight that the check gives its server.
  std::optional<std::uint32_t> weight = std::nullopt;
  // It passed, and wants no new connections: `why` is what it said.
  bool drains = false;
  // Until when the server's certificate is valid, in seconds since 1970, where it showed one.
  std::optional<std::int64_t> certificateEnds = std::nullopt;

  [[nodiscard]] static Verdict pass() { return {.passed = true, .why = {}}; }
  [[nodiscard]] static Verdict fail(std::string why) {
    return {.passed = false, .why = std::move(why)};
  }
  [[nodiscard]] static Verdict notMade(std::string why) {
    return {.passed = false, .isMade = false, .why = std::move(why)};
  }
  [[nodiscard]] static Verdict drain(std::string why) {
    return {.passed = true, .why = std::move(why), .drains = true};
  }
};

// There is no socket for it.
[[nodiscard]] inline Verdict withoutSocket(const Error& error) {
  return error.code == SocketSource::kNobody ? Verdict::notMade(error.message)
                                             : Verdict::fail(error.message);
}

// Owned by the check that made it. Destroying it abandons the attempt: nothing is told any more.
class Attempt {
 public:
  // Called once, from the event loop and never from start(). The attempt may be destroyed in it.
  using Done = std::function<void(Verdict verdict)>;

  Attempt() = default;
  virtual ~Attempt() = default;
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  // Once. It ends at its own time limit at the latest, whatever the server does.
  virtual void start(TimePoint now) = 0;
};

}  // namespace holdfast::checkd
