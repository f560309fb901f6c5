// The sealed configuration of checkd (ipc/schemas/lvs_config.capnp) as plain values, after every
// bound has been checked.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "checkd/smtp_dialogue.h"
#include "ipc/ids.h"
#include "ipc/ip_address.h"
#include "ipc/result.h"
#include "ipc/schemas/lvs_config.capnp.h"
#include "ipc/time.h"

namespace holdfast::checkd {

enum class SocketKind : std::uint8_t { kTcp, kUdp, kPing };

// Where an attempt goes to, and from where.
struct Connection {
  IpAddress address;
  std::uint16_t port = 0;
  Duration timeout{};
  std::optional<IpAddress> source;
  std::uint16_t sourcePort = 0;         // 0 for any
  std::string interface;                // empty for none
  std::optional<std::uint32_t> socket;  // privd makes it: an index of IpvsConfig.checkSockets
};

struct TcpCheck {
  Connection connection;
};

struct StatusRange {
  std::uint16_t low = 0;
  std::uint16_t high = 0;
};

struct Url {
  std::string path;
  std::string host;                                    // of the Host line; empty: address and port
  std::optional<std::array<std::uint8_t, 16>> digest;  // MD5 of the body
  std::vector<StatusRange> statusCodes;
  std::string regex;  // PCRE2; empty for none
  bool regexNoMatch = false;
  std::uint32_t regexOptions = 0;  // PCRE2_*
  std::uint64_t regexStackStartBytes = 0;
  std::uint64_t regexStackMaxBytes = 0;
  std::uint64_t regexMinOffset = 0;  // bytes of the body
  std::uint64_t regexMaxOffset = 0;  // 0 for no limit
  bool tlsCompliant = false;
};

enum class HttpProtocol : std::uint8_t { kHttp10, kHttp10Close, kHttp11 };

// HTTP_GET and SSL_GET.
struct HttpCheck {
  Connection connection;
  bool usesTls = false;
  std::optional<std::uint32_t> tls;  // of its own: an index of CheckerConfig.tlsClients
  HttpProtocol protocol = HttpProtocol::kHttp10;
  bool fastRecovery = false;
  bool sendServerName = false;
  std::string serverName;  // empty: the name in the Host line
  bool tlsCompliant = false;
  std::vector<std::string> headers;  // "Name: value", of its own
  std::vector<Url> urls;
};

struct SmtpCheck {
  SmtpQuestions questions;
  std::optional<std::uint32_t> tls;  // as that of HttpCheck
  std::string serverName;            // which the certificate is for; empty: the address
  std::vector<Connection> hosts;
};

struct DnsCheck {
  Connection connection;
  std::uint16_t type = 0;  // QTYPE
  std::string name;        // "." for the root
};

struct MiscCheck {
  IdentityId identity{};
  std::uint32_t script = 0;  // index in ScriptConfig.checks
  bool dynamic = false;
  bool neverRuns = false;
  Duration timeout{};  // after which the scriptd ends it
};

struct UdpCheck {
  Connection connection;
  std::vector<std::uint8_t> payload;  // empty: the usual text
  bool requireReply = false;
  std::vector<std::uint8_t> reply;      // what it begins with
  std::vector<std::uint8_t> replyMask;  // of the same size: which bits count
  std::uint16_t minReplyBytes = 0;
  std::uint16_t maxReplyBytes = 255;
};

struct PingCheck {
  Connection connection;
};

struct FileCheck {
  TrackFileId file{};
  std::int32_t weight = 0;
  bool reverse = false;
};

struct BfdCheck {
  std::uint32_t session = 0;
};

struct Checker {
  std::variant<TcpCheck, HttpCheck, SmtpCheck, DnsCheck, MiscCheck, UdpCheck, PingCheck, FileCheck,
               BfdCheck>
      check;
  bool alpha = false;
  bool logAllFailures = false;
  std::uint32_t retry = 0;  // further attempts before it counts as failed
  Duration delayLoop{};
  Duration delayBeforeRetry{};
  Duration warmup{};
  std::uint32_t expiryWarningDays = 0;  // 0 for no warning of a certificate's end
};

struct ScriptReference {
  IdentityId identity{};
  std::uint32_t notifier = 0;  // index in ScriptConfig.notifiers
};

struct RealServer {
  std::string name;
  std::uint32_t weight = 1;
  bool inhibitOnFailure = false;
  bool drain = false;
  bool drainOnFailure = false;
  Duration drainTime{};  // 0 for no limit
  bool alpha = false;
  bool smtpAlert = false;
  std::optional<ScriptReference> notifyUp;
  std::optional<ScriptReference> notifyDown;
  std::vector<Checker> checkers;
};

struct VirtualServer {
  std::string name;
  AddressFamily family = AddressFamily::kIpv4;
  std::uint32_t quorum = 1;
  std::uint32_t hysteresis = 0;
  bool alpha = false;
  bool omega = false;
  bool suspendWithoutAddress = false;
  bool smtpAlert = false;
  std::optional<ScriptReference> quorumUp;
  std::optional<ScriptReference> quorumDown;
  std::optional<std::string> sorryServer;  // its name
  bool sorryInhibit = false;
  std::vector<RealServer> realServers;
};

struct Configuration {
  std::vector<VirtualServer> virtualServers;
  bool realServerInitNotifies = false;
  bool noSwap = false;
};

// An Error names the virtual server at fault. May throw a KJ exception where a pointer of the
// message leads astray: see answerLoad().
[[nodiscard]] Result<Configuration> readConfiguration(schema::CheckerConfig::Reader from);

}  // namespace holdfast::checkd
