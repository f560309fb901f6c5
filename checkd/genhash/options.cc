#include "checkd/genhash/options.h"

#include <getopt.h>

#include <charconv>
#include <optional>

namespace holdfast::checkd {
namespace {

constexpr std::uint32_t kDefaultTimeout = 5;
constexpr std::uint32_t kMaxTimeout = 86'400;

constexpr option kOptions[] = {
    {"use-ssl", no_argument, nullptr, 'S'},
    {"use-sni", no_argument, nullptr, 'I'},
    {"server", required_argument, nullptr, 's'},
    {"port", required_argument, nullptr, 'p'},
    {"url", required_argument, nullptr, 'u'},
    {"use-virtualhost", required_argument, nullptr, 'V'},
    {"verbose", no_argument, nullptr, 'v'},
    {"help", no_argument, nullptr, 'h'},
    {"fwmark", required_argument, nullptr, 'm'},
    {"protocol", required_argument, nullptr, 'P'},
    {"timeout", required_argument, nullptr, 't'},
    {nullptr, 0, nullptr, 0},
};

std::optional<std::uint32_t> numberIn(std::string_view text, std::uint32_t low,
                                      std::uint32_t high) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool isNumber = error == std::errc{} && end == text.data() + text.size();
  return isNumber && number >= low && number <= high ? std::optional(number) : std::nullopt;
}

Error invalid(const char* what, std::string_view text) {
  return Error{std::string("invalid ") + what + " '" + std::string(text) + "'"};
}

std::optional<HttpProtocol> protocolIn(std::string_view text) {
  if (text == "1.0") {
    return HttpProtocol::kHttp10;
  }
  if (text == "1.0c" || text == "1.0C") {
    return HttpProtocol::kHttp10Close;
  }
  return text == "1.1" ? std::optional(HttpProtocol::kHttp11) : std::nullopt;
}

class Parser {
 public:
  Result<GenhashOptions> parse(int argc, char** argv) {
    out_.to.timeout = std::chrono::seconds(kDefaultTimeout);
    opterr = 0;
    optind = 1;
    int letter = 0;
    while ((letter = ::getopt_long(argc, argv, ":SIs:p:u:V:vhm:P:t:", kOptions, nullptr)) != -1) {
      if (letter == '?' || letter == ':') {
        return Error{std::string(letter == '?' ? "Unknown option " : "a value is missing behind ") +
                     argv[optind - 1]};
      }
      if (Status status = take(letter, optarg == nullptr ? "" : optarg); !status) {
        return status.error();
      }
    }
    if (optind < argc) {
      return Error{std::string("Unexpected argument(s): ") + argv[optind]};
    }
    if (!out_.wantsHelp && (!hasServer_ || out_.to.port == 0 || out_.path.empty())) {
      return Error{"-s, -p and -u have to be there"};
    }
    return out_;
  }

 private:
  Status take(int letter, std::string_view value) {
    switch (letter) {
      case 'S':
        out_.usesTls = true;
        break;
      case 'I':
        out_.sendsServerName = true;
        break;
      case 'v':
        out_.isVerbose = true;
        break;
      case 'h':
        out_.wantsHelp = true;
        break;
      case 'u':
        out_.path = value;
        break;
      case 'V':
        out_.host = value;
        break;
      case 's':
        return takeServer(value);
      case 'P':
        return takeProtocol(value);
      case 'p':
        return takeNumber("port number", value, 1, 65535, [this](std::uint32_t number) {
          out_.to.port = static_cast<std::uint16_t>(number);
        });
      case 'm':
        return takeNumber("fwmark", value, 0, UINT32_MAX,
                          [this](std::uint32_t number) { out_.mark = number; });
      case 't':
        return takeNumber("timeout", value, 1, kMaxTimeout, [this](std::uint32_t number) {
          out_.to.timeout = std::chrono::seconds(number);
        });
      default:
        break;
    }
    return success();
  }

  Status takeServer(std::string_view value) {
    const auto address = IpAddress::parse(value);
    if (!address) {
      return Error{"server should be an IP, not " + std::string(value)};
    }
    out_.to.address = *address;
    hasServer_ = true;
    return success();
  }

  Status takeProtocol(std::string_view value) {
    const auto protocol = protocolIn(value);
    if (!protocol) {
      return invalid("HTTP protocol version", value);
    }
    out_.protocol = *protocol;
    return success();
  }

  template <typename Set>
  static Status takeNumber(const char* what, std::string_view value, std::uint32_t low,
                           std::uint32_t high, Set set) {
    const auto number = numberIn(value, low, high);
    if (!number) {
      return invalid(what, value);
    }
    set(*number);
    return success();
  }

  GenhashOptions out_;
  bool hasServer_ = false;
};

}  // namespace

Result<GenhashOptions> parseGenhashOptions(int argc, char** argv) {
  return Parser().parse(argc, argv);
}

}  // namespace holdfast::checkd
