// DNS_CHECK: one question, once.
#pragma once

#include <memory>

#include "checkd/attempt.h"
#include "checkd/configuration.h"
#include "checkd/socket_source.h"
#include "ipc/event_loop.h"

namespace holdfast::checkd {

// All but `done` is borrowed, and outlives the attempt.
[[nodiscard]] std::unique_ptr<Attempt> makeDnsAttempt(EventLoop& loop, SocketSource& sockets,
                                                      const DnsCheck& check, Attempt::Done done);

}  // namespace holdfast::checkd
