#include "checkd/http_exchange.h"

#include "checkd/printable.h"

namespace holdfast::checkd {

HttpExchange::HttpExchange(EventLoop& loop, SocketSource& sockets, Request request,
                           Handlers handlers)
    : request_(std::move(request)),
      handlers_(std::move(handlers)),
      connection_(std::in_place, loop, sockets, request_.to,
                  TcpConnection::Handlers{
                      .connected = [this] { onConnected(); },
                      .received = [this](std::span<const std::uint8_t> b) { onReceived(b); },
                      .ended = [this] { onEnded(); },
                      .failed = [this](Verdict verdict) { end(std::move(verdict)); }}) {}

void HttpExchange::onConnected() {
  if (request_.tls == nullptr) {
    connection_->send(request_.text);
    return;
  }
  tls_.emplace(request_.tls, request_.peer);
  tls_->start();
  connection_->send(tls_->takeOutput());
}

void HttpExchange::onReceived(std::span<const std::uint8_t> bytes) {
  if (!tls_) {
    read(bytes);
    judge();
    return;
  }
  const bool wasOpen = tls_->state() != TlsStream::State::kHandshake;
  tls_->receive(bytes, [this](std::span<const std::uint8_t> plain) { read(plain); });
  if (!wasOpen && tls_->state() == TlsStream::State::kOpen) {
    tls_->send(request_.text);
  }
  connection_->send(tls_->takeOutput());
  afterTls();
}

void HttpExchange::onEnded() {
  if (tls_) {
    tls_->end();
    afterTls();
  } else {
    reply_.end();
    judge();
  }
}

void HttpExchange::afterTls() {
  if (tls_->state() == TlsStream::State::kFailed && reply_.state() != HttpReply::State::kComplete) {
    end(Verdict::fail(tls_->why()));
    return;
  }
  if (tls_->state() == TlsStream::State::kEnded) {
    reply_.end();
  }
  judge();
}

void HttpExchange::read(std::span<const std::uint8_t> bytes) {
  const bool wasHeader = reply_.state() == HttpReply::State::kHeader;
  const auto part = reply_.feed(bytes);
  const bool isBody =
      reply_.state() == HttpReply::State::kBody || reply_.state() == HttpReply::State::kComplete;
  if (wasHeader && isBody) {
    refusal_ = handlers_.header(reply_);
  }
  if (!part.empty() && !refusal_) {
    handlers_.body(part);
  }
}

void HttpExchange::judge() {
  if (refusal_) {
    end(Verdict::fail(*refusal_));
  } else if (reply_.state() == HttpReply::State::kRefused) {
    end(Verdict::fail(reply_.why()));
  } else if (reply_.state() == HttpReply::State::kComplete) {
    end(std::nullopt);
  }
}

void HttpExchange::end(std::optional<Verdict> failure) {
  if (tls_ && tls_->state() == TlsStream::State::kOpen) {
    tls_->close();
    connection_->send(tls_->takeOutput());
  }
  connection_.reset();
  if (failure) {
    failure->why = printable(failure->why, kMaxWhy);
  }
  const auto ended = std::move(handlers_.ended);
  ended(std::move(failure));
}

}  // namespace holdfast::checkd
