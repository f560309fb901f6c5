// genhash: asks a web server for a page and prints the MD5 of it, for `digest` of HTTP_GET and
// SSL_GET.
#include <sys/socket.h>

#include <cstdio>
#include <optional>
#include <string>

#include "checkd/body_check.h"
#include "checkd/genhash/confinement.h"
#include "checkd/genhash/display.h"
#include "checkd/genhash/options.h"
#include "checkd/http_exchange.h"
#include "checkd/http_request.h"
#include "checkd/printable.h"
#include "ipc/event_loop.h"

namespace holdfast::checkd {
namespace {

constexpr int kExitFailed = 1;

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

int fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  return kExitFailed;
}

// One socket, made while that was still possible.
class MadeSocket : public SocketSource {
 public:
  static Result<UniqueFd> make(const GenhashOptions& options) {
    UniqueFd made(::socket(socketFamily(options.to.address.family),
                           SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!made) {
      return systemError("socket");
    }
    if (options.mark != 0 &&
        ::setsockopt(made.get(), SOL_SOCKET, SO_MARK, &options.mark, sizeof(options.mark)) != 0) {
      return systemError("fwmark");
    }
    return made;
  }

  explicit MadeSocket(UniqueFd socket) : socket_(std::move(socket)) {}

  std::unique_ptr<Pending> open(SocketKind /*kind*/, const Connection& /*to*/,
                                Opened opened) override {
    opened(std::move(socket_));
    return nullptr;
  }

 private:
  UniqueFd socket_;
};

class Genhash {
 public:
  Genhash(EventLoop& loop, const GenhashOptions& options, UniqueFd socket,
          std::shared_ptr<const TlsContext> tls)
      : loop_(loop),
        options_(options),
        socket_(std::move(socket)),
        exchange_(loop, socket_, requestOf(options, std::move(tls)),
                  {.header = [this](const HttpReply& reply) { return showHeader(reply); },
                   .body = [this](std::span<const std::uint8_t> bytes) { take(bytes); },
                   .ended = [this](std::optional<Verdict> failure) { end(std::move(failure)); }}) {}

  int run() {
    const TimePoint began = EventLoop::now();
    exchange_.start(began);
    if (Status status = loop_.run(); !status) {
      return fail(status.error().message);
    }
    if (failure_) {
      return fail(failure_->why);
    }
    showDigest();
    if (options_.isVerbose) {
      const auto took = std::chrono::duration_cast<std::chrono::microseconds>(ended_ - began);
      print("\nGlobal response time for [" + options_.path + "] = " + std::to_string(took.count()) +
            " usecs\n");
    }
    return 0;
  }

 private:
  static HttpExchange::Request requestOf(const GenhashOptions& options,
                                         std::shared_ptr<const TlsContext> tls) {
    return {.to = options.to,
            .tls = std::move(tls),
            .peer = {.serverName = options.sendsServerName ? options.host : std::string(),
                     .name = options.host,
                     .address = options.to.address},
            .text = httpRequest(options.protocol, options.path, options.host, options.to)};
  }

  std::optional<std::string> showHeader(const HttpReply& reply) const {
    if (options_.isVerbose) {
      const std::string& header = reply.header();
      print(headline("HTTP Header Buffer"));
      print(hexDump({reinterpret_cast<const std::uint8_t*>(header.data()), header.size()}));
      print(headline("HTTP Header Ascii Buffer") + header + "\n");
    }
    return std::nullopt;
  }

  void take(std::span<const std::uint8_t> bytes) {
    digest_.feed(bytes);
    if (options_.isVerbose) {
      print((hasBody_ ? "" : headline("HTML Buffer")) + hexDump(bytes));
      hasBody_ = true;
    }
  }

  void end(std::optional<Verdict> failure) {
    failure_ = std::move(failure);
    ended_ = EventLoop::now();
    loop_.stop();
  }

  void showDigest() {
    const auto digest = digest_.value();
    if (options_.isVerbose) {
      print("\n" + headline("HTML hash resulting") + hexDump(digest));
      print(headline("HTML hash final resulting"));
    }
    print(hexDigits(digest) + "\n");
  }

  EventLoop& loop_;
  const GenhashOptions& options_;
  MadeSocket socket_;
  BodyDigest digest_;
  HttpExchange exchange_;
  std::optional<Verdict> failure_;
  TimePoint ended_{};
  bool hasBody_ = false;
};

int run(const GenhashOptions& options) {
  auto loop = EventLoop::create();
  auto socket = MadeSocket::make(options);
  if (!loop || !socket) {
    return fail(!loop ? loop.error().message : socket.error().message);
  }
  std::shared_ptr<const TlsContext> tls;
  if (options.usesTls) {
    TlsContext::prepareLibrary();
    auto made = TlsContext::create({});
    if (!made) {
      return fail(made.error().message);
    }
    tls = std::move(*made);
  }
  if (Status status = confineGenhash(); !status) {
    return fail(status.error().message);
  }
  return Genhash(*loop, options, std::move(*socket), std::move(tls)).run();
}

}  // namespace
}  // namespace holdfast::checkd

int main(int argc, char** argv) {
  using namespace holdfast::checkd;
  const auto options = parseGenhashOptions(argc, argv);
  if (!options) {
    std::fprintf(stderr, "%s\n%s", options.error().message.c_str(), kGenhashUsage.data());
    return kExitFailed;
  }
  if (options->wantsHelp) {
    print(std::string(kGenhashUsage));
    return 0;
  }
  return run(*options);
}
