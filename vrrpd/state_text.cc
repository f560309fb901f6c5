#include "vrrpd/state_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "ipc/concat.h"
#include "ipc/json.h"
#include "vrrpd/statistics.h"

namespace holdfast::vrrpd {
namespace {

// Where an instance that takes part is, or would be.
State wantedState(const VirtualRouter& router) {
  if (router.state() == State::kMaster || router.config().priority == kPriorityOwner) {
    return State::kMaster;
  }
  return State::kBackup;
}

// Since 1970: "1795398939.166480".
std::string secondsOf(std::chrono::system_clock::time_point time) {
  using std::chrono::microseconds;
  constexpr std::int64_t kInASecond = 1'000'000;
  const std::int64_t all =
      std::chrono::duration_cast<microseconds>(time.time_since_epoch()).count();
  std::string fraction = std::to_string(all % kInASecond);
  fraction.insert(0, 6 - fraction.size(), '0');
  return concat(all / kInASecond, ".", fraction);
}

std::int64_t microsecondsOf(Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

template <typename Use>
void forEachLine(std::string_view lines, const Use& use) {
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    use(lines.substr(0, end));
    lines.remove_prefix(std::min(lines.size(), end == lines.npos ? end : end + 1));
  }
}

void appendAddresses(std::string& out, const std::string& lines, bool set) {
  forEachLine(lines, [&](std::string_view line) {
    out.append("     ").append(line).append(set ? " set\n" : "\n");
  });
}

void appendAddressesJson(std::string& out, std::string_view name, const std::string& lines,
                         bool set) {
  if (lines.empty()) {
    return;
  }
  out.append(",\"").append(name).append("\":");
  char separator = '[';
  forEachLine(lines, [&](std::string_view line) {
    out.push_back(separator);
    appendJsonString(out, concat(line, set ? " set" : ""));
    separator = ',';
  });
  out += "]";
}

void appendState(std::string& out, const ShownInstance& shown) {
  const VirtualRouter& router = shown.instance.router();
  out += concat("   State = ", nameOf(router.state()), "\n");
  if (router.state() == State::kBackup && router.master()) {
    out += concat("   Master router = ", *router.master(),
                  "\n   Master priority = ", unsigned{router.masterPriority()}, "\n");
  }
  out +=
      concat("   Wantstate = ", nameOf(wantedState(router)),
             "\n   Number of interface and track script faults = ", router.hindrances().count(),
             "\n   Last transition = ", secondsOf(shown.lastTransition),
             "\n   Master down timer = ", microsecondsOf(router.masterDownInterval()), " usecs\n");
  if (shown.instance.source()) {
    out += concat("   Using src_ip = ", *shown.instance.source(),
                  shown.instance.config().source ? " (from configuration)\n" : "\n");
  }
}

}  // namespace

void appendData(std::string& out, const ShownInstance& shown) {
  const InstanceDisplay& display = shown.display;
  const unsigned priority = shown.instance.router().priority();
  out += concat(" VRRP Instance = ", shown.instance.name(), "\n", display.heading);
  appendState(out, shown);
  out += concat(display.settings, "   Effective priority = ", priority, "\n",
                "   Total priority = ", priority, "\n", display.election, "   Virtual IP (",
                std::ranges::count(display.addresses, '\n'), "):\n");
  appendAddresses(out, display.addresses, shown.hasAddresses);
  if (!display.excluded.empty()) {
    out += "   Virtual IP Excluded :\n";
    appendAddresses(out, display.excluded, shown.hasAddresses);
  }
  out += display.rest;
}

void appendData(std::string& out, const ConfiguredGroup& group, State state) {
  out += concat(" VRRP Sync Group = ", group.config.name, ", ", nameOf(state),
                "\n   VRRP member instances :\n");
  for (const std::string& member : group.config.members) {
    out += concat("     ", member, "\n");
  }
}

void appendJson(std::string& out, const ShownInstance& shown) {
  const VirtualRouter& router = shown.instance.router();
  const bool follows = router.state() == State::kBackup && router.master();
  std::array<char, 32> interval{};
  std::snprintf(interval.data(), interval.size(), "%g",
                static_cast<double>(router.masterInterval().count()) / 1e9);
  out += concat("{\"data\":{", shown.display.json,
                ",\"master_priority\":", follows ? unsigned{router.masterPriority()} : 0U,
                ",\"last_transition\":", secondsOf(shown.lastTransition),
                ",\"effective_priority\":", unsigned{router.priority()},
                ",\"vipset\":", shown.hasAddresses ? "true" : "false",
                ",\"master_adver_int\":", interval.data(),
                ",\"state\":", static_cast<unsigned>(router.state()),
                ",\"wantstate\":", static_cast<unsigned>(wantedState(router)));
  appendAddressesJson(out, "vips", shown.display.addresses, shown.hasAddresses);
  appendAddressesJson(out, "evips", shown.display.excluded, shown.hasAddresses);
  out += "},\"stats\":{";
  appendStatisticsJson(out, router.counters(), shown.instance.receiveCounters());
  out += "}}";
}

}  // namespace holdfast::vrrpd
