// SMTP_CHECK: one dialogue with one of its hosts.
#pragma once

#include <cstddef>
#include <memory>

#include "checkd/attempt.h"
#include "checkd/configuration.h"
#include "checkd/socket_source.h"
#include "ipc/event_loop.h"

namespace holdfast::checkd {

// `host` is an index of `check.hosts`. All but `done` is borrowed, and outlives the attempt.
[[nodiscard]] std::unique_ptr<Attempt> makeSmtpAttempt(EventLoop& loop, SocketSource& sockets,
                                                       const SmtpCheck& check, std::size_t host,
                                                       Attempt::Done done);

}  // namespace holdfast::checkd
