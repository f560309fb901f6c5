#include "checkd/smtp_attempt.h"

#include <utility>

#include "checkd/smtp_dialogue.h"
#include "checkd/tcp_connection.h"

namespace holdfast::checkd {
namespace {

class SmtpAttempt final : public Attempt {
 public:
  SmtpAttempt(EventLoop& loop, SocketSource& sockets, const SmtpCheck& check,
              const Connection& host, Done done)
      : done_(std::move(done)),
        dialogue_(check.heloName),
        connection_(
            loop, sockets, host,
            {.connected = [] {},
             .received =
                 [this](std::span<const std::uint8_t> bytes) {
                   dialogue_.receive({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
                   goOn();
                 },
             .ended =
                 [this] {
                   dialogue_.end();
                   goOn();
                 },
             .failed = [this](Verdict verdict) { finish(std::move(verdict)); }}) {}

  void start(TimePoint now) override { connection_.start(now); }

 private:
  void goOn() {
    switch (dialogue_.state()) {
      case SmtpDialogue::State::kGreeting:
      case SmtpDialogue::State::kHelo:
      case SmtpDialogue::State::kQuit:
        if (const std::string output = dialogue_.takeOutput(); !output.empty()) {
          connection_.send(output);
        }
        return;
      case SmtpDialogue::State::kDone:
        finish(Verdict::pass());
        return;
      case SmtpDialogue::State::kFailed:
        finish(Verdict::fail(dialogue_.why()));
        return;
    }
  }

  void finish(Verdict verdict) {
    connection_.close();
    const Done done = std::move(done_);
    done(std::move(verdict));
  }

  Done done_;
  SmtpDialogue dialogue_;
  TcpConnection connection_;
};

}  // namespace

std::unique_ptr<Attempt> makeSmtpAttempt(EventLoop& loop, SocketSource& sockets,
                                         const SmtpCheck& check, std::size_t host,
                                         Attempt::Done done) {
  return std::make_unique<SmtpAttempt>(loop, sockets, check, check.hosts.at(host), std::move(done));
}

}  // namespace holdfast::checkd
