// The real servers of one virtual server: which of them live, whether they are enough (the quorum),
// and who is in the kernel's table. The rules of a virtual_server without a socket or a clock.
//
// A real server lives where none of its checkers is down. While the living ones do not reach the
// quorum, and only then, the sorry server takes their place, where there is one.
//
// One that is drained has weight 0 in the table until it is released, and then leaves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checkd/action.h"

namespace holdfast::checkd {

struct PooledServer {
  std::string name;  // "[10.0.0.2]:tcp:80"
  std::uint32_t weight = 1;
  bool inhibitOnFailure = false;  // weight 0 instead of being removed
  bool drain = false;             // drained, whether it lives or not
  bool drainOnFailure = false;    // drained where it would be removed
  std::size_t checkers = 0;
};

struct PoolRules {
  std::string name;  // "[10.0.0.1]:tcp:80"
  std::uint32_t quorum = 1;
  std::uint32_t hysteresis = 0;
  bool omega = false;
  std::string sorryServer;  // its name; empty for none
  bool sorryInhibit = false;
  bool initialNotifies = false;  // rs_init_notifies
  std::vector<PooledServer> servers;
};

// What one checker says of its server.
struct CheckerStanding {
  bool isUp = false;
  std::int64_t weightChange = 0;  // misc_dynamic, FILE_CHECK: added to the configured weight
  bool drains = false;            // SMTP_CHECK: weight 0, whatever is added
  friend bool operator==(const CheckerStanding&, const CheckerStanding&) = default;
};

// What a pool goes on from after a crash or a reload.
struct PoolStanding {
  bool hasQuorum = false;
  // What the notifiers of each server know: it is up, it is down, nothing yet.
  std::vector<std::optional<bool>> told;
  std::vector<bool> draining;  // which of them were drained
};

class ServerPool {
 public:
  explicit ServerPool(PoolRules rules);

  // Before begin(): how a checker stands at first.
  void assume(std::size_t server, std::size_t checker, const CheckerStanding& standing);
  // Once one of these: says where every server is to be. resume() notifies what is not as before.
  void begin(Actions& out);
  void resume(const PoolStanding& before, Actions& out);

  // A checker says something; that it says it again changes nothing.
  void hear(std::size_t server, std::size_t checker, const CheckerStanding& standing, Actions& out);
  // Nobody is connected to a server that is drained, or its time is up: `why`, for the log.
  void release(std::size_t server, const char* why, Actions& out);
  // All of it once more, for a privd that has just started: without a line or a notification.
  void repeat(Actions& out) const;
  // The daemon ends.
  void end(Actions& out);
  // A reload ends these servers, and the virtual server too where `isWhole`.
  void removeServers(const std::vector<std::size_t>& removed, bool isWhole, Actions& out);

  [[nodiscard]] bool isAlive(std::size_t server) const { return servers_[server].isAlive; }
  [[nodiscard]] std::optional<bool> told(std::size_t server) const { return servers_[server].told; }
  [[nodiscard]] bool isDraining(std::size_t server) const { return servers_[server].isDraining; }
  [[nodiscard]] bool hasQuorum() const { return hasQuorum_; }
  // Configured, and what the checkers add: 0 to 65535.
  [[nodiscard]] std::uint16_t weight(std::size_t server) const { return servers_[server].weight; }
  [[nodiscard]] std::uint64_t aliveWeight() const { return aliveWeight_; }
  // For resume() of another process.
  [[nodiscard]] PoolStanding standing() const;
  [[nodiscard]] const PoolRules& rules() const { return rules_; }

 private:
  struct Server {
    std::vector<CheckerStanding> checkers;
    bool isAlive = false;
    bool isDraining = false;
    std::uint16_t weight = 0;
    std::optional<bool> told;
  };

  [[nodiscard]] bool hasSorryServer() const { return !rules_.sorryServer.empty(); }
  // The sorry server stands in for the others.
  [[nodiscard]] bool isSorry() const { return !hasQuorum_ && hasSorryServer(); }
  [[nodiscard]] bool checkersAgree(const Server& server) const;
  [[nodiscard]] std::uint16_t weightOf(std::size_t server) const;
  [[nodiscard]] Placement placementOf(std::size_t server) const;
  [[nodiscard]] Placement sorryPlacement() const;
  // The living ones are as many as it takes to gain the quorum; or fewer than it takes to keep it.
  [[nodiscard]] bool reachesQuorum() const;
  [[nodiscard]] bool losesQuorum() const;
  void settle();
  void beginDrains(const std::vector<bool>& before, Actions& out);
  void drain(std::size_t server, Actions& out);
  void stopDraining(std::size_t server, Actions& out);
  void sayRemoved(std::size_t server, std::string_view why, Actions& out) const;
  void setAlive(std::size_t server, bool isAlive, Actions& out);
  void tell(std::size_t server, bool isAlive, Actions& out);
  void reweigh(std::size_t server, std::uint16_t weight, Actions& out);
  void judgeQuorum(Actions& out);
  void gainQuorum(Actions& out);
  void loseQuorum(Actions& out);
  void placeAlive(Actions& out) const;
  [[nodiscard]] std::string gainedText() const;
  [[nodiscard]] std::string lackText() const;
  void saySorry(bool comes, Actions& out) const;

  PoolRules rules_;
  std::vector<Server> servers_;
  std::uint64_t aliveWeight_ = 0;
  bool hasQuorum_ = false;
};

}  // namespace holdfast::checkd
