// One vrrp_instance: who becomes master, and when.
#include <array>
#include <cstdio>

#include "config/resolve/resolution.h"
#include "ipc/schemas/config.capnp.h"

namespace holdfast::config {
namespace {

constexpr std::int64_t kOwner = 255;
constexpr std::int64_t kDefaultPriority = 100;
constexpr auto kBackup = static_cast<std::int64_t>(schema::InitialState::BACKUP);
constexpr auto kMaster = static_cast<std::int64_t>(schema::InitialState::MASTER);

std::string inSeconds(Duration duration, const char* format) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, static_cast<double>(duration.count()) / 1e9);
  return text.data();
}

Duration roundTo(Duration duration, Duration unit) {
  return (duration + unit / 2) / unit * unit;
}

bool saysMaster(const Block& instance) {
  return instance.isSaid("state") && instance.number("state") == kMaster;
}

void resolvePriority(Resolution& resolution, Block& instance) {
  if (instance.setting("priority") == nullptr) {
    // As in keepalived, one with a bad priority does not own the addresses.
    const bool bad = instance.isMalformed("priority");
    const bool owner = saysMaster(instance) && !bad;
    instance.assume("priority", owner ? kOwner : kDefaultPriority,
                    owner ? "state MASTER without a priority: the address owner" : "the default");
    if (owner) {
      resolution.notice(
          Code::kMissingSetting, instance.at("state"),
          "(" + instance.name() + ") state MASTER without priority: using 255, address owner");
    }
  }
  if (instance.setting("state") == nullptr) {
    const bool owner = instance.number("priority") == kOwner;
    instance.assume("state", owner ? kMaster : kBackup,
                    owner ? "the address owner" : "the default");
  }
}

void resolvePreemption(Resolution& resolution, Block& instance) {
  const std::string prefix = "(" + instance.name() + ") ";
  if (instance.flag("nopreempt")) {
    if (instance.number("priority") == kOwner) {
      resolution.error(Code::kConflict, instance.at("nopreempt"),
                       prefix + "nopreempt is incompatible with priority 255. resetting nopreempt");
      instance.adjust("nopreempt", false, "priority 255 always preempts");
    } else if (saysMaster(instance)) {
      resolution.error(
          Code::kConflict, instance.at("nopreempt"),
          prefix + "Warning - nopreempt will not work with initial state MASTER - clearing",
          "use state BACKUP on every router of an instance with nopreempt");
      instance.adjust("nopreempt", false, "initial state MASTER");
    }
  }
  if (instance.flag("nopreempt")) {
    instance.adjust("preempt", false, "nopreempt");
  } else {
    instance.assume("preempt", true, "the default");
  }
}

void resolvePreemptDelay(Resolution& resolution, Block& instance) {
  if (instance.time("preempt_delay") == Duration(0)) {
    return;
  }
  const std::string prefix = "(" + instance.name() + ") ";
  const Statement* statement = instance.at("preempt_delay");
  std::string because;
  if (instance.flag("strict_mode")) {
    because = "strict mode";
    resolution.error(Code::kConflict, statement,
                     prefix + "preempt_delay is incompatible with strict mode - resetting");
  } else if (!instance.flag("preempt")) {
    because = "nopreempt";
    resolution.error(Code::kConflict, statement,
                     prefix + "preempt_delay is incompatible with nopreempt mode - resetting");
  } else if (saysMaster(instance)) {
    because = "initial state MASTER";
    resolution.error(
        Code::kConflict, statement,
        prefix + "Warning - preempt delay will not work with initial state MASTER - clearing",
        "use state BACKUP");
  } else {
    return;
  }
  instance.adjust("preempt_delay", Duration(0), because);
}

void resolveInterval2(Resolution& resolution, Block& instance, const std::string& prefix) {
  using std::chrono::seconds;
  const Duration interval = instance.time("advert_int");
  const Duration rounded = std::max<Duration>(roundTo(interval, seconds(1)), seconds(1));
  if (rounded != interval) {
    resolution.error(
        Code::kConflict, instance.at("advert_int"),
        prefix + inSeconds(interval, "%f") + "s must be an integer. rounding",
        "using " + inSeconds(rounded, "%.0f") + "; version 3 has fractions of a second");
    instance.adjust("advert_int", rounded, "version 2 has whole seconds");
  }
}

void resolveInterval3(Resolution& resolution, Block& instance, const std::string& prefix) {
  using std::chrono::milliseconds;
  constexpr Duration kLongest = milliseconds(40950);
  Duration interval = instance.time("advert_int");
  if (interval > kLongest) {
    resolution.error(Code::kConflict, instance.at("advert_int"),
                     prefix + inSeconds(interval, "%.2f") +
                         "s is out of range. Must be less than 40.96s. Setting to 40.95s");
    interval = kLongest;
    instance.adjust("advert_int", interval, "version 3 has at most 40.95 seconds");
  }
  const Duration rounded =
      std::max<Duration>(roundTo(interval, milliseconds(10)), milliseconds(10));
  if (rounded != interval) {
    resolution.error(Code::kConflict, instance.at("advert_int"),
                     prefix + inSeconds(interval, "%f") + "s must be in units of 10ms - rounding",
                     "using " + inSeconds(rounded, "%.2f"));
    instance.adjust("advert_int", rounded, "version 3 has hundredths of a second");
  }
}

}  // namespace

void resolveInstanceElection(Resolution& resolution, Block& instance) {
  resolvePriority(resolution, instance);
  if (isNothing(instance.value("lower_prio_no_advert"))) {
    const bool strict = instance.flag("strict_mode");
    instance.assume("lower_prio_no_advert", strict, strict ? "strict mode" : "the default");
  }
  resolvePreemption(resolution, instance);
  resolvePreemptDelay(resolution, instance);
  const std::int64_t version = instance.number("version");
  const std::string prefix =
      "(" + instance.name() + ") VRRPv" + std::to_string(version) + " advertisement interval ";
  if (version == 2) {
    resolveInterval2(resolution, instance, prefix);
  } else {
    resolveInterval3(resolution, instance, prefix);
  }
}

}  // namespace holdfast::config
