// The sealed configuration of vrrpd as plain values, checked: every index is in range and every
// value within its bounds, so that nothing after this has to doubt them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ipc/ids.h"
#include "ipc/result.h"
#include "ipc/schemas/config.capnp.h"
#include "ipc/time.h"
#include "vrrpd/action.h"
#include "vrrpd/instance.h"
#include "vrrpd/link_delays.h"
#include "vrrpd/sync_group.h"
#include "vrrpd/track_process.h"
#include "vrrpd/track_script.h"

namespace holdfast::vrrpd {

// A script that is run for an instance's transitions: hook number `hook` of that scriptd.
struct Hook {
  bool anyState = false;  // `notify`: every state, with the state appended
  NotifyEvent event = NotifyEvent::kBackup;
  IdentityId identity{};
  std::uint32_t hook = 0;
};

// What a dump of the state says of an instance beside its state (schema::InstanceDisplay).
struct InstanceDisplay {
  std::string json;
  std::string heading;
  std::string settings;
  std::string election;
  std::string addresses;
  std::string excluded;
  std::string rest;
};

struct ConfiguredInstance {
  InstanceConfig config;
  std::vector<Hook> hooks;
  InstanceDisplay display;
};

struct ConfiguredGroup {
  SyncGroupConfig config;
  std::vector<InstanceId> members;
  std::vector<Hook> hooks;
};

// Its members are in FAULT while something static of it is not there.
struct ConfiguredTrackGroup {
  std::string name;
  std::vector<InstanceId> members;
};

struct ConfiguredScript {
  TrackScriptConfig config;
  IdentityId identity{};
  ScriptId script{};
  Duration interval{};
};

struct Configuration {
  std::vector<std::string> interfaces;
  std::vector<ConfiguredInstance> instances;
  std::vector<ConfiguredScript> scripts;
  std::vector<std::string> files;  // names
  std::vector<TrackProcessConfig> processes;
  std::vector<LinkDelayConfig> linkDelays;
  std::vector<ConfiguredGroup> groups;
  std::vector<ConfiguredTrackGroup> trackGroups;
  Duration startupDelay{};
  bool noSwap = false;
  bool fifoStatesOnReload = false;
  std::string display;  // what keepalived.data begins with
};

// An Error names what is wrong; `refused` is the index of the instance where it is, if it is in
// one. May throw what following a malformed message's pointers throws: to be called inside
// catchKj().
// `now`, since the host was started, is for vrrp_delay_after_boot.
[[nodiscard]] Result<Configuration> readConfiguration(schema::VrrpConfig::Reader from,
                                                      TimePoint now, std::uint32_t& refused);

}  // namespace holdfast::vrrpd
