// SMTP_CHECK: one dialogue with one of its hosts.
#pragma once

#include <cstddef>
#include <memory>

#include "checkd/attempt.h"
#include "checkd/configuration.h"
#include "checkd/socket_source.h"
#include "checkd/tls_context.h"
#include "ipc/event_loop.h"

namespace holdfast::checkd {

// `host` is an index of `check.hosts`, `tls` for STARTTLS: without one that fails. All else but
// `done` is borrowed, and outlives the attempt.
[[nodiscard]] std::unique_ptr<Attempt> makeSmtpAttempt(EventLoop& loop, SocketSource& sockets,
                                                       std::shared_ptr<const TlsContext> tls,
                                                       const SmtpCheck& check, std::size_t host,
                                                       Attempt::Done done);

}  // namespace holdfast::checkd
