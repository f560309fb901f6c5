#include "checkd/http_attempt.h"

#include <algorithm>
#include <optional>

#include "checkd/body_check.h"
#include "checkd/http_reply.h"
#include "checkd/http_request.h"
#include "checkd/printable.h"
#include "checkd/tcp_connection.h"
#include "checkd/tls_stream.h"

namespace holdfast::checkd {
namespace {

constexpr std::size_t kShownOfReply = 80;

class HttpAttempt : public Attempt {
 public:
  HttpAttempt(EventLoop& loop, SocketSource& sockets, HttpClient& client, const HttpCheck& check,
              const Url& url, Done done)
      : client_(client),
        check_(check),
        url_(url),
        done_(std::move(done)),
        connection_(std::in_place, loop, sockets, check.connection,
                    TcpConnection::Handlers{
                        .connected = [this] { onConnected(); },
                        .received = [this](std::span<const std::uint8_t> b) { onReceived(b); },
                        .ended = [this] { onEnded(); },
                        .failed = [this](const std::string& why) { fail(why); }}) {}

  void start(TimePoint now) override { connection_->start(now); }

 private:
  void onConnected() {
    auto regex = client_.regexOf(url_);
    if (!regex) {
      fail(regex.error().message);
      return;
    }
    body_.emplace(url_, std::move(*regex));
    if (!check_.usesTls) {
      connection_->send(request());
    } else if (client_.tls() == nullptr) {
      fail("TLS cannot be used: see the SSL block");
    } else {
      tls_.emplace(client_.tls(), peer());
      tls_->start();
      connection_->send(tls_->takeOutput());
    }
  }

  [[nodiscard]] std::string request() const {
    return httpRequest(check_.protocol, url_.path, url_.host, check_.connection);
  }

  [[nodiscard]] TlsStream::Peer peer() const {
    const std::string& name = check_.serverName.empty() ? url_.host : check_.serverName;
    return {.serverName = check_.sendServerName ? name : std::string(),
            .name = name,
            .address = check_.connection.address,
            .mustEndInOrder = url_.tlsCompliant};
  }

  void onReceived(std::span<const std::uint8_t> bytes) {
    if (!tls_) {
      read(bytes);
      judge();
      return;
    }
    const bool wasOpen = tls_->state() == TlsStream::State::kOpen;
    tls_->receive(bytes, [this](std::span<const std::uint8_t> plain) { read(plain); });
    if (!wasOpen && tls_->state() == TlsStream::State::kOpen) {
      tls_->send(request());
    }
    connection_->send(tls_->takeOutput());
    onTls();
  }

  void onEnded() {
    if (tls_) {
      tls_->end();
      onTls();
    } else {
      reply_.end();
      judge();
    }
  }

  void onTls() {
    if (tls_->state() == TlsStream::State::kFailed &&
        reply_.state() != HttpReply::State::kComplete) {
      fail(tls_->why());
      return;
    }
    if (tls_->state() == TlsStream::State::kEnded) {
      reply_.end();
    }
    judge();
  }

  void read(std::span<const std::uint8_t> bytes) {
    const auto part = reply_.feed(bytes);
    if (!part.empty() && hasGoodStatus()) {
      body_->feed(part);
    }
  }

  [[nodiscard]] bool hasGoodStatus() const {
    const auto status = reply_.status();
    return status && std::any_of(url_.statusCodes.begin(), url_.statusCodes.end(),
                                 [status](const StatusRange& range) {
                                   return *status >= range.low && *status <= range.high;
                                 });
  }

  // May end the attempt, and destroy it.
  void judge() {
    switch (reply_.state()) {
      case HttpReply::State::kHeader:
        return;
      case HttpReply::State::kRefused:
        fail(reply_.why());
        return;
      case HttpReply::State::kBody:
      case HttpReply::State::kComplete:
        break;
    }
    if (!hasGoodStatus()) {
      fail("HTTP status code error: " + printable(reply_.statusLine(), kShownOfReply));
    } else if (reply_.state() == HttpReply::State::kComplete) {
      auto why = body_->finish();
      finish(why ? Verdict::fail(std::move(*why)) : Verdict::pass());
    }
  }

  void fail(const std::string& why) { finish(Verdict::fail(printable(why, kMaxWhy))); }

  void finish(Verdict verdict) {
    if (tls_ && tls_->state() == TlsStream::State::kOpen) {
      tls_->close();
      connection_->send(tls_->takeOutput());
    }
    connection_.reset();
    const Done done = std::move(done_);
    done(std::move(verdict));
  }

  HttpClient& client_;
  const HttpCheck& check_;
  const Url& url_;
  Done done_;
  HttpReply reply_;
  std::optional<BodyCheck> body_;
  std::optional<TlsStream> tls_;
  std::optional<TcpConnection> connection_;
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
                                         const HttpCheck& check, std::size_t url,
                                         Attempt::Done done) {
  return std::make_unique<HttpAttempt>(loop, sockets, client, check, check.urls.at(url),
                                       std::move(done));
}

}  // namespace holdfast::checkd
