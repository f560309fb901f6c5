// TCP_CHECK, once.
#pragma once

#include <memory>

#include "checkd/attempt.h"
#include "checkd/configuration.h"
#include "checkd/socket_source.h"
#include "ipc/event_loop.h"

namespace holdfast::checkd {

// A server that accepts the connection has passed. The connection is closed at once, with FIN and
// without waiting for its acknowledgement: nothing that the server does then holds this process up.
// All but `done` is borrowed, and outlives the attempt.
[[nodiscard]] std::unique_ptr<Attempt> makeTcpAttempt(EventLoop& loop, SocketSource& sockets,
                                                      const TcpCheck& check, Attempt::Done done);

}  // namespace holdfast::checkd
