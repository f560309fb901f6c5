// What is to be in IPVS, and the least that makes it so. Of the generations that are loaded one is
// in force: the newest whose checkd has named all its servers, or, before there is one, the oldest.
// What an earlier one alone has stays until it is retired. Nothing is touched that is right
// already, nothing that no configuration in force has ever named, and a service that stays is never
// removed in between: live connections survive reloads, and restarts of whoever asks.
//
// Owned by the LoadBalancer. It must never wait: what takes long is done in slices.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "ipc/ids.h"
#include "ipc/log.h"
#include "ipc/time.h"
#include "privd/broker/ipvs/kernel.h"
#include "privd/broker/ipvs/mirror.h"
#include "privd/broker/ipvs/wishes.h"

namespace holdfast::privd::ipvs {

class Table {
 public:
  // The kernel does not take what was said of a server: an errno value.
  using Refused = std::function<void(Generation generation, const ServerId& server, int error)>;

  Table(IpvsKernel& kernel, Log& log, Refused refused);

  void load(Generation generation, Configuration config);
  [[nodiscard]] const Wishes* find(Generation generation) const;
  // Reads what there is. `isFirst`: the daemon starts, and lvs_flush holds.
  [[nodiscard]] Status start(bool isFirst);
  void retire(Generation generation);
  // None before start() and without a generation.
  [[nodiscard]] std::optional<Generation> generationInForce() const { return inForce_; }
  [[nodiscard]] bool isStarted() const { return isStarted_; }

  // From checkd. The generation is loaded, and has the server.
  void hello(Generation generation);
  void say(Generation generation, const ServerId& server, std::optional<std::uint16_t> weight);
  void complete(Generation generation);

  // Makes the kernel follow. Returns when it wants to be called again.
  [[nodiscard]] TimePoint work(TimePoint now);
  // At the end of the daemon: everything of ours goes.
  void release();

 private:
  struct Trouble {
    TimePoint next{};
    Duration patience{};
    bool isTold = false;
  };
  struct Wanted {
    Generation generation{};
    const Wishes* wishes = nullptr;
    std::uint32_t virtualServer = 0;
  };

  [[nodiscard]] std::optional<Wanted> wanted(const ServiceKey& key) const;
  [[nodiscard]] TimePoint nextWork() const;
  void suspectAll(Generation generation);
  void suspect(Generation generation, std::uint32_t virtualServer);
  void putInForce(Generation generation);
  void settle(const ServiceKey& key, TimePoint now);
  [[nodiscard]] std::vector<Operation> changesFor(const ServiceKey& key,
                                                  const std::optional<Wanted>& wanted,
                                                  KnownService& known) const;
  void addDestinationChanges(const ServiceKey& key, const Wanted& wanted, KnownService& known,
                             std::vector<Operation>& operations) const;
  void failed(const ServiceKey& key, const std::optional<Wanted>& wanted,
              const std::vector<Operation>& operations, const std::vector<int>& results,
              TimePoint now);
  void failed(const ServiceKey& key, const Error& error, TimePoint now);
  // True where it is to be told of.
  [[nodiscard]] bool note(const ServiceKey& key, TimePoint now);
  void compare(TimePoint now);

  IpvsKernel& kernel_;
  Log& log_;
  Refused refused_;
  std::map<Generation, Wishes> wishes_;
  std::set<Generation> served_;  // that are or have been in force
  std::optional<Generation> inForce_;
  bool isStarted_ = false;
  Mirror mirror_;
  std::set<ServiceKey> suspects_;  // that may differ from what is wanted
  std::map<ServiceKey, Trouble> troubles_;
  std::size_t operations_ = 0;  // in this turn
  TimePoint nextCompare_{};
};

}  // namespace holdfast::privd::ipvs
