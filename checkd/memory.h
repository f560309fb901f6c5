// What a checkd leaves behind for the one that comes after it, however it ends: how each checker,
// server and quorum stood, so that a crash and a reload change nothing in the kernel's table, and
// what was known to be down is not taken to be up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "checkd/check_schedule.h"
#include "ipc/schemas/messages.capnp.h"
#include "ipc/shared_memory.h"
#include "ipc/unique_fd.h"

namespace holdfast::checkd {

// Owned by the Daemon. Without memory, or for more objects than it has room for, nothing is left
// and nothing is known. An object is whatever has the same key in both configurations.
class Memory {
 public:
  using Fifo = schema::ControlRequest::Fifo;

  struct Entry {
    CheckState check;               // of a checker
    std::int64_t weightChange = 0;  // the same
    bool drains = false;            // the same
    std::optional<bool> told;       // of a server: what its notifiers know; of a virtual server:
                                    // has it the quorum
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  // What is no memory of that kind is not used; the Error says why.
  [[nodiscard]] Status adopt(const UniqueFd& memory);
  // From now on it is about the objects of these keys, in this order.
  void begin(const std::vector<std::string>& keys);

  // As an earlier checkd left it; nothing where that did not know the object.
  [[nodiscard]] const std::optional<Entry>& before(std::size_t object) const {
    return before_[object];
  }
  void note(std::size_t object, const Entry& entry);

  [[nodiscard]] bool owesStates(Fifo fifo) const;
  void setOwesStates(Fifo fifo, bool owes);

 private:
  // One aligned word each, so that a death in between spoils none.
  struct Record {
    std::uint64_t key = 0;  // hashed; 0: there are no more
    std::uint64_t standing = 0;
    std::int64_t weightChange = 0;
  };
  // There are two tables: while one is made, the other one counts.
  struct Header {
    std::uint64_t magic = 0;
    std::uint64_t current = 0;  // which table counts
    std::uint64_t owingFifos = 0;
  };

  [[nodiscard]] Header& header() const;
  [[nodiscard]] std::span<Record> table(std::uint64_t which) const;

  SharedMapping memory_;
  std::span<Record> records_;
  std::vector<std::optional<Entry>> before_;
};

}  // namespace holdfast::checkd
