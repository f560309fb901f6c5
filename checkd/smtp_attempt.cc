#include "checkd/smtp_attempt.h"

#include <optional>
#include <utility>

#include "checkd/failed_attempt.h"
#include "checkd/smtp_dialogue.h"
#include "checkd/tcp_connection.h"
#include "checkd/tls_stream.h"

namespace holdfast::checkd {
namespace {

using State = SmtpDialogue::State;
using Bytes = std::span<const std::uint8_t>;

std::string_view textOf(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class SmtpAttempt final : public Attempt {
 public:
  SmtpAttempt(EventLoop& loop, SocketSource& sockets, std::shared_ptr<const TlsContext> context,
              const SmtpCheck& check, const Connection& host, Done done)
      : done_(std::move(done)),
        context_(std::move(context)),
        peer_{.serverName = check.serverName,
              .name = check.serverName,
              .address = host.address,
              .mustEndInOrder = false},
        dialogue_(check.questions),
        connection_(loop, sockets, host,
                    {.connected = [] {},
                     .received = [this](Bytes bytes) { received(bytes); },
                     .ended = [this] { ended(); },
                     .failed = [this](Verdict verdict) { failed(std::move(verdict)); }}) {}

  void start(TimePoint now) override { connection_.start(now); }

 private:
  void received(Bytes bytes) {
    if (!tls_) {
      dialogue_.receive(textOf(bytes));
      goOn();
      return;
    }
    const bool wasOpen = tls_->state() != TlsStream::State::kHandshake;
    tls_->receive(bytes, [this](Bytes plain) { dialogue_.receive(textOf(plain)); });
    if (tls_->state() == TlsStream::State::kFailed && dialogue_.state() != State::kQuit) {
      finish(Verdict::fail(tls_->why()));
      return;
    }
    if (!wasOpen && tls_->state() != TlsStream::State::kHandshake && !dialogue_.isOver()) {
      dialogue_.secured();
    }
    if (tls_->state() >= TlsStream::State::kEnded) {
      dialogue_.end();
    }
    goOn();
  }

  void ended() {
    dialogue_.end();
    goOn();
  }

  // After QUIT the server owes nothing more, but that it is not silent.
  void failed(Verdict verdict) {
    if (dialogue_.state() == State::kQuit && connection_.wasBrokenOff()) {
      ended();
    } else {
      finish(std::move(verdict));
    }
  }

  void goOn() {
    if (dialogue_.state() == State::kSecuring && !tls_) {
      tls_.emplace(context_, peer_);
      tls_->start();
    } else if (dialogue_.isOver()) {
      finish(verdict());
      return;
    } else if (const std::string said = dialogue_.takeOutput(); tls_ && !said.empty()) {
      tls_->send(said);
    } else if (!tls_) {
      connection_.send(said);
    }
    if (tls_) {
      connection_.send(tls_->takeOutput());
    }
  }

  [[nodiscard]] Verdict verdict() const {
    return dialogue_.state() == State::kDone       ? Verdict::pass()
           : dialogue_.state() == State::kDraining ? Verdict::drain(dialogue_.why())
                                                   : Verdict::fail(dialogue_.why());
  }

  void finish(Verdict verdict) {
    connection_.close();
    if (tls_) {
      verdict.certificateEnds = tls_->validUntil();
    }
    const Done done = std::move(done_);
    done(std::move(verdict));
  }

  Done done_;
  std::shared_ptr<const TlsContext> context_;
  TlsStream::Peer peer_;
  SmtpDialogue dialogue_;
  std::optional<TlsStream> tls_;  // from STARTTLS on
  TcpConnection connection_;
};

}  // namespace

std::unique_ptr<Attempt> makeSmtpAttempt(EventLoop& loop, SocketSource& sockets,
                                         std::shared_ptr<const TlsContext> tls,
                                         const SmtpCheck& check, std::size_t host,
                                         Attempt::Done done) {
  if (check.questions.startTls && tls == nullptr) {
    return std::make_unique<FailedAttempt>(loop, kNoTls, std::move(done));
  }
  return std::make_unique<SmtpAttempt>(loop, sockets, std::move(tls), check, check.hosts.at(host),
                                       std::move(done));
}

}  // namespace holdfast::checkd
