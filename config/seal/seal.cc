#include "config/seal/seal.h"

#include <capnp/message.h>
#include <sys/mman.h>

#include "config/seal/write.h"
#include "ipc/sealed.h"

namespace holdfast::config {
namespace {

// Builds one message after the other, in memory for the largest that there can be: of that, only
// what a message needs is ever touched, and its builder leaves it all zeros again.
class Sealer {
 public:
  Sealer() = default;
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;
  ~Sealer() {
    if (memory_ != MAP_FAILED) {
      ::munmap(memory_, kMaxSealedBytes);
    }
  }

  template <typename Schema, typename... Parts>
  void seal(const char* name, UniqueFd& out, const Parts&... parts) {
    if (!status_) {
      return;
    }
    capnp::MallocMessageBuilder message(kj::arrayPtr(static_cast<capnp::word*>(memory_), kWords));
    write(message.initRoot<Schema>(), parts...);
    Result<UniqueFd> fd = sealMessage(name, message);
    if (fd) {
      out = std::move(fd).value();
    } else {
      status_ = fd.error();
    }
  }
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  static constexpr std::size_t kWords = kMaxSealedBytes / sizeof(capnp::word);

  void* memory_ =
      ::mmap(nullptr, kMaxSealedBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  Status status_ = memory_ == MAP_FAILED ? Status(systemError("mmap")) : success();
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

}  // namespace holdfast::config
