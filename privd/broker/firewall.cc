#include "privd/broker/firewall.h"

#include <algorithm>
#include <utility>

#include "privd/broker/kernel.h"

namespace holdfast::privd {
namespace {

constexpr Duration kBetweenChecks = std::chrono::seconds(1);

}  // namespace

void Barrier::add(const IpAddress& address, int device) {
  if (address.isIpv6LinkLocal()) {
    linkLocal.emplace(address, device);
  } else {
    addresses.insert(address);
  }
}

bool Barrier::has(AddressFamily family) const {
  return !links.empty() || (family == AddressFamily::kIpv6 && !linkLocal.empty()) ||
         std::ranges::find(addresses, family, &IpAddress::family) != addresses.end();
}

void Firewall::want(const FirewallTable& table, const Barrier& barrier) {
  if (!table.isInUse() && barrier.empty()) {
    remove();
    return;
  }
  wanted_ = barrier;
  if (table_ == table && there_ == barrier) {
    return;
  }
  if (table_ && table_ != table) {
    removeTable();
  }
  Status status = kernel_.setFirewall(table, there_ ? &*there_ : nullptr, barrier);
  if (!status && there_) {
    // Somebody else may have taken the table away.
    status = kernel_.setFirewall(table, nullptr, barrier);
  }
  table_ = table;
  there_ = status ? std::optional(barrier) : std::nullopt;
  if (!status && !isRefused_) {
    log_.error("nftables: " + status.error().message +
               ": no_accept has no effect, and VMACs may speak");
  }
  isRefused_ = !status;
}

TimePoint Firewall::check(TimePoint now) {
  if (!table_ || wanted_.empty()) {
    return kNever;
  }
  if (now < nextCheck_) {
    return nextCheck_;
  }
  nextCheck_ = now + kBetweenChecks;
  if (!there_) {
    want(FirewallTable(*table_), Barrier(wanted_));
  } else if (!kernel_.hasFirewall(*table_)) {
    there_.reset();
    want(FirewallTable(*table_), Barrier(wanted_));
    if (there_) {
      log_.warning("nftables: somebody else removed table " + table_->name + ": it is back");
    }
  }
  return nextCheck_;
}

void Firewall::remove() {
  if (table_) {
    removeTable();
  }
  table_.reset();
  wanted_ = {};
}

void Firewall::removeTable() {
  if (Status status = kernel_.removeFirewall(*table_); !status) {
    log_.error("nftables: cannot remove table " + table_->name + ": " + status.error().message);
  }
  there_.reset();
}

}  // namespace holdfast::privd
