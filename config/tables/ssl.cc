// SSL: what SSL_GET shows of itself
#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/secret.h"
#include "config/tables.h"
#include "ipc/schemas/lvs_config.capnp.h"

namespace holdfast::config {
namespace {

// "cafile" for ca.
std::string nameOf(const std::string& keyword) {
  return "SSL " + (keyword == "ca"            ? "cafile"
                   : keyword == "certificate" ? "certfile"
                   : keyword == "key"         ? "keyfile"
                                              : keyword);
}

void readText(Context& context, Block& block, Cursor& cursor) {
  const std::string keyword(cursor.statement.keyword());
  if (!cursor.hasWord()) {
    context.error(Code::kMissingSetting, cursor.statement, 0, nameOf(keyword) + " missing");
    return;
  }
  if (block.isSaid(Key(keyword))) {
    context.error(Code::kDuplicate, cursor.statement, 0,
                  nameOf(keyword) + " already specified - replacing");
  }
  if (keyword == "password") {
    block.say("password", std::make_shared<const Secret>(Secret::parse(cursor.take())),
              &cursor.statement);
  } else {
    block.say(Key(keyword), std::string(cursor.take()), &cursor.statement);
  }
}

constexpr Takes kText = takes::orBare(takes::custom(readText, "SECRET|file:PATH|credential:NAME"));
constexpr Takes kPath = takes::orBare(takes::custom(readText, "FILE"));

}  // namespace

const Table& sslTable() {
  using Tls = schema::TlsClient::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"password", kText, nothing(), {bySealer()},
     "of the key", false, kSecret},
    {"ca", kPath, nothing(), {to<&Tls::setCertificateAuthorities>()},
     "whose signatures count, as a PEM file"},
    {"certificate", kPath, nothing(), {to<&Tls::setCertificate>()},
     "what is shown to servers, as a PEM file"},
    {"key", kPath, nothing(), {to<&Tls::setKey>()},
     "of that certificate, as a PEM file"},
  };
  // clang-format on
  static const Table kTable("SSL", kRows);
  return kTable;
}

}  // namespace holdfast::config
