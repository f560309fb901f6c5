// virtual_server/real_server/HTTP_GET and SSL_GET
#include <algorithm>
#include <cctype>

#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/secret.h"
#include "config/tables.h"
#include "config/tables/checker_rows.h"
#include "config/tables/tls_rows.h"
#include "config/text.h"

namespace holdfast::config {
namespace {

using Http = schema::HttpCheck::Builder;

constexpr std::array<Choice, 4> kProtocols = {{{"1.0", 0}, {"1.0C", 1}, {"1.0c", 1}, {"1.1", 2}}};

void readProtocol(Context& context, Block& check, Cursor& cursor) {
  if (!cursor.hasWord()) {
    context.error(Code::kMissingSetting, cursor.statement, 0, "Missing http_protocol version",
                  "takes 1.0, 1.0C or 1.1");
    return;
  }
  const std::string word(cursor.take());
  for (const Choice& protocol : kProtocols) {
    if (protocol.word == word) {
      check.say("http_protocol", protocol.value, &cursor.statement);
      return;
    }
  }
  context.error(Code::kInvalidValue, cursor, "Invalid http_protocol version " + word,
                "takes 1.0, 1.0C or 1.1");
}

void readOldRetry(Context& context, Block& check, Cursor& cursor) {
  context.error(Code::kNotSupported, cursor.statement, 0,
                "nb_get_retry is deprecated - please use 'retry'", "it is taken for retry");
  if (!cursor.hasWord()) {
    context.missingParameter(cursor.statement);
  } else if (const auto count = context.number(cursor, {})) {
    check.say("retry", *count, &cursor.statement);
  }
}

// RFC 9110, 5.1 and 5.6.2.
bool isHeaderName(std::string_view name) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return isDigit(c) || (c != '_' && isNameStart(c)) || kMarks.find(c) != std::string_view::npos;
  });
}

// Those that say where the request ends and whom it is for.
bool isOurs(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kOurs = {
      "host", "connection", "content-length", "transfer-encoding", "upgrade", "authorization"};
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::find(kOurs, lower) != kOurs.end();
}

void readHeader(Context& context, Block& check, Cursor& cursor) {
  static constexpr std::size_t kMaxHeaders = 32;
  const std::string line(cursor.take());
  const std::string_view name = std::string_view(line).substr(0, line.find(": "));
  WordList lines;
  if (const auto* said = check.find<std::shared_ptr<const WordList>>("header")) {
    lines = **said;
  }
  const auto refuse = [&](const char* message, const char* hint) {
    context.error(Code::kInvalidValue, cursor, message, hint);
  };
  if (name.size() == line.size() || !isHeaderName(name) || line.size() > kMaxHeaderBytes ||
      !isPrintable(line)) {
    refuse("header is no line of a request - ignoring", "takes \"Name: value\", in quotes");
  } else if (isOurs(name)) {
    refuse("header names one that the check makes itself - ignoring",
           "see virtualhost, http_protocol and credentials");
  } else if (lines.size() == kMaxHeaders) {
    refuse("too many header lines - ignoring", "a check has at most 32");
  } else {
    lines.push_back(line);
    check.say("header", std::make_shared<const WordList>(std::move(lines)), &cursor.statement);
  }
}

// USER SECRET
void readCredentials(Context& context, Block& check, Cursor& cursor) {
  const std::string user(cursor.take());
  if (!cursor.hasWord() || !isPrintable(user) || user.find(':') != std::string::npos) {
    context.error(Code::kInvalidValue, cursor, "credentials cannot be used - ignoring",
                  "takes USER file:PATH or USER credential:NAME; a user has no colon");
    return;
  }
  check.say("credentials", std::make_shared<const Secret>(Secret::parse(cursor.take())),
            &cursor.statement);
  check.say("credentials user", user, &cursor.statement);
}

constexpr auto kChecking = checkingRows("1", value("3"));

// clang-format off
constexpr std::array<Row, 10> kOwn = {{
    {"http_protocol", takes::orBare(takes::custom(readProtocol, "1.0|1.0C|1.1", kProtocols)), value("1.0"), {to<&Http::setProtocol>()},
     "the version; 1.0C sends Connection: close, which 1.1 does anyhow"},
    {"virtualhost", takes::name(), from("virtualhost"), {byHeirs()},
     "the Host line"},
    {"enable_sni", takes::onOff(), value("off"), {to<&Http::setSendServerName>()},
     "TLS: the name in the Host line is sent to the server first"},
    {"sni_name", takes::word(), nothing(), {to<&Http::setServerName>()},
     "TLS: this name is"},
    {"fast_recovery", takes::onOff(), value("off"), {to<&Http::setFastRecovery>()},
     "while it is down the URLs are asked for one after the other, without delay_loop between them"},
    {"tls_compliant", takes::onOff(), value("off"), {to<&Http::setTlsCompliant>()},
     "TLS: a connection that ends without saying so has failed"},
    {"header", takes::custom(readHeader, "\"NAME: VALUE\""), nothing(), {bySealer()},
     "another line of the request, for each; VALUE may be file:PATH or credential:NAME", false, kSecret},
    {"credentials", takes::custom(readCredentials, "USER TEXT|file:PATH|credential:NAME"), nothing(), {bySealer()},
     "user and password of the Authorization line (Basic)", false, kSecret},
    {"credentials user", takes::part(takes::word()), nothing(), {bySealer()},
     "the user alone"},
    {"nb_get_retry", takes::orBare(takes::custom(readOldRetry, "NUMBER")), nothing(), {byCompiler()},
     "the old name of retry"},
}};
// clang-format on

constexpr std::array<Row, 1> urlRow(const Table& (*table)()) {
  return {{{"url", takes::blocks(table), nothing(), {}, "something to ask for"}}};
}

}  // namespace

const Table& httpCheckTable() {
  static const Table kTable("virtual_server/real_server/HTTP_GET",
                            {kConnectingRows, kChecking, kOwn, urlRow(httpUrlTable)});
  return kTable;
}

const Table& sslCheckTable() {
  static const Table kTable("virtual_server/real_server/SSL_GET",
                            {kConnectingRows, kChecking, kOwn, kTlsRows, urlRow(sslUrlTable)});
  return kTable;
}

}  // namespace holdfast::config
