// virtual_server/real_server/SMTP_CHECK
#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/tables.h"
#include "config/tables/checker_rows.h"
#include "config/tables/tls_rows.h"
#include "config/text.h"

namespace holdfast::config {
namespace {

using Smtp = schema::SmtpCheck::Builder;

// RFC 5321, 4.5.3.1.3
constexpr std::size_t kMaxPath = 254;

void readHeloName(Context& context, Block& check, Cursor& cursor) {
  if (!cursor.hasWord()) {
    context.error(Code::kMissingSetting, cursor.statement, 0, "SMTP_CHECK helo name missing");
    return;
  }
  const std::string name(cursor.take());
  if (!isPrintable(name) || name.size() > 255) {
    context.error(Code::kInvalidValue, cursor, "SMTP_CHECK helo name cannot be sent - ignoring",
                  "takes a host name: at most 255 printable characters");
    return;
  }
  check.say("helo_name", name, &cursor.statement);
}

// ADDRESS or <ADDRESS>, into the row of the keyword.
void readMailAddress(Context& context, Block& check, Cursor& cursor) {
  const std::string keyword(cursor.statement.keyword());
  std::string word(cursor.take());
  if (word.starts_with('<') && word.ends_with('>')) {
    word = word.substr(1, word.size() - 2);
  }
  const bool isFit = isPrintable(word) && word.find_first_of(" <>") == std::string::npos &&
                     word.size() <= kMaxPath && (!word.empty() || keyword == "mail_from");
  if (!isFit) {
    context.error(Code::kInvalidValue, cursor, keyword + " cannot be sent - ignoring",
                  keyword == "mail_from" ? "takes a mail address, or <> for the empty one"
                                         : "takes a mail address");
    return;
  }
  check.say(Key(keyword), std::move(word), &cursor.statement);
}

// clang-format off
constexpr std::array<Row, 8> kOwn = {{
    {"helo_name", takes::orBare(takes::custom(readHeloName, "NAME")), value("smtpchecker.keepalived.org"), {to<&Smtp::setHeloName>()},
     "what it calls itself in HELO"},
    {"host", takes::blocks(smtpHostTable), nothing(), {},
     "another address to talk to as well (old)"},
    {"ehlo", takes::onOff(), rule("on with starttls, else off"), {to<&Smtp::setExtended>()},
     "it says EHLO in place of HELO"},
    {"starttls", takes::onOff(), value("off"), {to<&Smtp::setStartTls>()},
     "it goes on in TLS, which the server has to offer; verify and the others below say whom it believes"},
    {"sni_name", takes::word(), nothing(), {to<&Smtp::setServerName>()},
     "TLS: the name that is asked for, and that verify name looks for in place of the address"},
    {"mail_from", takes::custom(readMailAddress, "ADDRESS"), rule("<> with rcpt_to, else nothing is asked"), {toOptional<&Smtp::setSender, &Smtp::setHasSender>()},
     "the server has to take mail from there; none is sent"},
    {"rcpt_to", takes::custom(readMailAddress, "ADDRESS"), nothing(), {to<&Smtp::setRecipient>()},
     "the server has to take mail for it; none is sent"},
    {"drain_on_421", takes::onOff(), value("off"), {to<&Smtp::setDrainsOn421>()},
     "a server that answers 421 gets weight 0, until it does not; it has not failed"},
}};
// clang-format on

}  // namespace

const Table& smtpHostTable() {
  static const Table kTable("virtual_server/real_server/SMTP_CHECK/host",
                            {kConnectingRows, kCheckingRows});
  return kTable;
}

const Table& smtpCheckTable() {
  static const Table kTable("virtual_server/real_server/SMTP_CHECK",
                            {kConnectingRows, kCheckingRows, kOwn, kTlsRows});
  return kTable;
}

}  // namespace holdfast::config
