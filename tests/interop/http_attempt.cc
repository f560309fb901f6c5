// One attempt of HTTP_GET or SSL_GET, for tests: its check as NAME=VALUE, its verdict on standard
// output.
#include <sys/socket.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "checkd/http_attempt.h"

namespace holdfast::checkd {
namespace {

class PlainSockets : public SocketSource {
 public:
  std::unique_ptr<Pending> open(SocketKind /*kind*/, const Connection& to, Opened opened) override {
    UniqueFd made(::socket(socketFamily(to.address.family), SOCK_STREAM | SOCK_NONBLOCK, 0));
    opened(std::move(made));
    return nullptr;
  }
};

using Words = std::map<std::string, std::string>;

std::uint64_t numberOf(const Words& words, const std::string& name, std::uint64_t otherwise) {
  const auto found = words.find(name);
  return found == words.end() ? otherwise : std::strtoull(found->second.c_str(), nullptr, 10);
}

std::string textOf(const Words& words, const std::string& name) {
  const auto found = words.find(name);
  return found == words.end() ? "" : found->second;
}

Url urlOf(const Words& words) {
  Url url;
  url.path = words.contains("path") ? textOf(words, "path") : "/x";
  url.host = textOf(words, "host");
  url.statusCodes = {{static_cast<std::uint16_t>(numberOf(words, "low", 200)),
                      static_cast<std::uint16_t>(numberOf(words, "high", 299))}};
  url.regex = textOf(words, "regex");
  url.regexNoMatch = words.contains("no_match");
  url.regexMinOffset = numberOf(words, "min", 0);
  url.regexMaxOffset = numberOf(words, "max", 0);
  url.tlsCompliant = words.contains("compliant");
  if (const std::string digest = textOf(words, "digest"); !digest.empty()) {
    url.digest.emplace();
    for (std::size_t i = 0; i < url.digest->size(); ++i) {
      std::from_chars(&digest[2 * i], &digest[2 * i] + 2, (*url.digest)[i], 16);
    }
  }
  return url;
}

HttpCheck checkOf(const Words& words) {
  HttpCheck check;
  check.connection.address = *IpAddress::parse(textOf(words, "address"));
  check.connection.port = static_cast<std::uint16_t>(numberOf(words, "port", 80));
  check.connection.timeout = std::chrono::milliseconds(numberOf(words, "timeout_ms", 2000));
  check.usesTls = words.contains("tls");
  check.sendServerName = words.contains("sni");
  check.urls = {urlOf(words)};
  return check;
}

int run(const Words& words) {
  auto loop = EventLoop::create();
  PlainSockets sockets;
  TlsContext::prepareLibrary();
  auto tls = TlsContext::create({});
  HttpClient client(std::move(*tls));
  const HttpCheck check = checkOf(words);
  const auto attempt =
      makeHttpAttempt(*loop, sockets, client, check, 0, [&loop](const Verdict& verdict) {
        std::puts(verdict.passed ? "passed" : verdict.why.c_str());
        loop->stop();
      });
  attempt->start(EventLoop::now());
  return loop->run().ok() ? 0 : 1;
}

}  // namespace
}  // namespace holdfast::checkd

int main(int argc, char** argv) {
  holdfast::checkd::Words words;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const std::size_t equals = word.find('=');
    words[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
  }
  return holdfast::checkd::run(words);
}
