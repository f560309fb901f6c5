// One attempt of HTTP_GET, SSL_GET or SMTP_CHECK, for tests: its check as NAME=VALUE, its verdict
// on standard output, and with `ends` until when the certificate is valid.
#include <sys/socket.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "checkd/http_attempt.h"
#include "checkd/smtp_attempt.h"

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

Connection connectionOf(const Words& words) {
  Connection to;
  to.address = *IpAddress::parse(textOf(words, "address"));
  to.port = static_cast<std::uint16_t>(numberOf(words, "port", 80));
  to.timeout = std::chrono::milliseconds(numberOf(words, "timeout_ms", 2000));
  return to;
}

std::string contentOf(const Words& words, const std::string& name) {
  std::ifstream file(textOf(words, name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Result<std::shared_ptr<const TlsContext>> tlsOf(const Words& words) {
  const std::string authorities = contentOf(words, "ca");
  const std::string certificate = contentOf(words, "certificate");
  const std::string key = contentOf(words, "key");
  const std::string verify = textOf(words, "verify");
  TlsSettings settings{.authorities = authorities,
                       .certificate = certificate,
                       .key = key,
                       .password = {},
                       .verification = verify == "peer"   ? Verification::kPeer
                                       : verify == "name" ? Verification::kName
                                                          : Verification::kNone,
                       .minVersion = static_cast<std::uint16_t>(numberOf(words, "min_version", 0)),
                       .pinnedKeys = {}};
  if (const std::string pinned = textOf(words, "pin"); !pinned.empty()) {
    Sha256& digest = settings.pinnedKeys.emplace_back();
    for (std::size_t i = 0; i < digest.size(); ++i) {
      std::from_chars(&pinned[2 * i], &pinned[2 * i] + 2, digest[i], 16);
    }
  }
  return TlsContext::create(settings);
}

SmtpCheck smtpCheckOf(const Words& words) {
  SmtpCheck check{.questions = {.heloName = textOf(words, "helo"),
                                .extended = words.contains("ehlo"),
                                .startTls = words.contains("starttls"),
                                .sender = {},
                                .recipient = textOf(words, "to"),
                                .drainsOn421 = words.contains("drain")},
                  .tls = {},
                  .serverName = textOf(words, "sni"),
                  .hosts = {connectionOf(words)}};
  if (words.contains("from")) {
    check.questions.sender = textOf(words, "from");
  }
  return check;
}

HttpCheck httpCheckOf(const Words& words) {
  HttpCheck check;
  check.connection = connectionOf(words);
  check.usesTls = words.contains("tls");
  check.sendServerName = words.contains("sni");
  if (words.contains("header")) {
    check.headers = {textOf(words, "header")};
  }
  check.urls = {urlOf(words)};
  return check;
}

void print(const Verdict& verdict, bool showsEnd) {
  const std::string text = verdict.drains   ? "drains: " + verdict.why
                           : verdict.passed ? "passed"
                                            : verdict.why;
  std::puts(text.c_str());
  if (showsEnd) {
    std::puts(std::to_string(verdict.certificateEnds.value_or(0)).c_str());
  }
}

int run(const Words& words) {
  auto loop = EventLoop::create();
  PlainSockets sockets;
  TlsContext::prepareLibrary();
  const auto tls = tlsOf(words);
  if (!tls) {
    std::fputs(tls.error().message.c_str(), stderr);
    return 1;
  }
  HttpClient client;
  const HttpCheck http = httpCheckOf(words);
  const SmtpCheck smtp = smtpCheckOf(words);
  const Attempt::Done done = [&](const Verdict& verdict) {
    print(verdict, words.contains("ends"));
    loop->stop();
  };
  const auto attempt = words.contains("helo")
                           ? makeSmtpAttempt(*loop, sockets, *tls, smtp, 0, done)
                           : makeHttpAttempt(*loop, sockets, client, *tls, http, 0, done);
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
