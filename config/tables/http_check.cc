// virtual_server/real_server/HTTP_GET and SSL_GET
#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/tables.h"
#include "config/tables/checker_rows.h"

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

constexpr auto kChecking = checkingRows("1", value("3"));

// clang-format off
constexpr std::array<Row, 7> kOwn = {{
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
                            {kConnectingRows, kChecking, kOwn, urlRow(sslUrlTable)});
  return kTable;
}

}  // namespace holdfast::config
