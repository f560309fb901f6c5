#include "config/seal.h"

#include <gtest/gtest.h>

#include "config/compiler.h"
#include "ipc/schemas/config.capnp.h"
#include "ipc/sealed.h"
#include "tests/unit/config/compile.h"

namespace holdfast::config {
namespace {

const char* const kText =
    "vrrp_script secret_check {\nscript \"/bin/check --password 'x y'\"\nuser postfix\nweight "
    "7\n}\n"
    "vrrp_instance A {\ninterface eth0\nvirtual_router_id 5\npriority 90\nadvert_int 2\n"
    "unicast_src_ip 10.9.0.1\nunicast_peer {\n10.9.0.2 max_ttl 9\n}\n"
    "virtual_ipaddress {\n10.9.0.9/24 label eth0:1\n}\n"
    "virtual_ipaddress_excluded {\nfd00::9/64\n}\n"
    "track_script { secret_check }\nnotify /bin/n\n}\n";

template <typename Schema>
SealedConfig<Schema> map(const UniqueFd& fd) {
  Result<SealedConfig<Schema>> config = SealedConfig<Schema>::map(fd.get());
  EXPECT_TRUE(config.ok());
  return std::move(config).value();
}

class Seal : public testing::Test {
 protected:
  void SetUp() override {
    const Compilation compilation = compileText(kText);
    ASSERT_FALSE(compilation.report.refused());
    Result<SealedPlan> sealed = seal(compilation.plan);
    ASSERT_TRUE(sealed.ok());
    sealed_ = std::move(sealed).value();
  }
  SealedPlan sealed_;
};

TEST_F(Seal, MakesOneMessageForEachReader) {
  EXPECT_TRUE(checkSealed(sealed_.supervisor.get()).ok());
  EXPECT_TRUE(checkSealed(sealed_.privd.get()).ok());
  EXPECT_TRUE(checkSealed(sealed_.vrrpd.get()).ok());
  ASSERT_EQ(sealed_.scriptds.size(), 2U);
  EXPECT_TRUE(checkSealed(sealed_.scriptds[0].get()).ok());
}

TEST_F(Seal, TellsPrivdWhatItMayDo) {
  const auto config = map<schema::BrokerConfig>(sealed_.privd);
  const auto instance = config.root().getInstances()[0];
  EXPECT_EQ(instance.getName(), "A");
  EXPECT_EQ(config.root().getInterfaces()[instance.getInterface()], "eth0");
  EXPECT_EQ(instance.getVirtualRouterId(), 5);
  EXPECT_EQ(instance.getSource().getLow(), 0x0a090001U);
  EXPECT_EQ(instance.getPeers()[0].getLow(), 0x0a090002U);
  ASSERT_EQ(instance.getAddresses().size(), 2U);
  EXPECT_EQ(instance.getAddresses()[0].getPrefixLength(), 24);
  EXPECT_EQ(instance.getAddresses()[0].getLabel(), "eth0:1");
  EXPECT_TRUE(instance.getAddresses()[1].getExcluded());
  EXPECT_EQ(instance.getAddresses()[1].getAddress().getHigh(), 0xfd00000000000000U);
}

TEST_F(Seal, TellsVrrpdItsPart) {
  const auto config = map<schema::VrrpConfig>(sealed_.vrrpd);
  const auto instance = config.root().getInstances()[0];
  EXPECT_EQ(instance.getBasePriority(), 90);
  EXPECT_EQ(instance.getAdvertIntervalNs(), 2'000'000'000U);
  EXPECT_EQ(instance.getPeers()[0].getMaxTtl(), 9);
  EXPECT_TRUE(instance.getCheckUnicastSource());
  EXPECT_EQ(instance.getAdvertisedAddresses().size(), 1U);
  EXPECT_EQ(instance.getTrackedScripts()[0].getWeight(), 7);
  const auto script = config.root().getTrackScripts()[instance.getTrackedScripts()[0].getScript()];
  EXPECT_EQ(script.getName(), "secret_check");
  EXPECT_EQ(script.getIdentity(), 0U);
  EXPECT_EQ(instance.getNotifyHooks()[0].getEvent(), schema::NotifyHook::Event::ANY);
  EXPECT_EQ(instance.getNotifyHooks()[0].getIdentity(), 1U);
}

TEST_F(Seal, TellsAScriptdItsOwnScriptsOnly) {
  const auto postfix = map<schema::ScriptConfig>(sealed_.scriptds[0]);
  EXPECT_EQ(postfix.root().getUid(), 89U);
  ASSERT_EQ(postfix.root().getScripts().size(), 1U);
  EXPECT_EQ(postfix.root().getScripts()[0].getArguments()[2], "x y");
  EXPECT_EQ(postfix.root().getHooks().size(), 0U);
  const auto root = map<schema::ScriptConfig>(sealed_.scriptds[1]);
  EXPECT_EQ(root.root().getScripts().size(), 0U);
  EXPECT_EQ(root.root().getHooks()[0].getArguments()[0], "/bin/n");
  EXPECT_TRUE(root.root().getHooks()[0].getAppendState());
}

TEST_F(Seal, KeepsCommandLinesFromEverybodyElse) {
  for (const UniqueFd* fd : {&sealed_.supervisor, &sealed_.privd, &sealed_.vrrpd}) {
    const Result<SealedMapping> mapping = SealedMapping::map(fd->get());
    ASSERT_TRUE(mapping.ok());
    const auto bytes = mapping->words().asChars();
    EXPECT_EQ(std::string_view(bytes.begin(), bytes.size()).find("--password"),
              std::string_view::npos);
  }
}

TEST_F(Seal, PutsOneDigestOnAll) {
  const auto supervisor = map<schema::SupervisorConfig>(sealed_.supervisor);
  const auto privd = map<schema::BrokerConfig>(sealed_.privd);
  const auto script = map<schema::ScriptConfig>(sealed_.scriptds[1]);
  EXPECT_NE(supervisor.root().getDigest().getWord0(), 0U);
  EXPECT_EQ(supervisor.root().getDigest().getWord0(), privd.root().getDigest().getWord0());
  EXPECT_EQ(supervisor.root().getDigest().getWord3(), script.root().getDigest().getWord3());
}

TEST_F(Seal, TellsTheSupervisorWhichPathsToCheck) {
  const auto config = map<schema::SupervisorConfig>(sealed_.supervisor);
  EXPECT_TRUE(config.root().getStartVrrp());
  const auto identity = config.root().getIdentities()[0];
  EXPECT_EQ(identity.getUserName(), "postfix");
  EXPECT_EQ(identity.getScripts()[0].getPath(), "/bin/check");
  EXPECT_EQ(identity.getScripts()[0].getUsedBy(), "vrrp_script secret_check");
  EXPECT_EQ(identity.getScripts()[0].getLine(), 2U);
}

}  // namespace
}  // namespace holdfast::config
