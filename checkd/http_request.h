// What HTTP_GET, SSL_GET and genhash send.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "checkd/configuration.h"

namespace holdfast::checkd {

// Byte for byte that of keepalived, where there are no `headers`, each of which is "Name: value".
// An empty `host` is the address and port of `to`: always with the port, and an IPv6 address in
// brackets.
[[nodiscard]] std::string httpRequest(HttpProtocol protocol, std::string_view path,
                                      std::string_view host, const Connection& to,
                                      std::span<const std::string> headers = {});

}  // namespace holdfast::checkd
