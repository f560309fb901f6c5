// The command line of genhash.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "checkd/configuration.h"
#include "ipc/result.h"

namespace holdfast::checkd {

struct GenhashOptions {
  Connection to;
  std::string path;
  std::string host;  // empty: address and port
  HttpProtocol protocol = HttpProtocol::kHttp10;
  std::uint32_t mark = 0;
  bool usesTls = false;
  bool sendsServerName = false;
  bool isVerbose = false;
  bool wantsHelp = false;
};

inline constexpr std::string_view kGenhashUsage =
    "Usage: genhash COMMAND [OPTIONS]\n"
    "Commands:\n"
    "   -s server-address -p port -u url\n"
    "   -S -s server-address -p port -u url\n"
    "   -h\n"
    "\n"
    "   --server          -s  ADDRESS   the server\n"
    "   --port            -p  PORT      its port\n"
    "   --url             -u  PATH      what to ask for\n"
    "   --use-ssl         -S            with TLS\n"
    "   --use-sni         -I            with TLS: tell the name of -V first\n"
    "   --use-virtualhost -V  NAME      the Host line\n"
    "   --protocol        -P  VERSION   1.0, 1.0c (with Connection: close) or 1.1\n"
    "   --fwmark          -m  MARK      of the packets\n"
    "   --timeout         -t  SECONDS   how long to wait for anything (5)\n"
    "   --verbose         -v            show what comes back\n"
    "   --help            -h            show this\n";

// The error is a line for whoever called it.
[[nodiscard]] Result<GenhashOptions> parseGenhashOptions(int argc, char** argv);

}  // namespace holdfast::checkd
