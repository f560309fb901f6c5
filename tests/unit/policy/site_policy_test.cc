// The site's policy: what a row permits, which mistakes are found, and whose file counts.
#include "policy/site/site_policy.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>

#include "policy/site/file.h"
#include "policy/site/parse.h"

namespace holdfast::policy {
namespace {

SitePolicy parsed(std::string_view text) {
  auto policy = parseSitePolicy(text);
  EXPECT_TRUE(policy) << policy.error().message;
  return policy ? *policy : SitePolicy{};
}

IpAddress address(const char* text) {
  return *IpAddress::parse(text);
}

TEST(SitePolicy, PermitsWhatNoRowSpeaksOf) {
  for (const char* text : {"", "# nothing\n\n", "forbid plain_smtp"}) {
    const SitePolicy policy = parsed(text);
    EXPECT_EQ(policy.refusesInterface("eth0"), 0U);
    EXPECT_EQ(policy.refusesAddress(address("192.0.2.1")), 0U);
    EXPECT_EQ(policy.refusesVirtualRouter(1), 0U);
    EXPECT_EQ(policy.refusesScript("/tmp/x"), 0U);
    EXPECT_EQ(policy.refusesIdentity(0, 0), 0U);
    EXPECT_EQ(policy.refusesCapabilities(CapabilitySet::all()), 0U);
    EXPECT_EQ(policy.refuses(Practice::kRootScripts), 0U);
    EXPECT_EQ(policy.refusesTls(0x0301), 0U);
  }
}

TEST(SitePolicy, RowsOfOneKeywordAddUpAndTheFirstIsNamed) {
  const SitePolicy policy = parsed(
      "# who may be where\n"
      "interfaces eth0 mail?\t# and no other\n"
      "\n"
      "interfaces vlan*\r\n");
  for (const char* name : {"eth0", "mail1", "vlan", "vlan12"}) {
    EXPECT_EQ(policy.refusesInterface(name), 0U) << name;
  }
  for (const char* name : {"eth1", "eth01", "mail", "mail12", "xvlan"}) {
    EXPECT_EQ(policy.refusesInterface(name), 2U) << name;
  }
}

TEST(SitePolicy, ANetworkIsItsPrefixInItsFamily) {
  const SitePolicy policy = parsed("addresses 192.0.2.128/25 198.51.100.7 2001:db8:8000::/33");
  for (const char* text : {"192.0.2.128", "192.0.2.255", "198.51.100.7", "2001:db8:ffff::1"}) {
    EXPECT_EQ(policy.refusesAddress(address(text)), 0U) << text;
  }
  for (const char* text :
       {"192.0.2.127", "192.0.3.128", "198.51.100.8", "2001:db8:7fff::1", "c000:280::"}) {
    EXPECT_EQ(policy.refusesAddress(address(text)), 1U) << text;
  }
  EXPECT_EQ(parsed("addresses 0.0.0.0/0").refusesAddress(address("203.0.113.9")), 0U);
  EXPECT_EQ(parsed("addresses 0.0.0.0/0").refusesAddress(address("::1")), 1U);
}

TEST(SitePolicy, VirtualRouters) {
  const SitePolicy policy = parsed("virtual_routers 10-20 51");
  for (const int id : {10, 20, 51}) {
    EXPECT_EQ(policy.refusesVirtualRouter(static_cast<std::uint8_t>(id)), 0U);
  }
  for (const int id : {9, 21, 50, 255}) {
    EXPECT_EQ(policy.refusesVirtualRouter(static_cast<std::uint8_t>(id)), 1U);
  }
}

TEST(SitePolicy, AScriptIsBeneathADirectory) {
  const SitePolicy policy = parsed("script_directories /etc/keepalived/scripts/ /usr/libexec/x");
  EXPECT_EQ(policy.refusesScript("/etc/keepalived/scripts/check"), 0U);
  EXPECT_EQ(policy.refusesScript("/usr/libexec/x/deep/er"), 0U);
  for (const char* path :
       {"/etc/keepalived/scripts", "/etc/keepalived/scripts/", "/etc/keepalived/scriptsx/check",
        "/etc/keepalived/scripts/../../../tmp/x", "/usr/libexec/x/..", "/bin/sh"}) {
    EXPECT_EQ(policy.refusesScript(path), 1U) << path;
  }
}

TEST(SitePolicy, AScriptUserIsAUserAndAGroup) {
  SitePolicy policy = parsed("script_users daemon\nscript_users daemon:tty nobody_here");
  ASSERT_TRUE(resolveScriptUsers(policy, "/etc/passwd", "/etc/group"));
  EXPECT_EQ(policy.refusesIdentity(1, 1), 0U);
  EXPECT_EQ(policy.refusesIdentity(1, 5), 0U);
  EXPECT_EQ(policy.refusesIdentity(1, 6), 1U);
  EXPECT_EQ(policy.refusesIdentity(0, 0), 1U);
}

TEST(SitePolicy, CapabilitiesPracticesAndTls) {
  const SitePolicy policy = parsed(
      "capabilities net_bind_service ipc_lock\n"
      "forbid root_scripts ah_authentication\n"
      "forbid pass_authentication plain_smtp\n"
      "minimum_tls 1.2\n");
  EXPECT_EQ(policy.refusesCapabilities({CAP_IPC_LOCK}), 0U);
  EXPECT_EQ(policy.refusesCapabilities({CAP_IPC_LOCK, CAP_SYS_ADMIN}), 1U);
  EXPECT_EQ(parsed("capabilities none").refusesCapabilities({}), 0U);
  EXPECT_EQ(parsed("capabilities none").refusesCapabilities({CAP_IPC_LOCK}), 1U);
  EXPECT_EQ(policy.refuses(Practice::kRootScripts), 2U);
  EXPECT_EQ(policy.refuses(Practice::kAuthenticationHeader), 2U);
  EXPECT_EQ(policy.refuses(Practice::kPassword), 3U);
  EXPECT_EQ(policy.refuses(Practice::kPlainSmtp), 3U);
  EXPECT_EQ(policy.refusesTls(0x0302), 4U);
  EXPECT_EQ(policy.refusesTls(0x0303), 0U);
}

TEST(SitePolicy, AMistakeIsNeverSkipped) {
  constexpr std::array kMistakes{
      "interface eth0",        "interfaces",           "addresses 192.0.2.0/33",
      "addresses 192.0.2.0/",  "addresses 192.0.2",    "addresses 2001:db8::/129",
      "virtual_routers 0",     "virtual_routers 256",  "virtual_routers 20-10",
      "virtual_routers 10-",   "virtual_routers -",    "script_directories scripts",
      "script_directories /",  "script_users :",       "script_users x:",
      "capabilities net_nose", "forbid everything",    "minimum_tls 1.4",
      "minimum_tls 1.2 1.3",   "interfaces eth0 \x01", "forbid"};
  for (const char* mistake : kMistakes) {
    const auto policy = parseSitePolicy(std::string("# first\n") + mistake);
    ASSERT_FALSE(policy) << mistake;
    EXPECT_EQ(policy.error().message.find("/etc/holdfast/policy, line 2: "), 0U)
        << policy.error().message;
  }
}

class SitePolicyFile : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) {
      GTEST_SKIP() << "needs root: the file has to be root's";
    }
    std::array<char, 32> name{"/tmp/holdfast-site-XXXXXX"};
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name.data();
    path_ = directory_ + "/policy";
    std::ofstream(path_) << "interfaces eth0\n";
    ASSERT_EQ(::chmod(path_.c_str(), 0644), 0);
  }
  void TearDown() override {
    ::unlink(path_.c_str());
    ::rmdir(directory_.c_str());
  }
  std::string directory_;
  std::string path_;
};

TEST_F(SitePolicyFile, OfRootIsRead) {
  const auto text = readSitePolicyFile(path_);
  ASSERT_TRUE(text);
  EXPECT_EQ(**text, "interfaces eth0\n");
}

TEST_F(SitePolicyFile, ThatIsMissingIsNoPolicy) {
  const auto text = readSitePolicyFile(directory_ + "/none");
  ASSERT_TRUE(text);
  EXPECT_FALSE(text->has_value());
}

TEST_F(SitePolicyFile, ThatSomebodyElseCanWriteIsRefused) {
  ASSERT_EQ(::chmod(path_.c_str(), 0664), 0);
  EXPECT_FALSE(readSitePolicyFile(path_));
  ASSERT_EQ(::chmod(path_.c_str(), 0644), 0);
  ASSERT_EQ(::chown(path_.c_str(), 1, 0), 0);
  EXPECT_FALSE(readSitePolicyFile(path_));
  ASSERT_EQ(::chown(path_.c_str(), 0, 0), 0);
  ASSERT_EQ(::chmod(directory_.c_str(), 0777), 0);
  EXPECT_FALSE(readSitePolicyFile(path_));
}

TEST_F(SitePolicyFile, ThatIsNoFileIsRefused) {
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  ASSERT_EQ(::symlink("/etc/passwd", path_.c_str()), 0);
  EXPECT_FALSE(readSitePolicyFile(path_));
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_FALSE(readSitePolicyFile(path_)) << "and not waited for";
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  std::ofstream(path_) << std::string(kMaxSitePolicyBytes + 1, '\n');
  EXPECT_FALSE(readSitePolicyFile(path_));
}

}  // namespace
}  // namespace holdfast::policy
