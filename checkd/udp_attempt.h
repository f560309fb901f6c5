// UDP_CHECK: a datagram is sent; an error that comes back is a failure, and silence is a success
// unless a reply is required.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "checkd/attempt.h"
#include "checkd/configuration.h"
#include "checkd/socket_source.h"
#include "ipc/event_loop.h"

namespace holdfast::checkd {

// What is wrong with a reply; nothing where it will do.
[[nodiscard]] std::optional<std::string> judgeReply(const UdpCheck& check,
                                                    std::span<const std::uint8_t> reply);

// All but `done` is borrowed, and outlives the attempt.
[[nodiscard]] std::unique_ptr<Attempt> makeUdpAttempt(EventLoop& loop, SocketSource& sockets,
                                                      const UdpCheck& check, Attempt::Done done);

}  // namespace holdfast::checkd
