// What a vrrpd leaves behind for the one that comes after it, however it ends: when each instance
// advertised last and what it has counted, and which notify FIFOs have not been told everything.
// privd cannot say, since it sees when a process dies, and not since when it hung.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ipc/ids.h"
#include "ipc/schemas/messages.capnp.h"
#include "ipc/shared_memory.h"
#include "ipc/time.h"
#include "ipc/unique_fd.h"
#include "vrrpd/receive_checks.h"
#include "vrrpd/virtual_router.h"

namespace holdfast::vrrpd {

struct InstanceCounters {
  RouterCounters router;
  ReceiveCounters received;
};

// Owned by the Daemon. Without memory, or for more instances than it has room for, nothing is left
// and nothing is known. Each note is one aligned word, so that a death in between spoils none; of
// counters some may be those of the event before.
class LastWords {
 public:
  using Fifo = schema::ControlRequest::Fifo;

  // What is no memory of that kind is not used; the Error says why. What another version left, whose
  // program was replaced while the supervisor ran on, is forgotten.
  [[nodiscard]] Status adopt(const UniqueFd& memory);
  // Reads what was left of the instances of these names, by whatever configuration, and goes on
  // from there for these.
  void begin(const std::vector<std::string>& names);

  // Of an earlier vrrpd; nothing where it is not known.
  [[nodiscard]] std::optional<TimePoint> lastAdvertisement(InstanceId id) const;
  void advertised(InstanceId id, TimePoint now);

  // Of all earlier vrrpds together.
  [[nodiscard]] InstanceCounters counters(InstanceId id) const;
  void count(InstanceId id, const InstanceCounters& counters);

  [[nodiscard]] bool owesStates(Fifo fifo) const;
  void setOwesStates(Fifo fifo, bool owes);

 private:
  struct Entry {
    std::uint64_t name = 0;  // hashed; 0: there are no more
    std::uint64_t time = 0;  // of the last advertisement, on EventLoop's clock; 0: none
    InstanceCounters counters;
  };
  struct Header {
    std::uint64_t layout = 0;
    std::uint64_t owingFifos = 0;
  };

  // To be changed with Header, Entry and whatever they consist of.
  static constexpr std::uint64_t kLayout =
      std::uint64_t{0x48'46'4c'57} << 32 | std::uint64_t{1} << 16 | sizeof(Entry);

  [[nodiscard]] Header& header() const;
  [[nodiscard]] std::span<Entry> entries() const;

  SharedMapping memory_;
  std::vector<std::uint64_t> before_;
};

}  // namespace holdfast::vrrpd
