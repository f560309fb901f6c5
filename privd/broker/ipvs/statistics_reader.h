// Reads what IPVS has counted of a virtual server, over all its services, in slices: a group can
// have thousands. Owned by the Balancer.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "privd/broker/ipvs/event.h"
#include "privd/broker/ipvs/kernel.h"
#include "privd/broker/ipvs/wishes.h"

namespace holdfast::privd::ipvs {

class StatisticsReader {
 public:
  using Post = std::function<void(const Event& event)>;

  StatisticsReader(IpvsKernel& kernel, Post post) : kernel_(kernel), post_(std::move(post)) {}

  // One that is asked for already is not read twice.
  void ask(Generation generation, std::uint32_t virtualServer);
  // Of a generation that is retired nothing is read any more.
  void forget(Generation generation);
  void clear();
  // Reads some of it. `find` says what a generation wishes. True where there is more to do.
  [[nodiscard]] bool work(const std::function<const Wishes*(Generation generation)>& find);

 private:
  using Asked = std::pair<Generation, std::uint32_t>;

  void begin(const Wishes& wishes);
  void read(const Wishes& wishes, const ServiceKey& key);
  void finish();

  IpvsKernel& kernel_;
  Post post_;
  std::deque<Asked> asked_;
  std::vector<Event> events_;  // of the first one: of each of its real servers, then of itself
  std::size_t range_ = 0;      // which service is next
  std::uint32_t next_ = 0;
};

}  // namespace holdfast::privd::ipvs
