#include "policy/process_status.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace holdfast::policy {
namespace {

constexpr std::string_view kStatus =
    "Name:\tholdfast-vrrpd\nUmask:\t0077\nState:\tS (sleeping)\nPid:\t42\nPPid:\t7\n"
    "Uid:\t101\t102\t103\t104\nGid:\t201\t202\t203\t204\nGroups:\t201 5 \n"
    "CapInh:\t0000000000000001\nCapPrm:\t0000000000003000\nCapEff:\t0000000000001000\n"
    "CapBnd:\t000001ffffffffff\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n"
    "Seccomp_filters:\t3\n";

std::string without(std::string_view key) {
  std::string text(kStatus);
  const auto begin = text.find("\n" + std::string(key) + ":") + 1;
  return text.erase(begin, text.find('\n', begin) - begin + 1);
}

TEST(ProcessStatusTest, ReadsEveryField) {
  const auto status = parseProcessStatus(kStatus);
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(status->name, "holdfast-vrrpd");
  EXPECT_EQ(status->pid, 42);
  EXPECT_EQ(status->parent, 7);
  EXPECT_EQ(status->uids, (std::array<uid_t, 4>{101, 102, 103, 104}));
  EXPECT_EQ(status->gids, (std::array<gid_t, 4>{201, 202, 203, 204}));
  EXPECT_EQ(status->groups, (std::vector<gid_t>{201, 5}));
  EXPECT_EQ(status->inheritable, CapabilitySet{CAP_CHOWN});
  EXPECT_EQ(status->permitted, (CapabilitySet{CAP_NET_ADMIN, CAP_NET_RAW}));
  EXPECT_EQ(status->effective, CapabilitySet{CAP_NET_ADMIN});
  EXPECT_EQ(status->bounding.bits(), 0x1ffffffffffU);
  EXPECT_TRUE(status->ambient.empty());
  EXPECT_TRUE(status->noNewPrivileges);
  EXPECT_EQ(status->seccompMode, 2U);
  EXPECT_EQ(status->seccompFilters, 3U);
}

TEST(ProcessStatusTest, RefusesAMissingField) {
  for (const char* key : {"Pid", "PPid", "Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff",
                          "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp"}) {
    EXPECT_FALSE(parseProcessStatus(without(key)).ok()) << key;
  }
  EXPECT_TRUE(parseProcessStatus(without("Seccomp_filters")).ok()) << "since Linux 5.10 only";
}

TEST(ProcessStatusTest, RefusesWhatItDoesNotUnderstand) {
  for (const char* line : {"Uid:\t1\t2\t3\n", "CapEff:\txyz\n", "Uid:\t1 1 1 1\n"}) {
    EXPECT_FALSE(parseProcessStatus(std::string(kStatus) + line).ok()) << line;
  }
}

TEST(ProcessStatusTest, ReadsItself) {
  const auto status = readProcessStatus("/proc/self/status");
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(status->pid, ::getpid());
  EXPECT_EQ(status->uids[1], ::geteuid());
}

TEST(CapabilitySetTest, Names) {
  EXPECT_EQ(CapabilitySet{}.names(), "none");
  EXPECT_EQ((CapabilitySet{CAP_NET_RAW, CAP_NET_ADMIN}).names(), "net_admin,net_raw");
  EXPECT_EQ(CapabilitySet::all().names(), "all");
  EXPECT_EQ(CapabilitySet::all().without({CAP_SYS_RESOURCE}).names(), "all but sys_resource");
}

}  // namespace
}  // namespace holdfast::policy
