#include "checkd/tcp_attempt.h"

#include <utility>

#include "checkd/tcp_connection.h"

namespace holdfast::checkd {
namespace {

class TcpAttempt : public Attempt {
 public:
  TcpAttempt(EventLoop& loop, SocketSource& sockets, const TcpCheck& check, Done done)
      : done_(std::move(done)),
        connection_(loop, sockets, check.connection,
                    {.connected = [this] { finish(Verdict::pass()); },
                     .received = [](std::span<const std::uint8_t>) {},
                     .ended = [] {},
                     .failed = [this](Verdict verdict) { finish(std::move(verdict)); }}) {}

  void start(TimePoint now) override { connection_.start(now); }

 private:
  void finish(Verdict verdict) {
    connection_.close();
    const Done done = std::move(done_);
    done(std::move(verdict));
  }

  Done done_;
  TcpConnection connection_;
};

}  // namespace

std::unique_ptr<Attempt> makeTcpAttempt(EventLoop& loop, SocketSource& sockets,
                                        const TcpCheck& check, Attempt::Done done) {
  return std::make_unique<TcpAttempt>(loop, sockets, check, std::move(done));
}

}  // namespace holdfast::checkd
