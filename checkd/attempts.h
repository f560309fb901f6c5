// The attempt of each kind of check.
#pragma once

#include <cstddef>
#include <memory>

#include "checkd/attempt.h"
#include "checkd/configuration.h"
#include "checkd/http_attempt.h"
#include "checkd/script_runs.h"
#include "checkd/socket_source.h"
#include "ipc/event_loop.h"

namespace holdfast::checkd {

// What they borrow, for as long as a configuration is in force.
struct AttemptParts {
  EventLoop& loop;
  SocketSource& sockets;
  ScriptRuns& scripts;
  HttpClient& http;
};

// How many an attempt chooses from: URLs of HTTP_GET, hosts of SMTP_CHECK, else one.
[[nodiscard]] std::size_t targetsOf(const Checker& checker);

// FILE_CHECK and BFD_CHECK are told how things are, and attempt nothing.
[[nodiscard]] bool isAttempted(const Checker& checker);

// For a checker that isAttempted(). `checker` is borrowed, and outlives the attempt.
[[nodiscard]] std::unique_ptr<Attempt> makeAttempt(const AttemptParts& parts,
                                                   const Checker& checker, std::size_t target,
                                                   Attempt::Done done);

}  // namespace holdfast::checkd
