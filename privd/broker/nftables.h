// The broker's nfnetlink socket: transactions of nftables, which never block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "ipc/result.h"
#include "ipc/unique_fd.h"
#include "privd/broker/firewall.h"

namespace holdfast::privd {

class NftTransaction;

class Nftables {
 public:
  [[nodiscard]] static Result<Nftables> open();

  // From what `before` says to what `after` says; without a `before` whatever there is goes.
  [[nodiscard]] Status set(const FirewallTable& table, const Barrier* before, const Barrier& after);
  // A whole table of another kind: that of the first message of its transaction, and the families
  // that it leaves a table in.
  [[nodiscard]] std::uint32_t nextSequence() { return ++sequence_; }
  [[nodiscard]] Status set(NftTransaction& transaction, std::set<AddressFamily> families);
  // False only where it is certain that a table has gone.
  [[nodiscard]] bool isThere(const FirewallTable& table);
  [[nodiscard]] Status remove(const FirewallTable& table);

 private:
  explicit Nftables(UniqueFd fd);
  [[nodiscard]] Status ask(std::span<const std::byte> bytes, std::uint32_t first,
                           std::uint32_t last);
  [[nodiscard]] Status commit(NftTransaction& transaction);
  [[nodiscard]] Status readAnswers(std::uint32_t first, std::uint32_t last);

  UniqueFd fd_;
  std::set<AddressFamily> tables_;  // that are there
  std::vector<std::max_align_t> buffer_;
  std::uint32_t sequence_ = 0;
};

}  // namespace holdfast::privd
