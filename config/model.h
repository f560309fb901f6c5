// What the configuration says, keyword by keyword, before defaults and names are resolved. An empty
// optional was not said.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/statement.h"
#include "ipc/ip_address.h"
#include "ipc/time.h"

namespace holdfast::config {

// Where each keyword of a block was said, for messages that come later.
struct Said {
  const Statement* block = nullptr;
  std::map<std::string_view, const Statement*> keywords;  // the last one of each

  [[nodiscard]] const Statement* at(std::string_view keyword) const {
    const auto found = keywords.find(keyword);
    return found == keywords.end() ? block : found->second;
  }
};

// The words `user [group]`.
struct UserName {
  std::string user;
  std::optional<std::string> group;  // else the user's own
  const Statement* statement = nullptr;
};

struct Command {
  std::vector<std::string> arguments;  // [0] is the path; never empty
  std::optional<UserName> user;        // else the default script user
  const Statement* statement = nullptr;
};

struct Weight {
  std::int64_t value = 0;
  bool reverse = false;
};

struct Globals {
  Said said;
  // processes
  std::optional<std::string> routerId;
  std::optional<std::string> defaultInterface;
  std::optional<bool> dynamicInterfaces;
  std::optional<std::int64_t> vrrpPriority;
  std::optional<std::int64_t> vrrpRealtimePriority;
  std::optional<bool> vrrpNoSwap;
  std::optional<Duration> startupDelay;
  std::optional<bool> logUnknownVrids;
  // scripts
  std::optional<UserName> scriptUser;
  std::optional<bool> scriptSecurity;
  std::optional<bool> scriptNoNewPrivileges;
  std::optional<bool> scriptSetuidPrograms;
  // defaults of every instance
  std::optional<std::int64_t> version;
  std::optional<IpAddress> group4;
  std::optional<IpAddress> group6;
  std::optional<std::int64_t> garpMasterDelay;
  std::optional<std::int64_t> garpMasterRepeat;
  std::optional<std::int64_t> garpMasterRefresh;
  std::optional<std::int64_t> garpMasterRefreshRepeat;
  std::optional<std::int64_t> garpLowerPriorityDelay;
  std::optional<std::int64_t> garpLowerPriorityRepeat;
  std::optional<bool> minGarp;
  std::optional<Duration> garpInterval;
  std::optional<Duration> gnaInterval;
  std::optional<std::int64_t> downTimerAdverts;
  std::optional<bool> lowerPriorityNoAdvert;
  std::optional<bool> higherPrioritySendAdvert;
  std::optional<bool> checkUnicastSource;
  std::optional<bool> skipCheckAdvertAddresses;
  std::optional<bool> strict;
  std::optional<bool> v3ChecksumAsV2;
};

struct ScriptBlock {
  Said said;
  std::string name;
  std::optional<Command> command;
  std::optional<Duration> interval;
  std::optional<Duration> timeout;
  std::optional<Weight> weight;
  std::optional<std::int64_t> rise;
  std::optional<std::int64_t> fall;
  std::optional<UserName> user;
  std::optional<bool> initFail;
};

// One line of virtual_ipaddress or virtual_ipaddress_excluded.
struct AddressLine {
  const Statement* statement = nullptr;
  IpAddress address;
  std::optional<std::int64_t> prefixLength;
  std::optional<std::string> interface;
  std::optional<std::int64_t> scope;
  std::optional<std::string> label;
  std::optional<IpAddress> broadcast;
  enum class HostBits : std::uint8_t { kNone, kSet, kClear };
  HostBits broadcastHostBits = HostBits::kNone;  // brd + and brd -
  std::optional<IpAddress> peer;
  std::optional<std::int64_t> preferredLifetime;  // seconds, kForever
  bool home = false;
  bool duplicateDetection = false;  // -nodad
  bool manageTemporary = false;
  bool noPrefixRoute = false;
  bool autojoin = false;
  bool noTrack = false;

  static constexpr std::int64_t kForever = 0xffffffff;
};

struct PeerLine {
  const Statement* statement = nullptr;
  IpAddress address;
  std::optional<std::int64_t> minTtl;
  std::optional<std::int64_t> maxTtl;
};

// One line of track_script or track_interface.
struct TrackLine {
  const Statement* statement = nullptr;
  std::string name;
  std::optional<Weight> weight;
};

enum class State : std::uint8_t { kBackup, kMaster };
enum class OldChecksum : std::uint8_t { kDetect, kAlways, kNever };

struct InstanceBlock {
  Said said;
  std::string name;
  std::optional<State> state;
  std::optional<std::string> interface;
  std::optional<bool> dontTrackPrimary;
  std::optional<std::int64_t> virtualRouterId;
  std::optional<std::int64_t> priority;
  std::optional<Duration> advertInterval;
  std::optional<std::int64_t> version;
  std::optional<bool> nativeIpv6;
  std::optional<bool> preempt;
  std::optional<bool> nopreempt;
  std::optional<Duration> preemptDelay;
  std::optional<IpAddress> multicastSource;
  std::optional<IpAddress> unicastSource;
  std::optional<IpAddress> multicastGroup;
  std::optional<bool> trackSource;
  std::optional<bool> unicastPeers;  // there is a unicast_peer block, perhaps an empty one
  std::vector<PeerLine> peers;
  std::optional<bool> checkUnicastSource;
  std::optional<bool> unicastFaultNoPeer;
  std::optional<std::int64_t> unicastTtl;
  std::optional<OldChecksum> oldUnicastChecksum;
  std::optional<std::int64_t> garpMasterDelay;
  std::optional<std::int64_t> garpMasterRepeat;
  std::optional<std::int64_t> garpMasterRefresh;
  std::optional<std::int64_t> garpMasterRefreshRepeat;
  std::optional<std::int64_t> garpLowerPriorityDelay;
  std::optional<std::int64_t> garpLowerPriorityRepeat;
  std::optional<std::int64_t> downTimerAdverts;
  std::optional<bool> lowerPriorityNoAdvert;
  std::optional<bool> higherPrioritySendAdvert;
  std::optional<bool> skipCheckAdvertAddresses;
  std::optional<bool> strict;
  std::optional<bool> accept;
  std::optional<bool> noAccept;
  std::optional<bool> noVirtualAddresses;
  std::optional<bool> promoteSecondaries;
  std::optional<bool> v3ChecksumAsV2;
  std::optional<std::int64_t> receiveBufferBytes;
  std::optional<std::int64_t> debug;
  std::vector<AddressLine> addresses;
  std::vector<AddressLine> excludedAddresses;
  std::vector<TrackLine> trackScripts;
  std::vector<TrackLine> trackInterfaces;
  std::optional<Command> notify;
  std::optional<Command> notifyMaster;
  std::optional<Command> notifyBackup;
  std::optional<Command> notifyFault;
  std::optional<Command> notifyStop;
  std::optional<Command> notifyDeleted;
  std::optional<Command> notifyMasterRxLowerPriority;
};

struct Model {
  Said said;
  std::optional<std::string> netNamespace;
  std::optional<std::string> instance;
  std::optional<bool> usePidDirectory;
  std::optional<Duration> childWait;
  Globals globals;
  std::vector<ScriptBlock> scripts;
  std::vector<InstanceBlock> instances;
};

// Builds the model; statements have to outlive it.
[[nodiscard]] Model buildModel(const Statements& statements, const Source& source,
                               Report& report);

}  // namespace holdfast::config
