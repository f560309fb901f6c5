// The broker's two rtnetlink sockets. Neither ever blocks: the kernel works on a request while it
// is being sent, so that its answer is there when send(2) returns.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ipc/result.h"
#include "ipc/unique_fd.h"
#include "privd/broker/batch_pace.h"
#include "privd/broker/kernel.h"
#include "privd/broker/netlink_codec.h"

namespace holdfast::privd {

inline constexpr std::size_t kMaxBatchBytes = 64 * 1024;  // or one message that is longer
inline constexpr std::size_t kNetlinkBuffer = 64 * 1024;

// Requests and their answers.
class NetlinkRequests {
 public:
  [[nodiscard]] static Result<NetlinkRequests> open();

  // One errno value for each placement. Sends at most kMaxBatch at once, or kMaxBatchBytes, and
  // half as many when one send took longer than 5 ms, since the kernel's configuration is locked
  // for as long.
  [[nodiscard]] std::vector<int> change(Change change, std::span<const Placement> placements);
  [[nodiscard]] Result<LinkSnapshot> snapshot();
  // Removes every address, route and rule that has our mark, if nobody else has it. How many.
  [[nodiscard]] Result<std::size_t> removeMarked();
  [[nodiscard]] Result<Link> makeLink(const LinkPlan& plan);
  [[nodiscard]] Status setUp(int index);
  [[nodiscard]] Status setVrf(int index, int vrf);
  [[nodiscard]] Status removeLink(int index);
  // The kernel's message about one link.
  [[nodiscard]] Result<NetlinkMessage> getLink(int index);
  [[nodiscard]] Status set(int index, const SettingValues& values);

  [[nodiscard]] std::size_t batchSize() const { return pace_.size(); }
  void noteSendTime(std::chrono::nanoseconds took) { pace_.note(took); }

 private:
  using Found = std::function<void(const NetlinkMessage&)>;

  NetlinkRequests(UniqueFd fd, bool alone);
  [[nodiscard]] Status send(const NetlinkBatch& batch);
  [[nodiscard]] Result<NetlinkMessage> getLinkNamed(const std::string& name);
  [[nodiscard]] Result<NetlinkMessage> oneLink(const NetlinkBatch& request);
  [[nodiscard]] Result<int> createLink(const LinkPlan& plan, std::uint32_t group);
  [[nodiscard]] Result<std::size_t> removeMarkedLinks();
  // One request that is acknowledged.
  [[nodiscard]] Status perform(const NetlinkBatch& request, const char* what);
  // Reads the answers to the requests `first` to `last`, until there is the one that ends `last`:
  // its acknowledgement, its error, or the end of its dump.
  [[nodiscard]] Status receive(std::uint32_t first, std::uint32_t last, const Found& found);
  // Does the first of them, as many as one send may have. How many.
  [[nodiscard]] std::size_t changeBatch(Change change, std::span<const Placement> placements,
                                        std::span<int> results);
  // Sends what has the sequence numbers from `first` on, and takes the answers.
  void exchange(const NetlinkBatch& batch, std::uint32_t first, std::span<int> results);
  // EAGAIN when the dump was interrupted by a change.
  [[nodiscard]] Status dump(const NetlinkBatch& request, std::uint32_t sequence,
                            const Found& found);
  [[nodiscard]] Result<LinkSnapshot> snapshotOnce();
  // Whether the kernel leaves out of a dump what its request does not ask for: a router has many
  // routes that are not ours.
  void filterDumps(bool filter);
  [[nodiscard]] Status findMarked(std::vector<std::vector<std::byte>>& marked);
  // The messages of a dump that show what has our mark.
  [[nodiscard]] Status collectMarked(const NetlinkBatch& request,
                                     std::vector<std::vector<std::byte>>& marked);

  UniqueFd fd_;
  bool alone_;
  std::vector<std::max_align_t> buffer_;
  std::uint32_t sequence_ = 0;
  BatchPace pace_;
};

// Notifications about links and addresses, and about routes and rules where they matter.
class NetlinkNews {
 public:
  enum class Outcome : std::uint8_t {
    kDrained,
    kMore,     // the bound of a turn is reached
    kOverrun,  // the kernel had to drop news: dump and compare
  };

  [[nodiscard]] static Result<NetlinkNews> open();
  // From now on also of routes that are deleted or replaced, and of rules.
  [[nodiscard]] Status hearRouting();
  // What is smaller than it is from the beginning (1 MiB) changes nothing.
  [[nodiscard]] Status enlarge(const ReceiveBuffer& buffer);
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] Outcome read(const std::function<void(const NetlinkMessage&)>& found);

 private:
  explicit NetlinkNews(UniqueFd fd);
  UniqueFd fd_;
  std::vector<std::max_align_t> buffer_;
};

}  // namespace holdfast::privd
