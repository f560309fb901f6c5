#include "checkd/configuration.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "checkd/regex_options.h"
#include "ipc/concat.h"

namespace holdfast::checkd {
namespace {

constexpr Duration kMaxDuration = std::chrono::hours(24 * 366);
constexpr std::size_t kMaxVirtualServers = 65'536;
constexpr std::size_t kMaxRealServers = 65'536;  // of one virtual server
constexpr std::size_t kMaxCheckers = 1'024;      // of one real server
constexpr std::size_t kMaxTargets = 1'024;       // of one checker
constexpr std::size_t kMaxText = 65'536;
constexpr std::size_t kMaxLine = 16'384;

// Collects the first complaint, so that reading goes on in a straight line.
class Reading {
 public:
  explicit Reading(capnp::List<schema::TlsClient>::Reader tlsClients) : tlsClients_(tlsClients) {}

  void unless(bool condition, std::string_view what) {
    if (!condition && complaint_.empty()) {
      complaint_ = concat(where_, ": ", what);
    }
  }
  void enter(std::string where) { where_ = std::move(where); }
  [[nodiscard]] bool failed() const { return !complaint_.empty(); }
  [[nodiscard]] const std::string& complaint() const { return complaint_; }

  // At most `most` of them are read.
  template <typename List>
  [[nodiscard]] unsigned countOf(const List& list, std::size_t most, std::string_view what) {
    unless(list.size() <= most, concat("too many ", what));
    return failed() ? 0 : static_cast<unsigned>(list.size());
  }
  [[nodiscard]] std::string text(capnp::Text::Reader from) {
    unless(from.size() <= kMaxText, "a text is too long");
    return failed() ? std::string() : std::string(from.cStr(), from.size());
  }
  [[nodiscard]] std::vector<std::uint8_t> data(capnp::Data::Reader from) {
    unless(from.size() <= kMaxText, "a payload is too long");
    return failed() ? std::vector<std::uint8_t>()
                    : std::vector<std::uint8_t>(from.begin(), from.end());
  }
  [[nodiscard]] Duration duration(std::uint64_t nanoseconds) {
    unless(nanoseconds <= static_cast<std::uint64_t>(kMaxDuration.count()),
           "a duration is too long");
    return Duration(static_cast<Duration::rep>(nanoseconds));
  }
  // The whole text is sent to a server as part of one line.
  [[nodiscard]] std::string line(std::string_view from) {
    unless(from.size() <= kMaxLine, "a text that is sent is too long");
    unless(std::ranges::all_of(from, [](char c) { return c >= ' ' && c <= '~'; }),
           "a text that is sent is not printable");
    return failed() ? std::string() : std::string(from);
  }
  [[nodiscard]] std::string line(capnp::Text::Reader from) {
    return line(std::string_view(from.cStr(), from.size()));
  }
  [[nodiscard]] std::optional<std::uint32_t> tls(schema::Checker::Reader from) {
    if (!from.getHasTls()) {
      return std::nullopt;
    }
    unless(from.getTls() < tlsClients_.size(), "settings of TLS that are not there");
    return from.getTls();
  }
  [[nodiscard]] std::uint32_t expiryWarningDays(schema::Checker::Reader from) {
    const auto own = tls(from);
    return failed() || !own ? 0 : tlsClients_[*own].getExpiryWarningDays();
  }

 private:
  capnp::List<schema::TlsClient>::Reader tlsClients_;
  std::string where_ = "the configuration of checkd";
  std::string complaint_;
};

AddressFamily familyOf(schema::Family family) {
  return family == schema::Family::IPV6 ? AddressFamily::kIpv6 : AddressFamily::kIpv4;
}

IpAddress addressOf(schema::Address::Reader from) {
  return IpAddress::fromHalves(familyOf(from.getFamily()), from.getHigh(), from.getLow());
}

Connection read(schema::Connection::Reader from, Reading& reading) {
  Connection to{.address = addressOf(from.getAddress()),
                .port = from.getPort(),
                .timeout = reading.duration(from.getTimeoutNs()),
                .source = {},
                .sourcePort = from.getSourcePort(),
                .interface = reading.text(from.getInterface()),
                .socket = {}};
  reading.unless(to.timeout > Duration::zero(), "a check has no time limit");
  if (from.getHasSource()) {
    to.source = addressOf(from.getSource());
  }
  if (from.getHasSocket()) {
    to.socket = from.getSocket();
  }
  return to;
}

Url read(schema::Url::Reader from, Reading& reading) {
  Url url{.path = reading.text(from.getPath()),
          .host = reading.text(from.getHost()),
          .digest = {},
          .statusCodes = {},
          .regex = reading.text(from.getRegex()),
          .regexNoMatch = from.getRegexNoMatch(),
          .regexOptions = 0,
          .regexStackStartBytes = from.getRegexStackStartBytes(),
          .regexStackMaxBytes = from.getRegexStackMaxBytes(),
          .regexMinOffset = from.getRegexMinOffset(),
          .regexMaxOffset = from.getRegexMaxOffset(),
          .tlsCompliant = from.getTlsCompliant()};
  if (from.getHasDigest()) {
    std::array<std::uint8_t, 16>& digest = url.digest.emplace();
    for (unsigned i = 0; i < 8; ++i) {
      digest[i] = static_cast<std::uint8_t>(from.getDigestHigh() >> (56 - 8 * i));
      digest[8 + i] = static_cast<std::uint8_t>(from.getDigestLow() >> (56 - 8 * i));
    }
  }
  const auto codes = from.getStatusCodes();
  for (unsigned i = 0; i < reading.countOf(codes, kMaxTargets, "status codes"); ++i) {
    url.statusCodes.push_back({codes[i].getLow(), codes[i].getHigh()});
  }
  const auto options = from.getRegexOptions();
  for (unsigned i = 0; i < reading.countOf(options, kMaxTargets, "options of a regex"); ++i) {
    url.regexOptions |= pcre2Option(options[i]);
  }
  return url;
}

HttpCheck readHttp(schema::Checker::Reader from, Reading& reading) {
  const auto http = from.getHttp();
  HttpCheck check{.connection = read(from.getConnection(), reading),
                  .usesTls = from.getKind() == schema::Checker::Kind::SSL,
                  .tls = reading.tls(from),
                  .protocol = static_cast<HttpProtocol>(http.getProtocol()),
                  .fastRecovery = http.getFastRecovery(),
                  .sendServerName = http.getSendServerName(),
                  .serverName = reading.text(http.getServerName()),
                  .tlsCompliant = http.getTlsCompliant(),
                  .headers = {},
                  .urls = {}};
  reading.unless(http.getProtocol() <= schema::HttpCheck::Protocol::HTTP11,
                 "unknown version of HTTP");
  const auto headers = http.getHeaders();
  for (unsigned i = 0; i < reading.countOf(headers, kMaxTargets, "header lines"); ++i) {
    check.headers.push_back(reading.line(headers[i]));
  }
  if (const auto authorization = http.getAuthorization(); authorization.size() > 0) {
    check.headers.push_back(
        "Authorization: " +
        reading.line(std::string_view(reinterpret_cast<const char*>(authorization.begin()),
                                      authorization.size())));
  }
  const auto urls = http.getUrls();
  reading.unless(urls.size() > 0, "a web check without a URL");
  for (unsigned i = 0; i < reading.countOf(urls, kMaxTargets, "URLs"); ++i) {
    check.urls.push_back(read(urls[i], reading));
  }
  return check;
}

SmtpCheck readSmtp(schema::Checker::Reader from, Reading& reading) {
  const auto smtp = from.getSmtp();
  SmtpCheck check{.questions = {.heloName = reading.line(smtp.getHeloName()),
                                .extended = smtp.getExtended() || smtp.getStartTls(),
                                .startTls = smtp.getStartTls(),
                                .sender = {},
                                .recipient = reading.line(smtp.getRecipient()),
                                .drainsOn421 = smtp.getDrainsOn421()},
                  .tls = reading.tls(from),
                  .serverName = reading.text(smtp.getServerName()),
                  .hosts = {}};
  if (smtp.getHasSender()) {
    check.questions.sender = reading.line(smtp.getSender());
  }
  const auto hosts = smtp.getHosts();
  for (unsigned i = 0; i < reading.countOf(hosts, kMaxTargets, "hosts"); ++i) {
    check.hosts.push_back(read(hosts[i], reading));
  }
  if (check.hosts.empty()) {
    check.hosts.push_back(read(from.getConnection(), reading));
  }
  return check;
}

UdpCheck readUdp(schema::Checker::Reader from, Reading& reading) {
  const auto udp = from.getUdp();
  UdpCheck check{.connection = read(from.getConnection(), reading),
                 .payload = reading.data(udp.getPayload()),
                 .requireReply = udp.getRequireReply(),
                 .reply = reading.data(udp.getReply()),
                 .replyMask = reading.data(udp.getReplyMask()),
                 .minReplyBytes = udp.getMinReplyBytes(),
                 .maxReplyBytes = udp.getMaxReplyBytes()};
  reading.unless(check.reply.size() == check.replyMask.size(),
                 "a reply and its mask are not of one size");
  return check;
}

void readKind(Checker& into, schema::Checker::Reader from, Reading& reading) {
  switch (from.getKind()) {
    case schema::Checker::Kind::TCP:
      into.check = TcpCheck{read(from.getConnection(), reading)};
      return;
    case schema::Checker::Kind::HTTP:
    case schema::Checker::Kind::SSL:
      into.check = readHttp(from, reading);
      return;
    case schema::Checker::Kind::SMTP:
      into.check = readSmtp(from, reading);
      return;
    case schema::Checker::Kind::DNS:
      into.check = DnsCheck{read(from.getConnection(), reading), from.getDns().getType(),
                            reading.text(from.getDns().getName())};
      return;
    case schema::Checker::Kind::MISC: {
      const auto misc = from.getMisc();
      into.check = MiscCheck{IdentityId{misc.getIdentity()}, misc.getScript(), misc.getDynamic(),
                             misc.getNeverRuns(), reading.duration(misc.getTimeoutNs())};
      reading.unless(misc.getNeverRuns() || misc.getTimeoutNs() > 0, "a script has no time limit");
      return;
    }
    case schema::Checker::Kind::UDP:
      into.check = readUdp(from, reading);
      return;
    case schema::Checker::Kind::PING:
      into.check = PingCheck{read(from.getConnection(), reading)};
      return;
    case schema::Checker::Kind::FILE: {
      const auto file = from.getFile();
      into.check = FileCheck{TrackFileId{file.getFile()}, file.getWeight(), file.getReverse()};
      return;
    }
    case schema::Checker::Kind::BFD:
      into.check = BfdCheck{from.getBfd()};
      return;
  }
  reading.unless(false, "a check of an unknown kind");
}

Checker read(schema::Checker::Reader from, Reading& reading) {
  Checker checker{.check = {},
                  .alpha = from.getAlpha(),
                  .logAllFailures = from.getLogAllFailures(),
                  .retry = from.getRetry(),
                  .delayLoop = reading.duration(from.getDelayLoopNs()),
                  .delayBeforeRetry = reading.duration(from.getDelayBeforeRetryNs()),
                  .warmup = reading.duration(from.getWarmupNs()),
                  .expiryWarningDays = reading.expiryWarningDays(from)};
  readKind(checker, from, reading);
  return checker;
}

std::optional<ScriptReference> scriptOf(bool isThere, schema::ScriptReference::Reader from) {
  if (!isThere) {
    return std::nullopt;
  }
  return ScriptReference{IdentityId{from.getIdentity()}, from.getNotifier()};
}

RealServer read(schema::RealServer::Reader from, Reading& reading) {
  RealServer server{.name = reading.text(from.getName()),
                    .weight = from.getWeight(),
                    .inhibitOnFailure = from.getInhibitOnFailure(),
                    .drain = from.getDrain(),
                    .drainOnFailure = from.getDrainOnFailure(),
                    .drainTime = reading.duration(from.getDrainTimeNs()),
                    .alpha = from.getAlpha(),
                    .smtpAlert = from.getSmtpAlert(),
                    .notifyUp = scriptOf(from.getHasNotifyUp(), from.getNotifyUp()),
                    .notifyDown = scriptOf(from.getHasNotifyDown(), from.getNotifyDown()),
                    .checkers = {}};
  const auto checkers = from.getCheckers();
  for (unsigned i = 0; i < reading.countOf(checkers, kMaxCheckers, "checkers"); ++i) {
    server.checkers.push_back(read(checkers[i], reading));
  }
  return server;
}

VirtualServer read(schema::VirtualServer::Reader from, Reading& reading) {
  VirtualServer server{.name = reading.text(from.getName()),
                       .family = familyOf(from.getFamily()),
                       .quorum = from.getQuorum(),
                       .hysteresis = from.getHysteresis(),
                       .alpha = from.getAlpha(),
                       .omega = from.getOmega(),
                       .suspendWithoutAddress = from.getSuspendWithoutAddress(),
                       .smtpAlert = from.getSmtpAlert(),
                       .quorumUp = scriptOf(from.getHasQuorumUp(), from.getQuorumUp()),
                       .quorumDown = scriptOf(from.getHasQuorumDown(), from.getQuorumDown()),
                       .sorryServer = {},
                       .sorryInhibit = from.getSorryInhibit(),
                       .realServers = {}};
  reading.enter(server.name);
  if (from.getHasSorryServer()) {
    server.sorryServer = reading.text(from.getSorryName());
  }
  const auto servers = from.getRealServers();
  for (unsigned i = 0; i < reading.countOf(servers, kMaxRealServers, "real servers"); ++i) {
    server.realServers.push_back(read(servers[i], reading));
  }
  return server;
}

}  // namespace

Result<Configuration> readConfiguration(schema::CheckerConfig::Reader from) {
  Reading reading(from.getTlsClients());
  Configuration configuration;
  configuration.realServerInitNotifies = from.getRealServerInitNotifies();
  configuration.noSwap = from.getNoSwap();
  const auto servers = from.getVirtualServers();
  for (unsigned i = 0;
       i < reading.countOf(servers, kMaxVirtualServers, "virtual servers") && !reading.failed();
       ++i) {
    configuration.virtualServers.push_back(read(servers[i], reading));
  }
  if (reading.failed()) {
    return Error{reading.complaint()};
  }
  return configuration;
}

}  // namespace holdfast::checkd
