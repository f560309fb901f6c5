#include "checkd/dns_attempt.h"

#include <utility>

#include "checkd/connect.h"
#include "checkd/datagram_exchange.h"
#include "checkd/dns_message.h"
#include "checkd/unpredictable.h"
#include "ipc/concat.h"

namespace holdfast::checkd {
namespace {

class DnsAttempt final : public Attempt {
 public:
  DnsAttempt(EventLoop& loop, SocketSource& sockets, const DnsCheck& check, Done done)
      : check_(check),
        done_(std::move(done)),
        id_(static_cast<std::uint16_t>(unpredictable())),
        exchange_(loop, sockets, SocketKind::kUdp, check.connection,
                  dnsQuery(id_, check.name, check.type),
                  {.received = [this](std::span<const std::uint8_t> answer) { judge(answer); },
                   .silent =
                       [this] {
                         finish(Verdict::fail(
                             concat("no answer within ", secondsOf(check_.connection.timeout))));
                       },
                   .failed = [this](Verdict verdict) { finish(std::move(verdict)); }}) {}

  void start(TimePoint now) override { exchange_.start(now); }

 private:
  void judge(std::span<const std::uint8_t> answer) {
    DnsJudgement judged = judgeDnsAnswer(id_, answer);
    if (judged.answer != DnsAnswer::kNotOurs) {
      finish(judged.answer == DnsAnswer::kGood ? Verdict::pass()
                                               : Verdict::fail(std::move(judged.why)));
    }
  }

  void finish(Verdict verdict) {
    exchange_.close();
    const Done done = std::move(done_);
    done(std::move(verdict));
  }

  const DnsCheck& check_;
  Done done_;
  std::uint16_t id_;
  DatagramExchange exchange_;
};

}  // namespace

std::unique_ptr<Attempt> makeDnsAttempt(EventLoop& loop, SocketSource& sockets,
                                        const DnsCheck& check, Attempt::Done done) {
  return std::make_unique<DnsAttempt>(loop, sockets, check, std::move(done));
}

}  // namespace holdfast::checkd
