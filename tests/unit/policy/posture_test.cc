#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "policy/posture/report.h"
#include "policy/posture/sockets.h"
#include "policy/posture/table.h"

namespace holdfast::policy {
namespace {

constexpr uid_t kUser = 54321;  // in no file: shown as its number

ObservedProcess process(Role role, uid_t uid) {
  ObservedProcess observed;
  observed.role = role;
  observed.executable = executableOf(role);
  observed.status.pid = 100 + static_cast<pid_t>(role);
  observed.status.uids = {uid, uid, uid, uid};
  observed.status.gids = {uid, uid, uid, uid};
  observed.status.groups = {uid};
  observed.status.seccompMode = 2;
  observed.status.noNewPrivileges = role != Role::kSupervisor && role != Role::kScriptd;
  if (uid != 0) {
    observed.dumpable = false;
  }
  observed.sockets = {{"unix", 2}};
  if (role == Role::kPrivd) {
    observed.status.permitted = observed.status.effective = kBrokerCapabilities;
    observed.sockets = {{"unix", 2}, {"netlink route", 2}, {"packet", 1}};
  }
  return observed;
}

// As started by systemd with DynamicUser=, where everybody shares one user.
std::vector<ObservedProcess> asPromised() {
  std::vector<ObservedProcess> all;
  for (const Role role : {Role::kSupervisor, Role::kPrivd, Role::kVrrpd, Role::kScriptd}) {
    all.push_back(process(role, kUser));
  }
  return all;
}

bool mentions(const std::vector<std::string>& lines, std::string_view text) {
  return std::any_of(lines.begin(), lines.end(), [text](const std::string& line) {
    return line.find(text) != std::string::npos;
  });
}

TEST(PostureTest, WhatIsPromisedHasNoDifference) {
  const Judgement judgement = judge(asPromised());
  EXPECT_EQ(judgement.differences, std::vector<std::string>{});
  EXPECT_EQ(judgement.findings, std::vector<std::string>{});
}

struct Breach {
  const char* name;
  std::size_t index;  // in asPromised()
  void (*breach)(ObservedProcess&);
  const char* difference;
};

const Breach kBreaches[] = {
    {"capability of vrrpd", 2,
     [](ObservedProcess& p) { p.status.effective = p.status.permitted = {CAP_NET_ADMIN}; },
     "its effective set has net_admin"},
    {"permitted only", 2, [](ObservedProcess& p) { p.status.permitted = {CAP_SYS_ADMIN}; },
     "its permitted set has sys_admin"},
    {"ambient", 3, [](ObservedProcess& p) { p.status.ambient = {CAP_NET_RAW}; },
     "its ambient set is net_raw"},
    {"inheritable", 1, [](ObservedProcess& p) { p.status.inheritable = {CAP_NET_RAW}; },
     "its inheritable set is net_raw"},
    {"more than the broker's", 1,
     [](ObservedProcess& p) { p.status.effective = p.status.permitted = CapabilitySet::all(); },
     "beyond what is promised"},
    {"NET_ADMIN of the supervisor", 0,
     [](ObservedProcess& p) { p.status.effective = p.status.permitted = {CAP_NET_ADMIN}; },
     "supervisor (100): its effective set has net_admin"},
    {"no filter", 2, [](ObservedProcess& p) { p.status.seccompMode = 0; }, "no seccomp filter"},
    {"no_new_privs", 1, [](ObservedProcess& p) { p.status.noNewPrivileges = false; },
     "no_new_privs is not set"},
    {"dumpable", 2, [](ObservedProcess& p) { p.dumpable = true; }, "is dumpable"},
    {"saved uid", 2, [](ObservedProcess& p) { p.status.uids[2] = 0; }, "are not the same"},
    {"another user", 2,
     [](ObservedProcess& p) {
       p.status.uids = {7, 7, 7, 7};
     },
     "not as the supervisor's user"},
    {"socket of another kind", 2, [](ObservedProcess& p) { p.sockets["packet"] = 1; },
     "has 1 socket(s) of kind packet"},
    {"a FIFO that vrrpd can read", 2, [](ObservedProcess& p) { p.fifos = {.toRead = 1}; },
     "can read from 1 FIFO(s)"},
    {"a FIFO of privd", 1, [](ObservedProcess& p) { p.fifos = {.toWrite = 1}; },
     "can write to 1 FIFO(s)"},
    {"network socket of the supervisor", 0, [](ObservedProcess& p) { p.sockets["udp"] = 1; },
     "of kind udp"},
};

TEST(PostureTest, FindsEachDifference) {
  for (const Breach& breach : kBreaches) {
    auto processes = asPromised();
    breach.breach(processes[breach.index]);
    const Judgement judgement = judge(processes);
    EXPECT_TRUE(mentions(judgement.differences, breach.difference))
        << breach.name << "\n"
        << textReport(processes, judgement);
  }
}

TEST(PostureTest, UnderRootEachDaemonHasItsOwnUser) {
  auto processes = asPromised();
  processes[0] = process(Role::kSupervisor, 0);
  const Judgement judgement = judge(processes);
  EXPECT_TRUE(mentions(judgement.differences, "runs as 54321, not as holdfast-privd"));
  EXPECT_TRUE(mentions(judgement.differences, "runs as 54321, not as holdfast-vrrpd"));
}

TEST(PostureTest, SaysOutLoudThatScriptsRunAsRoot) {
  auto processes = asPromised();
  processes[3] = process(Role::kScriptd, 0);
  processes[3].status.permitted = processes[3].status.effective = CapabilitySet::all();
  const Judgement judgement = judge(processes);
  EXPECT_TRUE(judgement.differences.empty());
  EXPECT_TRUE(mentions(judgement.findings, "runs scripts as root, WITH all"));
}

TEST(PostureTest, AScriptHoldsNothing) {
  auto processes = asPromised();
  ObservedProcess script = process(Role::kScriptd, kUser);
  script.role.reset();
  script.executable = "bash";
  processes.push_back(script);
  EXPECT_TRUE(judge(processes).differences.empty());
  processes.back().status.permitted = {CAP_NET_ADMIN};
  EXPECT_TRUE(
      mentions(judge(processes).differences, "bash (104): is a script's process and holds"));
}

TEST(PostureTest, IsTextAndJson) {
  const auto processes = asPromised();
  const Judgement judgement = judge(processes);
  const std::string text = textReport(processes, judgement);
  EXPECT_NE(text.find("Every process is as promised."), std::string::npos) << text;
  EXPECT_NE(text.find("1 packet"), std::string::npos) << text;
  const std::string json = jsonReport(processes, judgement);
  EXPECT_NE(json.find("\"effective\": [\"net_admin\", \"net_raw\"]"), std::string::npos) << json;
  EXPECT_NE(json.find("\"asPromised\": true"), std::string::npos) << json;
}

TEST(PostureTest, RefusesAProcessThatIsNotASupervisor) {
  const auto observed = observeTree(::getpid());
  ASSERT_FALSE(observed.ok());
  EXPECT_NE(observed.error().message.find("not holdfast"), std::string::npos);
  EXPECT_FALSE(observeTree(1 << 30).ok());
}

TEST(SocketsTest, ReadsTheKernelsFiles) {
  SocketKinds kinds;
  readSocketKinds("unix",
                  "Num       RefCount Protocol Flags    Type St Inode Path\n"
                  "0000000000000000: 00000002 00000000 00010000 0005 01 11 /run/x\n"
                  "0000000000000000: 00000002 00000000 00000000 0005 03 12\n",
                  kinds);
  readSocketKinds(
      "raw",
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid "
      " timeout inode ref pointer drops\n"
      "  112: 00000000:0070 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 "
      "21 2 0000000000000000 0\n"
      "  1: 00000000:0001 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 "
      "22 2 0000000000000000 0\n",
      kinds);
  readSocketKinds("netlink",
                  "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops "
                  "   Inode\n"
                  "0000000000000000 0   77         00000111 0        0        0     2        0     "
                  "   31\n"
                  "0000000000000000 16  78         00000000 0        0        0     2        0     "
                  "   32\n",
                  kinds);
  readSocketKinds("packet",
                  "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n"
                  "0000000000000000 3      3    0000   0     1 0      0      41\n",
                  kinds);
  const SocketKinds wanted = {{"11", "unix"},  {"12", "unix"},          {"21", "raw vrrp"},
                              {"22", "raw 1"}, {"31", "netlink route"}, {"32", "netlink generic"},
                              {"41", "packet"}};
  EXPECT_EQ(kinds, wanted);
}

TEST(TableTest, AlignsCellsOfSeveralLines) {
  Table table({"A", "LONG", "C"});
  table.add({{"x", "yy"}, {"1"}, {"z"}});
  EXPECT_EQ(table.text(),
            "A   LONG  C\n"
            "-----------\n"
            "x   1     z\n"
            "yy\n");
}

}  // namespace
}  // namespace holdfast::policy
