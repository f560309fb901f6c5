// One virtual server at work: its checkers, its pool, and how what the pool asks for is done.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "checkd/check_run.h"
#include "checkd/drain_watch.h"
#include "checkd/memory.h"
#include "checkd/server_pool.h"

namespace holdfast::checkd {

// Owned by the Daemon.
class Service {
 public:
  // Where what the pool asks for goes.
  struct Outlets {
    std::function<void(std::size_t realServer, const Placement& placement)> place;
    std::function<void(const Placement& placement)> placeSorry;
    // Answered by setConnections() for each real server.
    std::function<void()> countConnections;
    std::function<void(const ScriptReference& script)> run;
    // Number 0 is the virtual server, the others are its real servers.
    std::function<void(std::size_t subject, bool isUp)> tell;
    std::function<void(std::size_t object, const Memory::Entry& entry)> note;
  };
  // The objects of the memory: first the virtual server, then each real server with its checkers
  // behind it.
  [[nodiscard]] static std::vector<std::string> keysOf(const VirtualServer& server);

  // `before` has an entry for each of keysOf(). All but `outlets` is borrowed.
  Service(const Means& means, Log& log, const VirtualServer& server, bool initialNotifies,
          const std::vector<std::optional<Memory::Entry>>& before, Outlets outlets);

  // Says where every server is to be, and begins to check them.
  void start(TimePoint now);
  // Where every server is to be, once more.
  void repeat();
  // ha_suspend: the address of the virtual server is on this host, or is not.
  void setAddressPresent(bool isPresent, TimePoint now);
  // A tracked file has this number.
  void setFile(TrackFileId file, std::int32_t number);
  // As the kernel has counted them.
  void setConnections(std::size_t realServer, std::uint64_t connections);
  // The daemon ends.
  void end();
  // Another configuration takes over, which knows the objects of these keys: what it lacks is down.
  void giveWayTo(const std::unordered_set<std::string>& keys);

 private:
  struct Check {
    std::unique_ptr<CheckRun> run;  // null for one that is told
    CheckerStanding standing;
    std::size_t object = 0;
  };
  struct Server {
    std::vector<Check> checks;
    std::size_t object = 0;
    std::optional<bool> told;
    bool wasDraining = false;  // before this process
  };

  [[nodiscard]] static PoolRules rulesOf(const VirtualServer& server, bool initialNotifies);
  void prepare(const std::vector<std::optional<Memory::Entry>>& before, const Means& means);
  void prepareServer(std::size_t server, const std::vector<std::optional<Memory::Entry>>& before,
                     const Means& means);
  void hear(std::size_t server, std::size_t checker, const CheckerStanding& standing);
  void activate(TimePoint now);
  void suspend();
  void noteServer(std::size_t server);
  void watchDrains(TimePoint now);
  void stopChecking();
  void perform();
  void perform(const PlaceServer& action);
  void perform(const PlaceSorryServer& action);
  void perform(const DrainServer& action);
  void perform(const NotifyServer& action);
  void perform(const NotifyQuorum& action);
  void perform(const LogText& action);

  Log& log_;
  const VirtualServer& server_;
  Outlets outlets_;
  ServerPool pool_;
  std::vector<Server> servers_;
  std::optional<bool> hadQuorum_;  // before this process, where that is known
  DrainWatch drains_;
  Timer drainTimer_;
  Actions actions_;
  std::uint64_t random_;  // spreads the first attempts
  bool isActive_ = false;
  bool isPerforming_ = false;
  bool hasEnded_ = false;
};

}  // namespace holdfast::checkd
