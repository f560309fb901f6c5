// What the supervisor gets.
#include "config/seal/write.h"

namespace holdfast::config {
namespace {

void write(schema::Identity::Builder out, const PlannedIdentity& identity) {
  out.setUserName(identity.userName);
  out.setGroupName(identity.groupName);
  out.setUid(identity.uid);
  out.setGid(identity.gid);
  auto paths = out.initScripts(sizeOf(identity.paths));
  for (unsigned i = 0; i < paths.size(); ++i) {
    paths[i].setPath(identity.paths[i].path);
    paths[i].setUsedBy(identity.paths[i].usedBy);
    paths[i].setFile(identity.paths[i].file);
    paths[i].setLine(identity.paths[i].line);
  }
}

}  // namespace

void write(schema::SupervisorConfig::Builder out, const Plan& plan) {
  const Block& root = *plan.configuration;
  write(out.initDigest(), plan.digest);
  writeSettings(root, out);
  writeSettings(*root.firstBlock("global_defs"), out);
  out.setStartVrrp(root.firstBlock("vrrp_instance") != nullptr);
  out.setStartBfd(!plan.bfdSessions.all().empty());
  const auto& blocks = plan.trackFiles.all();
  auto files = out.initTrackFiles(sizeOf(blocks));
  for (unsigned i = 0; i < files.size(); ++i) {
    files[i].setName(blocks[i]->name());
    writeSettings(*blocks[i], files[i]);
  }
  auto identities = out.initIdentities(sizeOf(plan.identities));
  for (unsigned i = 0; i < identities.size(); ++i) {
    write(identities[i], plan.identities[i]);
  }
}

}  // namespace holdfast::config
