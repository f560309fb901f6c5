#include "checkd/udp_attempt.h"

#include <algorithm>
#include <utility>

#include "checkd/connect.h"
#include "checkd/datagram_exchange.h"
#include "checkd/usual_text.h"
#include "ipc/concat.h"

namespace holdfast::checkd {
namespace {

constexpr std::size_t kUsualBytes = 32;

class UdpAttempt final : public Attempt {
 public:
  UdpAttempt(EventLoop& loop, SocketSource& sockets, const UdpCheck& check, Done done)
      : check_(check),
        done_(std::move(done)),
        exchange_(loop, sockets, SocketKind::kUdp, check.connection,
                  check.payload.empty() ? usualText(kUsualBytes) : check.payload,
                  {.received = [this](std::span<const std::uint8_t> reply) { judge(reply); },
                   .silent = [this] { judgeSilence(); },
                   .failed = [this](Verdict verdict) { finish(std::move(verdict)); }}) {}

  void start(TimePoint now) override { exchange_.start(now); }

 private:
  void judge(std::span<const std::uint8_t> reply) {
    auto why = check_.requireReply ? judgeReply(check_, reply) : std::nullopt;
    finish(why ? Verdict::fail(std::move(*why)) : Verdict::pass());
  }

  void judgeSilence() {
    finish(check_.requireReply
               ? Verdict::fail(concat("no reply within ", secondsOf(check_.connection.timeout)))
               : Verdict::pass());
  }

  void finish(Verdict verdict) {
    exchange_.close();
    const Done done = std::move(done_);
    done(std::move(verdict));
  }

  const UdpCheck& check_;
  Done done_;
  DatagramExchange exchange_;
};

}  // namespace

std::optional<std::string> judgeReply(const UdpCheck& check, std::span<const std::uint8_t> reply) {
  if (reply.size() < check.minReplyBytes || reply.size() > check.maxReplyBytes) {
    return concat("a reply of ", reply.size(), " bytes, not of ", check.minReplyBytes, " to ",
                  check.maxReplyBytes);
  }
  const std::size_t compared = std::min(reply.size(), check.reply.size());
  for (std::size_t i = 0; i < compared; ++i) {
    if (((reply[i] ^ check.reply[i]) & check.replyMask[i]) != 0) {
      return concat("the reply differs from what is required at byte ", i);
    }
  }
  return std::nullopt;
}

std::unique_ptr<Attempt> makeUdpAttempt(EventLoop& loop, SocketSource& sockets,
                                        const UdpCheck& check, Attempt::Done done) {
  return std::make_unique<UdpAttempt>(loop, sockets, check, std::move(done));
}

}  // namespace holdfast::checkd
