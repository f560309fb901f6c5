// What is to be in the kernel for one generation: its configuration, and what checkd has said of
// its servers. A plain object; the Table owns one for each generation that is loaded.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "privd/broker/ipvs/configuration.h"

namespace holdfast::privd::ipvs {

// A real server of a virtual server, or its sorry server.
struct ServerId {
  std::uint32_t virtualServer = 0;
  std::uint32_t realServer = 0;
  bool isSorry = false;

  friend auto operator<=>(const ServerId&, const ServerId&) = default;
};

struct Wish {
  enum class Word : std::uint8_t {
    kUnsaid,  // it is left as it is
    kOut,
    kIn,
  };
  Word word = Word::kUnsaid;
  DestinationOptions options;  // where it is in
  ServerId server;
};

class Wishes {
 public:
  explicit Wishes(Configuration config);

  [[nodiscard]] const Configuration& config() const { return config_; }
  // False: there is no such server.
  [[nodiscard]] bool has(const ServerId& server) const;
  // In with a weight, or out. The server is one of the configuration.
  void say(const ServerId& server, std::optional<std::uint16_t> weight);
  // From now on servers are named again; those that have not been named by the end are out. What
  // was said before holds until then.
  void beginNaming() { ++round_; }
  void endNaming();

  // The virtual server that has this service, the first one where there are several.
  [[nodiscard]] std::optional<std::uint32_t> find(const ServiceKey& key) const;
  // Every service, in order.
  [[nodiscard]] const std::vector<std::pair<ServiceKey, std::uint32_t>>& services() const {
    return services_;
  }
  [[nodiscard]] ServiceOptions optionsOf(const ServiceKey& key, std::uint32_t virtualServer) const {
    return config_.virtualServers[virtualServer].optionsOf(key);
  }
  // All that the configuration names. Of two with one address and port, one that is in is it.
  [[nodiscard]] std::map<DestinationKey, Wish> destinationsOf(const ServiceKey& key,
                                                              std::uint32_t virtualServer) const;

 private:
  struct Said {
    Wish::Word word = Wish::Word::kUnsaid;
    std::uint16_t weight = 0;
    std::uint32_t round = 0;  // in which it was said last
  };
  struct SaidOfServer {
    std::vector<Said> realServers;
    Said sorry;
  };
  [[nodiscard]] Said& saidOf(const ServerId& server);

  Configuration config_;
  std::vector<std::pair<ServiceKey, std::uint32_t>> services_;
  std::vector<SaidOfServer> said_;
  std::uint32_t round_ = 1;
};

}  // namespace holdfast::privd::ipvs
