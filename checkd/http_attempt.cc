#include "checkd/http_attempt.h"

#include <algorithm>

#include "checkd/body_check.h"
#include "checkd/failed_attempt.h"
#include "checkd/http_exchange.h"
#include "checkd/http_request.h"
#include "checkd/printable.h"

namespace holdfast::checkd {
namespace {

constexpr std::size_t kShownOfReply = 80;

// Of "www.example.org:8443" and "[2001:db8::1]:8443".
std::string withoutPort(const std::string& host) {
  if (host.starts_with('[')) {
    return host.substr(1, host.find(']') - 1);
  }
  const std::size_t colon = host.find(':');
  return colon == host.rfind(':') ? host.substr(0, colon) : host;
}

HttpExchange::Request requestOf(std::shared_ptr<const TlsContext> tls, const HttpCheck& check,
                                const Url& url) {
  const std::string& name = check.serverName.empty() ? url.host : check.serverName;
  return {.to = check.connection,
          .tls = check.usesTls ? std::move(tls) : nullptr,
          .peer = {.serverName = check.sendServerName ? name : std::string(),
                   .name = withoutPort(name),
                   .address = check.connection.address,
                   .mustEndInOrder = url.tlsCompliant},
          .text = httpRequest(check.protocol, url.path, url.host, check.connection, check.headers)};
}

class HttpAttempt : public Attempt {
 public:
  HttpAttempt(EventLoop& loop, SocketSource& sockets, std::shared_ptr<const TlsContext> tls,
              const HttpCheck& check, const Url& url, std::shared_ptr<const Regex> regex, Done done)
      : url_(url),
        done_(std::move(done)),
        body_(url, std::move(regex)),
        exchange_(loop, sockets, requestOf(std::move(tls), check, url),
                  {.header = [this](const HttpReply& reply) { return judge(reply); },
                   .body = [this](std::span<const std::uint8_t> bytes) { body_.feed(bytes); },
                   .ended = [this](std::optional<Verdict> failure) { end(std::move(failure)); }}) {}

  void start(TimePoint now) override { exchange_.start(now); }

 private:
  [[nodiscard]] std::optional<std::string> judge(const HttpReply& reply) const {
    const auto status = reply.status();
    const auto isGood = [&status](const StatusRange& range) {
      return status && *status >= range.low && *status <= range.high;
    };
    if (std::any_of(url_.statusCodes.begin(), url_.statusCodes.end(), isGood)) {
      return std::nullopt;
    }
    return "HTTP status code error: " + printable(reply.statusLine(), kShownOfReply);
  }

  void end(std::optional<Verdict> failure) {
    Verdict verdict = failure ? *std::move(failure) : judgeBody();
    verdict.certificateEnds = exchange_.certificateEnds();
    const Done done = std::move(done_);
    done(std::move(verdict));
  }

  [[nodiscard]] Verdict judgeBody() {
    auto why = body_.finish();
    return why ? Verdict::fail(*std::move(why)) : Verdict::pass();
  }

  const Url& url_;
  Done done_;
  BodyCheck body_;
  HttpExchange exchange_;
};

}  // namespace

Result<std::shared_ptr<const Regex>> HttpClient::regexOf(const Url& url) {
  if (url.regex.empty()) {
    return std::shared_ptr<const Regex>();
  }
  auto& known = regexes_[{url.regex, url.regexOptions}];
  if (known == nullptr) {
    auto compiled = Regex::compile(url.regex, url.regexOptions);
    if (!compiled) {
      return compiled;
    }
    known = std::move(*compiled);
  }
  return known;
}

std::unique_ptr<Attempt> makeHttpAttempt(EventLoop& loop, SocketSource& sockets, HttpClient& client,
                                         std::shared_ptr<const TlsContext> tls,
                                         const HttpCheck& check, std::size_t url,
                                         Attempt::Done done) {
  const Url& asked = check.urls.at(url);
  auto regex = client.regexOf(asked);
  if (!regex) {
    return std::make_unique<FailedAttempt>(loop, regex.error().message, std::move(done));
  }
  if (check.usesTls && tls == nullptr) {
    return std::make_unique<FailedAttempt>(loop, kNoTls, std::move(done));
  }
  return std::make_unique<HttpAttempt>(loop, sockets, std::move(tls), check, asked,
                                       std::move(*regex), std::move(done));
}

}  // namespace holdfast::checkd
