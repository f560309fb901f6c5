// The real IPVS behind the broker's edge: one generic netlink socket. It never blocks: the kernel
// works on a request while it is being sent, so that its answer is there when send(2) returns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "ipc/result.h"
#include "ipc/unique_fd.h"
#include "privd/broker/batch_pace.h"
#include "privd/broker/ipvs/kernel.h"

namespace holdfast::privd::ipvs {

class Batch;
struct Reply;

class LinuxIpvs final : public IpvsKernel {
 public:
  // Has the kernel load IPVS where it has not. An Error where there is none.
  [[nodiscard]] static Result<LinuxIpvs> open();
  // The same with a generic netlink socket of another network namespace.
  [[nodiscard]] static Result<LinuxIpvs> open(UniqueFd fd);

  [[nodiscard]] std::vector<int> change(std::span<const Operation> operations) override;
  [[nodiscard]] Result<std::vector<Service>> services() override;
  [[nodiscard]] Result<Service> service(const ServiceKey& key) override;
  [[nodiscard]] Result<std::vector<Destination>> destinations(const ServiceKey& key) override;
  [[nodiscard]] Status flush() override;
  [[nodiscard]] Status setTimeouts(const Timeouts& timeouts) override;
  [[nodiscard]] Result<std::vector<RunningDaemon>> daemons() override;
  [[nodiscard]] Status startDaemon(const SyncDaemon& daemon, Role role) override;
  [[nodiscard]] Status stopDaemon(Role role) override;

 private:
  using Found = std::function<void(Reply& reply)>;

  explicit LinuxIpvs(UniqueFd fd);
  [[nodiscard]] Status learnFamily();
  [[nodiscard]] Batch batch();
  // Sends, and reads the answers until there is the one that ends the last request.
  [[nodiscard]] Status exchange(const Batch& batch, const Found& found);
  // The first error among the answers to one request.
  [[nodiscard]] Status ask(const Batch& batch, const char* what, const Found& found);
  template <typename Object>
  [[nodiscard]] Result<std::vector<Object>> list(const Batch& batch, const char* what);

  UniqueFd fd_;
  std::uint16_t family_ = 0;
  AddressFamily listed_ = AddressFamily::kIpv4;  // of the service whose destinations are asked for
  std::uint32_t sequence_ = 0;
  std::uint32_t first_ = 0;  // of the batch that is under way
  BatchPace pace_;
  std::vector<std::max_align_t> buffer_;
};

}  // namespace holdfast::privd::ipvs
