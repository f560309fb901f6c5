// What the process that others ask gets: mail, SNMP, D-Bus, dumps.
#include "config/seal/write.h"

namespace holdfast::config {
namespace {

void writeMail(schema::Mail::Builder out, const Block& globals) {
  using Choice = schema::Mail::Choice;
  writeSettings(globals, out);
  std::vector<std::string> recipients;
  for (const Block* line : globals.blocks("notification_email")) {
    const auto& words = **line->find<std::shared_ptr<const WordList>>("recipients");
    recipients.insert(recipients.end(), words.begin(), words.end());
  }
  write(out.initRecipients(sizeOf(recipients)), recipients);
  const Key said =
      globals.isSaid("smtp_alert_checker") ? Key("smtp_alert_checker") : Key("smtp_alert");
  out.setChecker(!globals.isSaid(said) ? Choice::USUAL
                 : globals.flag(said)  ? Choice::ON
                                       : Choice::OFF);
}

}  // namespace

void write(schema::ManagementConfig::Builder out, const Plan& plan) {
  const Block& globals = *plan.configuration->firstBlock("global_defs");
  write(out.initDigest(), plan.digest);
  writeSettings(globals, out);
  writeMail(out.initMail(), globals);
  writeSettings(globals, out.initSnmp());
  writeSettings(globals, out.initDbus());
}

}  // namespace holdfast::config
