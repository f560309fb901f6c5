#include "policy/posture/promise.h"

#include <algorithm>
#include <array>

#include "policy/users.h"

namespace holdfast::policy {
namespace {

constexpr unsigned kFilterMode = 2;
// What the supervisor and its workers can need between them.
constexpr CapabilitySet kOrdinary =
    kSupervisorCapabilities | kBrokerCapabilities | kLowPortCapabilities;

struct Promise {
  Role role;
  std::string_view text;
  CapabilitySet capabilities;  // effective: at most these; for a worker also permitted
  bool noNewPrivileges;
  const char* user;  // where the supervisor is root
  std::array<std::string_view, 7> sockets;
};

constexpr Promise kPromises[] = {
    {Role::kSupervisor,
     "starts, watches and stops the others; no network socket, no NET_ADMIN in effect",
     kSupervisorCapabilities,
     false,
     nullptr,
     {"unix"}},
    {Role::kPrivd,
     "NET_ADMIN and NET_RAW, NET_BIND_SERVICE for a low bind_port; no exec, fork, open or path",
     kBrokerCapabilities | kLowPortCapabilities,
     true,
     kPrivdUser,
     {"unix", "netlink route", "netlink netfilter", "netlink generic", "packet", "raw vrrp",
      "raw ah"}},
    {Role::kConfd,
     "reads files; no capability, network, writing or exec",
     {},
     true,
     nullptr,
     {"unix"}},
    {Role::kVrrpd,
     "reads packets; no capability, and no socket, open or exec of its own",
     {},
     true,
     kVrrpdUser,
     {"unix", "raw vrrp", "raw ah"}},
    {Role::kScriptd,
     "runs scripts as their user; no capability, no way to privd",
     {},
     false,
     nullptr,
     {"unix"}},
    {Role::kWatchd,
     "reads tracked files and /proc; no capability, no writing, no exec",
     {},
     true,
     nullptr,
     {"unix", "netlink connector"}},
    {Role::kCheckd,
     "connects to checked servers; no capability, no open, no exec",
     {},
     true,
     kCheckdUser,
     {"unix", "tcp", "udp", "icmp"}},
};

const Promise& promise(Role role) {
  return *std::find_if(std::begin(kPromises), std::end(kPromises),
                       [role](const Promise& p) { return p.role == role; });
}

class Judge {
 public:
  Judge(const ObservedProcess& process, const ObservedProcess& supervisor, Judgement& judgement)
      : process_(process), supervisor_(supervisor), judgement_(judgement) {}

  void judge() {
    if (!process_.role.has_value()) {
      judgeScript();
      return;
    }
    const Promise& promised = promise(*process_.role);
    judgeIds(promised);
    judgeCapabilities(promised);
    judgeConfinement(promised);
    judgeSockets(promised);
    judgeFifos();
  }

 private:
  void differs(const std::string& text) { judgement_.differences.push_back(name() + ": " + text); }
  void find(const std::string& text) { judgement_.findings.push_back(name() + ": " + text); }

  [[nodiscard]] std::string name() const {
    const std::string what =
        process_.role.has_value() ? std::string(nameOf(*process_.role)) : process_.executable;
    return what + " (" + std::to_string(process_.status.pid) + ")";
  }
  [[nodiscard]] const ProcessStatus& status() const { return process_.status; }
  [[nodiscard]] bool is(Role role) const { return process_.role == role; }
  [[nodiscard]] bool isRoot() const { return status().uids[1] == 0; }
  [[nodiscard]] bool startedByRoot() const { return supervisor_.status.uids[1] == 0; }

  void judgeIds(const Promise& promised) {
    const auto& uids = status().uids;
    const auto& gids = status().gids;
    if (std::count(uids.begin(), uids.end(), uids[0]) != 4 ||
        std::count(gids.begin(), gids.end(), gids[0]) != 4) {
      differs("its real, effective, saved and filesystem ids are not the same");
    }
    if (promised.user != nullptr && startedByRoot() && userName(uids[1]) != promised.user) {
      differs("runs as " + userName(uids[1]) + ", not as " + promised.user);
    }
    if (promised.user != nullptr && !startedByRoot() && uids[1] != supervisor_.status.uids[1]) {
      differs("runs as " + userName(uids[1]) + ", not as the supervisor's user");
    }
    for (const gid_t group : status().groups) {
      // Without CAP_SETGID the groups are those that systemd gave.
      if (group != gids[1] && startedByRoot()) {
        differs("has the group " + groupName(group) + " besides its own");
      }
    }
  }

  void judgeCapabilities(const Promise& promised) {
    if (is(Role::kScriptd) && isRoot()) {
      find("runs scripts as root, WITH " + status().effective.names() +
           " of root's capabilities: name another user in `script_user` or in the script");
      return;
    }
    checkEmpty("inheritable", status().inheritable);
    checkEmpty("ambient", status().ambient);
    checkAtMost("effective", status().effective, promised.capabilities);
    if (is(Role::kSupervisor)) {
      judgeReserve(promised);
      return;
    }
    checkAtMost("permitted", status().permitted, promised.capabilities);
    judgeBoundingSet();
  }

  void judgeReserve(const Promise& promised) {
    const CapabilitySet reserve = status().permitted.without(promised.capabilities);
    if (!reserve.empty()) {
      find("holds for its workers, not in effect: " + reserve.names());
    }
    if (!kOrdinary.includes(status().bounding)) {
      find("what it starts could hold " + status().bounding.names() +
           ": scripts run as root or may run setuid programs, or the unit sets no bounding set");
    }
  }

  void checkEmpty(const char* set, CapabilitySet is) {
    if (!is.empty()) {
      differs(std::string("its ") + set + " set is " + is.names() + ", not empty");
    }
  }
  void checkAtMost(const char* set, CapabilitySet is, CapabilitySet promised) {
    const CapabilitySet more = is.without(promised);
    if (!more.empty()) {
      differs(std::string("its ") + set + " set has " + more.names() + " beyond what is promised");
    }
  }

  void judgeBoundingSet() {
    if (status().bounding.empty()) {
      return;
    }
    if (is(Role::kScriptd) && !status().noNewPrivileges) {
      find("its scripts may run setuid programs like sudo: bounding set " +
           status().bounding.names() + ", no no_new_privs (`script_setuid_programs` asks for it)");
    } else if (!startedByRoot() && status().noNewPrivileges) {
      if (kOrdinary.includes(status().bounding)) {
        return;  // what its start as another user than root takes
      }
      find("its bounding set is as systemd gave it (" + status().bounding.names() +
           "), which no_new_privs makes useless: CapabilityBoundingSet= in the unit narrows it");
    } else {
      differs("its bounding set is " + status().bounding.names() + ", not empty");
    }
  }

  void judgeConfinement(const Promise& promised) {
    if (promised.noNewPrivileges && !status().noNewPrivileges) {
      differs("no_new_privs is not set");
    }
    const bool starter = is(Role::kSupervisor) || is(Role::kScriptd);
    if (status().seccompMode != kFilterMode) {
      const bool impossible = starter && !startedByRoot() && !status().noNewPrivileges;
      differs(impossible ? "no seccomp filter: it was started neither as root nor with "
                           "NoNewPrivileges=yes"
                         : "no seccomp filter");
    }
    if (process_.dumpable == true) {
      differs("is dumpable: others of its user can look into it");
    }
  }

  void judgeSockets(const Promise& promised) {
    for (const auto& [kind, count] : process_.sockets) {
      if (std::find(promised.sockets.begin(), promised.sockets.end(), kind) ==
          promised.sockets.end()) {
        differs("has " + std::to_string(count) + " socket(s) of kind " + kind);
      }
    }
  }

  // vrrpd and checkd write to notify FIFOs; the supervisor keeps both ends of each open.
  void judgeFifos() {
    if (process_.fifos.toRead != 0 && !is(Role::kSupervisor)) {
      differs("can read from " + std::to_string(process_.fifos.toRead) + " FIFO(s)");
    }
    if (process_.fifos.toWrite != 0 && !is(Role::kSupervisor) && !is(Role::kVrrpd) &&
        !is(Role::kCheckd)) {
      differs("can write to " + std::to_string(process_.fifos.toWrite) + " FIFO(s)");
    }
  }

  // A script may do what its user may; what it may not is hold anything of ours.
  void judgeScript() {
    if (isRoot()) {
      find("is a script's process running as root");
      return;
    }
    if (!status().permitted.empty() || !status().ambient.empty() || !status().inheritable.empty()) {
      differs("is a script's process and holds " +
              (status().permitted | status().ambient | status().inheritable).names());
    }
    for (const char* kind : {"packet", "raw vrrp", "raw ah"}) {
      if (process_.sockets.contains(kind)) {
        differs(std::string("is a script's process and has a socket of kind ") + kind);
      }
    }
  }

  const ObservedProcess& process_;
  const ObservedProcess& supervisor_;
  Judgement& judgement_;
};

}  // namespace

std::string_view promiseOf(Role role) {
  return promise(role).text;
}

Judgement judge(std::span<const ObservedProcess> processes) {
  Judgement judgement;
  for (const ObservedProcess& process : processes) {
    Judge(process, processes.front(), judgement).judge();
  }
  return judgement;
}

}  // namespace holdfast::policy
