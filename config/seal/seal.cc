#include "config/seal/seal.h"

#include <capnp/message.h>

#include <cstring>

#include "config/seal/write.h"
#include "ipc/sealed.h"

namespace holdfast::config {
namespace {

template <typename Schema, typename... Parts>
Status sealOne(const char* name, UniqueFd& out, const Parts&... parts) {
  capnp::MallocMessageBuilder message;
  write(message.initRoot<Schema>(), parts...);
  Result<UniqueFd> fd = sealMessage(name, message);
  for (const auto segment : message.getSegmentsForOutput()) {
    // There may be a password in it, and this memory is used again.
    ::explicit_bzero(const_cast<capnp::word*>(segment.begin()), segment.asBytes().size());
  }
  if (!fd) {
    return fd.error();
  }
  out = std::move(fd).value();
  return success();
}

}  // namespace

Result<SealedPlan> seal(const Plan& plan) {
  SealedPlan sealed;
  sealed.scriptds.resize(plan.identities.size());
  Status status = sealOne<schema::SupervisorConfig>("holdfast-supervisor", sealed.supervisor, plan);
  if (status) {
    status = sealOne<schema::BrokerConfig>("holdfast-privd", sealed.privd, plan);
  }
  if (status) {
    status = sealOne<schema::VrrpConfig>("holdfast-vrrpd", sealed.vrrpd, plan);
  }
  if (status && plan.configuration->firstBlock("virtual_server") != nullptr) {
    status = sealOne<schema::IpvsConfig>("holdfast-ipvs", sealed.ipvs, plan);
    if (status) {
      status = sealOne<schema::CheckerConfig>("holdfast-checkd", sealed.checkd, plan);
    }
  }
  for (std::size_t i = 0; status && i < plan.identities.size(); ++i) {
    status = sealOne<schema::ScriptConfig>("holdfast-scriptd", sealed.scriptds[i],
                                           plan.identities[i], plan);
  }
  if (status) {
    status = sealOne<schema::BfdConfig>("holdfast-bfdd", sealed.bfdd, plan);
  }
  if (status) {
    status = sealOne<schema::ManagementConfig>("holdfast-mgmtd", sealed.mgmtd, plan);
  }
  if (status && hasSomethingToWatch(plan)) {
    status = sealOne<schema::WatchConfig>("holdfast-watchd", sealed.watchd, plan);
  }
  if (!status) {
    return status.error();
  }
  return sealed;
}

}  // namespace holdfast::config
