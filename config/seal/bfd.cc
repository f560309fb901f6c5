// What bfdd gets.
#include "config/seal/write.h"

namespace holdfast::config {

void write(schema::BfdConfig::Builder out, const Plan& plan) {
  write(out.initDigest(), plan.digest);
  const auto& blocks = plan.bfdSessions.all();
  auto sessions = out.initSessions(sizeOf(blocks));
  for (unsigned i = 0; i < sessions.size(); ++i) {
    sessions[i].setName(blocks[i]->name());
    writeSettings(*blocks[i], sessions[i]);
  }
}

}  // namespace holdfast::config
