// global_defs: mail about what happens.
#include "config/block.h"
#include "config/field.h"
#include "config/lines.h"
#include "config/tables.h"
#include "config/tables/global_areas.h"
#include "ipc/schemas/management_config.capnp.h"

namespace holdfast::config {

// All words of a line are addresses.
bool beginRecipientLine(Context&, Block& line, Cursor& cursor) {
  WordList recipients;
  line.setName(std::string(cursor.peek()));
  while (cursor.hasWord()) {
    recipients.emplace_back(cursor.take());
  }
  line.say("recipients", std::make_shared<const WordList>(std::move(recipients)),
           &cursor.statement);
  return true;
}

const Table& recipientLineTable() {
  // clang-format off
  static constexpr Row kRows[] = {
    {"recipients", takes::part(takes::words()), nothing(), {bySealer()},
     "who gets the mail"},
  };
  // clang-format on
  static const Table kTable("notification_email line", kRows);
  return kTable;
}

namespace {

// HOST [PORT]
void readServer(Context& context, Block& globals, Cursor& cursor) {
  constexpr double kMostPort = 65535;
  const std::string host(cursor.take());
  if (host.empty()) {
    context.error(Code::kInvalidValue, cursor, "Invalid smtp server  25",
                  "takes an address or a name, and perhaps a port");
    return;
  }
  std::int64_t port = 25;
  if (cursor.hasWord()) {
    const auto said = context.number(cursor, {1, kMostPort});
    if (!said) {
      return;
    }
    port = *said;
  }
  globals.say("smtp_server", host, &cursor.statement);
  globals.say("smtp_server port", port, &cursor.statement);
}

// A host's name can be missing: its own is meant.
void readHelo(Context&, Block& globals, Cursor& cursor) {
  if (cursor.hasWord()) {
    globals.say("smtp_helo_name", std::string(cursor.take()), &cursor.statement);
  }
}

}  // namespace

std::span<const Row> mailRows() {
  using Mail = schema::Mail::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"notification_email", takes::list(recipientLineTable, beginRecipientLine, "ADDRESS..."), nothing(), {bySealer()},
     "who gets mail", kNotYet},
    {"notification_email_from", takes::orElse(takes::word(), "emailfrom missing - ignoring"), rule("keepalived@ and the host's name"),
     {to<&Mail::setFrom>()},
     "whom it comes from", kNotYet},
    {"smtp_server", takes::custom(readServer, "ADDRESS|NAME [PORT]"), nothing(), {to<&Mail::setServer>()},
     "who takes the mail", kNotYet},
    {"smtp_server port", takes::part(takes::number(1, 65535)), value("25"), {to<&Mail::setPort>()},
     "its port"},
    {"smtp_helo_name", takes::orBare(takes::custom(readHelo, "NAME")), rule("the host's name"), {to<&Mail::setHeloName>()},
     "how the server is greeted", kNotYet},
    {"smtp_connect_timeout", takes::wholeSeconds(0, 4294), value("30"), {to<&Mail::setConnectTimeoutNs>()},
     "seconds that the server may take", kNotYet},
    {"smtp_alert", takes::onOff(), nothing(), {byHeirs()},
     "whether there is mail about everything that does not say so itself", kNotYet},
    {"smtp_alert_vrrp", takes::onOff(), rule("smtp_alert, else off"), {to<&Mail::setVrrp>()},
     "the same of virtual routers", kNotYet},
    {"smtp_alert_checker", takes::onOff(), rule("smtp_alert, else on for real servers and off for virtual ones"), {bySealer()},
     "the same of virtual and real servers", kNotYet},
    {"no_email_faults", takes::flag(), value("off"), {to<&Mail::setNoFaults>()},
     "no mail about FAULT", kNotYet},
    {"no_checker_emails", takes::onOff(), value("off"), {to<&Mail::setNoCheckers>()},
     "no mail about single checks, only about servers that come and go", kNotYet},
  };
  // clang-format on
  return kRows;
}

}  // namespace holdfast::config
