#include "privd/supervisor/pid_paths.h"

#include <gtest/gtest.h>

namespace holdfast::supervisor {
namespace {

TEST(PidPaths, AreKeepalivedsByDefault) {
  const PidPaths paths = pidPaths({}, {}, {});
  EXPECT_EQ(paths.supervisor, "/run/keepalived.pid");
  EXPECT_EQ(paths.vrrpd, "/run/vrrp.pid");
  EXPECT_EQ(paths.directory, "") << "/run is not ours to make or remove";
}

TEST(PidPaths, NameTheNamespaceBeforeTheInstance) {
  Plan plan;
  plan.netNamespace = "blue";
  plan.instanceName = "mail";
  const PidPaths paths = pidPaths({}, plan, {});
  EXPECT_EQ(paths.supervisor, "/run/keepalived/keepalived_blue_mail.pid");
  EXPECT_EQ(paths.vrrpd, "/run/keepalived/vrrp_blue_mail.pid");
  EXPECT_EQ(paths.directory, "/run/keepalived");
  EXPECT_EQ(nameSuffix({}, plan), "_blue_mail");
}

TEST(PidPaths, TakeTheNamespaceOfTheCommandLineFirst) {
  Plan plan;
  plan.netNamespace = "blue";
  CommandLine line;
  line.netNamespace = "green";
  EXPECT_EQ(netNamespaceOf(line, plan), "green");
  EXPECT_EQ(pidPaths(line, plan, {}).supervisor, "/run/keepalived/keepalived_green.pid");
}

TEST(PidPaths, FollowTheServiceManagerAndTheCommandLine) {
  Plan plan;
  plan.usePidDirectory = true;
  EXPECT_EQ(pidPaths({}, plan, {}).vrrpd, "/run/keepalived/vrrp.pid");
  EXPECT_EQ(pidPaths({}, plan, {"", "/run/unit"}).vrrpd, "/run/unit/vrrp.pid");
  EXPECT_EQ(pidPaths({}, plan, {"", "/run/unit"}).directory, "");
  CommandLine line;
  line.pidFile = "/run/one.pid";
  EXPECT_EQ(pidPaths(line, plan, {}).directory, "/run/keepalived");
  line.vrrpPidFile = "/run/two.pid";
  line.checkersPidFile = "/run/three.pid";
  EXPECT_EQ(pidPaths(line, plan, {}).directory, "") << "nothing of ours would be in it";
}

}  // namespace
}  // namespace holdfast::supervisor
