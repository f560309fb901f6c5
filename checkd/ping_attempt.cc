#include "checkd/ping_attempt.h"

#include <utility>

#include "checkd/connect.h"
#include "checkd/datagram_exchange.h"
#include "checkd/echo_message.h"
#include "checkd/unpredictable.h"
#include "ipc/concat.h"

namespace holdfast::checkd {
namespace {

class PingAttempt final : public Attempt {
 public:
  PingAttempt(EventLoop& loop, SocketSource& sockets, const PingCheck& check, Done done)
      : check_(check),
        done_(std::move(done)),
        token_(unpredictable()),
        exchange_(loop, sockets, SocketKind::kPing, check.connection,
                  echoRequest(check.connection.address.family, token_),
                  {.received = [this](std::span<const std::uint8_t> message) { judge(message); },
                   .silent =
                       [this] {
                         finish(Verdict::fail(
                             concat("no reply within ", secondsOf(check_.connection.timeout))));
                       },
                   .failed = [this](Verdict verdict) { finish(std::move(verdict)); }}) {}

  void start(TimePoint now) override { exchange_.start(now); }

 private:
  // A raw socket hears what others are told as well.
  void judge(std::span<const std::uint8_t> message) {
    if (isEchoReply(check_.connection.address.family, token_, message)) {
      finish(Verdict::pass());
    }
  }

  void finish(Verdict verdict) {
    exchange_.close();
    const Done done = std::move(done_);
    done(std::move(verdict));
  }

  const PingCheck& check_;
  Done done_;
  std::uint64_t token_;
  DatagramExchange exchange_;
};

}  // namespace

std::unique_ptr<Attempt> makePingAttempt(EventLoop& loop, SocketSource& sockets,
                                         const PingCheck& check, Attempt::Done done) {
  return std::make_unique<PingAttempt>(loop, sockets, check, std::move(done));
}

}  // namespace holdfast::checkd
