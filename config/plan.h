// What the daemons are to do: every default is resolved, every name is an index, every user a
// number. The sealed messages say the same (ipc/schemas/config.capnp explains each field).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/model.h"
#include "ipc/ip_address.h"
#include "ipc/time.h"

namespace holdfast::config {

struct PlannedAddress {
  IpAddress address;
  std::uint8_t prefixLength = 0;
  std::uint32_t interface = 0;
  std::uint8_t scope = 0;
  std::string label;
  std::optional<IpAddress> broadcast;
  std::optional<IpAddress> peer;
  std::uint32_t flags = 0;
  std::uint32_t preferredLifetime = 0xffffffff;
  bool tracked = true;
  bool excluded = false;

  friend bool operator==(const PlannedAddress&, const PlannedAddress&) = default;
};

struct PlannedPeer {
  IpAddress address;
  std::uint8_t minTtl = 0;
  std::uint8_t maxTtl = 255;
};

// A tracked script or interface.
struct Tracked {
  std::uint32_t index = 0;
  std::int16_t weight = 0;
  bool reverse = false;
};

enum class HookEvent : std::uint8_t {
  kAny,
  kMaster,
  kBackup,
  kFault,
  kStop,
  kDeleted,
  kMasterRxLowerPriority,
};

struct HookReference {
  HookEvent event = HookEvent::kAny;
  std::uint32_t identity = 0;
  std::uint32_t hook = 0;
};

struct PlannedInstance {
  std::string name;
  AddressFamily family = AddressFamily::kIpv4;
  std::uint8_t version = 2;
  std::uint8_t virtualRouterId = 0;
  std::uint8_t priority = 100;
  State state = State::kBackup;
  Duration advertInterval = std::chrono::seconds(1);
  bool preempt = true;
  Duration preemptDelay{0};
  std::uint32_t downTimerAdverts = 3;
  std::optional<std::uint32_t> interface;
  bool trackPrimary = true;
  std::optional<IpAddress> source;
  bool trackSource = false;
  IpAddress group;
  std::vector<PlannedPeer> peers;
  bool checkUnicastSource = false;
  bool unicastFaultNoPeer = false;
  std::uint8_t ttl = 255;
  std::vector<PlannedAddress> addresses;  // the advertised ones first, in the order of the file
  std::vector<IpAddress> advertised;
  bool skipCheckAdvertAddresses = false;
  bool lowerPriorityNoAdvert = false;
  bool higherPrioritySendAdvert = false;
  Duration announceDelay = std::chrono::seconds(5);
  std::uint32_t announceRepeat = 5;
  Duration announceRefresh{0};
  std::uint32_t announceRefreshRepeat = 1;
  Duration announceLowerPriorityDelay = std::chrono::seconds(5);
  std::uint32_t announceLowerPriorityRepeat = 5;
  std::vector<Tracked> scripts;
  std::vector<Tracked> interfaces;
  std::vector<HookReference> hooks;
  bool v3ChecksumAsV2 = false;
  OldChecksum oldUnicastChecksum = OldChecksum::kDetect;
  bool strict = false;
  bool accept = true;
  bool promoteSecondaries = false;
  std::uint32_t receiveBufferBytes = 0;
  std::uint8_t debug = 0;
};

struct PlannedTrackScript {
  std::string name;
  std::uint32_t identity = 0;
  std::uint32_t script = 0;  // index in PlannedIdentity::periodic
  std::uint32_t rise = 1;
  std::uint32_t fall = 1;
  bool initFail = false;
  bool neverRuns = false;  // its user or program was not found: it counts as failed, for good
  Duration interval{0};
};

struct PeriodicScript {
  std::string name;
  std::vector<std::string> arguments;
  Duration interval{0};
  Duration timeout{0};
};

struct HookScript {
  std::string instance;
  HookEvent event = HookEvent::kAny;
  std::vector<std::string> arguments;
};

struct ScriptPath {
  std::string path;
  std::string usedBy;
  std::string file;
  std::uint32_t line = 0;
};

// Whoever runs scripts: one scriptd each.
struct PlannedIdentity {
  std::string userName;
  std::string groupName;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<PeriodicScript> periodic;
  std::vector<HookScript> hooks;
  std::vector<ScriptPath> paths;
};

using Digest = std::array<std::uint8_t, 32>;

struct Plan {
  Digest digest{};
  bool scriptSecurity = false;
  bool scriptNoNewPrivileges = false;
  bool scriptSetuidPrograms = false;
  std::string instanceName;
  std::string netNamespace;
  bool usePidDirectory = false;
  Duration childWait = std::chrono::seconds(5);
  std::int8_t vrrpPriority = 0;
  std::uint8_t vrrpRealtimePriority = 0;
  bool vrrpNoSwap = false;
  Duration startupDelay{0};
  bool logUnknownVrids = false;
  Duration arpInterval{0};
  Duration naInterval{0};
  std::vector<std::string> interfaces;
  std::vector<PlannedInstance> instances;
  std::vector<PlannedTrackScript> trackScripts;
  std::vector<PlannedIdentity> identities;
};

// What the host is like, as far as a configuration depends on it.
struct Host {
  std::vector<std::string> interfaces;  // that exist
  std::uint32_t uid = 0;                // of the user who started
  std::uint32_t gid = 0;
  std::string passwdFile = "/etc/passwd";
  std::string groupFile = "/etc/group";
  bool everyInterface = false;  // an interface of any name is taken to exist
};

// Problems go to `report`; where one of them is fatal there the plan is not to be used.
[[nodiscard]] Plan resolve(const Model& model, const Source& source, const Files& files,
                           const Host& host, Report& report);

}  // namespace holdfast::config
