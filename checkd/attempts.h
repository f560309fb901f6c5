// From a configured check to an attempt of it.
#pragma once

#include <cstddef>
#include <memory>

#include "checkd/attempt.h"
#include "checkd/configuration.h"
#include "checkd/http_attempt.h"
#include "checkd/script_runs.h"
#include "checkd/socket_source.h"
#include "checkd/tls_configuration.h"
#include "ipc/event_loop.h"

namespace holdfast::checkd {

// Everything that attempts use. Owned by the Daemon.
struct Means {
  EventLoop& loop;
  SocketSource& sockets;
  HttpClient& http;
  const TlsContexts& tls;
  ScriptRuns& scripts;
};

// How many targets a check goes through in turn; 0: it is not attempted, but told (FILE_CHECK,
// BFD_CHECK).
[[nodiscard]] std::size_t targetsOf(const Checker& checker);

// `checker` is borrowed, outlives the attempt, and has that target.
[[nodiscard]] std::unique_ptr<Attempt> makeAttempt(const Means& means, const Checker& checker,
                                                   std::size_t target, Attempt::Done done);

}  // namespace holdfast::checkd
