#include "config/seal/seal.h"

#include "config/seal/size.h"
#include "config/seal/write.h"
#include "ipc/sealed.h"

namespace holdfast::config {
namespace {

class Sealer {
 public:
  template <typename Schema, typename... Parts>
  void seal(const char* name, UniqueFd& out, const Parts&... parts) {
    if (!status_) {
      return;
    }
    SealedBuilder message(name);
    write(message.initRoot<Schema>(), parts...);
    Result<UniqueFd> fd = message.seal();
    if (fd) {
      out = std::move(fd).value();
    } else {
      status_ = fd.error();
    }
  }
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  Status status_ = success();
};

}  // namespace

Result<SealedPlan> seal(const Plan& plan) {
  SealedPlan sealed;
  sealed.scriptds.resize(plan.identities.size());
  Sealer sealer;
  sealer.seal<schema::SupervisorConfig>("holdfast-supervisor", sealed.supervisor, plan);
  sealer.seal<schema::BrokerConfig>("holdfast-privd", sealed.privd, plan);
  sealer.seal<schema::VrrpConfig>("holdfast-vrrpd", sealed.vrrpd, plan);
  if (plan.configuration->firstBlock("virtual_server") != nullptr) {
    sealer.seal<schema::IpvsConfig>("holdfast-ipvs", sealed.ipvs, plan);
    sealer.seal<schema::CheckerConfig>("holdfast-checkd", sealed.checkd, plan);
  }
  for (std::size_t i = 0; i < plan.identities.size(); ++i) {
    sealer.seal<schema::ScriptConfig>("holdfast-scriptd", sealed.scriptds[i], plan.identities[i],
                                      plan);
  }
  sealer.seal<schema::BfdConfig>("holdfast-bfdd", sealed.bfdd, plan);
  sealer.seal<schema::ManagementConfig>("holdfast-mgmtd", sealed.mgmtd, plan);
  if (hasSomethingToWatch(plan)) {
    sealer.seal<schema::WatchConfig>("holdfast-watchd", sealed.watchd, plan);
  }
  if (!sealer.status()) {
    return sealer.status().error();
  }
  return sealed;
}

Result<SealedPlan> sealForCheck(const Plan& plan, const Source& source) {
  if (mostSealedBytes(plan, source) > kMaxSealedBytes) {
    return seal(plan);
  }
  SealedPlan sealed;
  Sealer sealer;
  sealer.seal<schema::SupervisorConfig>("holdfast-supervisor", sealed.supervisor, plan);
  if (!sealer.status()) {
    return sealer.status().error();
  }
  return sealed;
}

}  // namespace holdfast::config
