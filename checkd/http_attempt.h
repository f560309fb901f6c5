// One URL of HTTP_GET or SSL_GET, asked for once.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "checkd/attempt.h"
#include "checkd/configuration.h"
#include "checkd/regex.h"
#include "checkd/socket_source.h"
#include "checkd/tls_context.h"
#include "ipc/event_loop.h"

namespace holdfast::checkd {

// What all of them share, for as long as a configuration is in force.
class HttpClient {
 public:
  // That of `url`, compiled once; null where it has none.
  [[nodiscard]] Result<std::shared_ptr<const Regex>> regexOf(const Url& url);

 private:
  std::map<std::pair<std::string, std::uint32_t>, std::shared_ptr<const Regex>> regexes_;
};

// `url` is an index of `check.urls`, `tls` for SSL_GET: without one it fails. All else but `done`
// is borrowed, and outlives the attempt.
[[nodiscard]] std::unique_ptr<Attempt> makeHttpAttempt(EventLoop& loop, SocketSource& sockets,
                                                       HttpClient& client,
                                                       std::shared_ptr<const TlsContext> tls,
                                                       const HttpCheck& check, std::size_t url,
                                                       Attempt::Done done);

}  // namespace holdfast::checkd
