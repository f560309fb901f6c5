// The firewall marks of virtual servers (nftables_ipvs), in a table of nftables. Owned by the
// Balancer.
#pragma once

#include <vector>

#include "ipc/log.h"
#include "ipc/time.h"
#include "privd/broker/ipvs/edge.h"

namespace holdfast::privd::ipvs {

class Marks {
 public:
  Marks(Edge& edge, Log& log) : edge_(edge), log_(log) {}

  // Without marks there is no table.
  void want(const FirewallTable& table, const std::vector<MarkedAddresses>& marks);
  // Puts it there, tries again what was refused, and puts back a table that somebody else has
  // removed. Returns when it wants to be called again.
  [[nodiscard]] TimePoint work(TimePoint now);
  void remove();

 private:
  Edge& edge_;
  Log& log_;
  FirewallTable table_;
  std::vector<MarkedAddresses> marks_;
  bool isThere_ = false;
  bool isTold_ = false;  // that it cannot be done
  TimePoint next_ = kNever;
};

}  // namespace holdfast::privd::ipvs
