// The bounds of the sealed configuration of IPVS.
#include <capnp/message.h>
#include <gtest/gtest.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>

#include <memory>

#include "privd/broker/ipvs/configuration.h"
#include "tests/unit/broker/ipvs_sample.h"

namespace holdfast::privd::ipvs {
namespace {

void write(schema::Address::Builder out, const char* text) {
  const IpAddress address = *IpAddress::parse(text);
  out.setFamily(address.family == AddressFamily::kIpv4 ? schema::Family::IPV4
                                                       : schema::Family::IPV6);
  out.setHigh(address.high());
  out.setLow(address.low());
}

class IpvsConfiguration : public testing::Test {
 protected:
  IpvsConfiguration() {
    auto server = config_.initVirtualServers(1)[0];
    server.setName("[10.0.0.1]:tcp:80");
    server.setProtocol(IPPROTO_TCP);
    server.setScheduler("wlc");
    server.setNetmask(0xffffffff);
    server.setPrefixLength(128);
    auto service = server.initServices(1)[0];
    write(service.initFirst(), "10.0.0.1");
    write(service.initLast(), "10.0.0.1");
    service.setPort(80);
    auto destination = server.initDestinations(1)[0];
    write(destination.initAddress(), "10.1.0.1");
    destination.setPort(8080);
    destination.setWeight(3);
  }
  schema::IpvsVirtualServer::Builder server() { return config_.getVirtualServers()[0]; }
  schema::IpvsService::Builder service() { return server().getServices()[0]; }
  schema::IpvsDestination::Builder realServer() { return server().getDestinations()[0]; }
  void range(const char* first, const char* last) {
    service().setFamily(IpAddress::parse(first)->family == AddressFamily::kIpv4
                            ? schema::Family::IPV4
                            : schema::Family::IPV6);
    write(service().initFirst(), first);
    write(service().initLast(), last);
  }
  [[nodiscard]] Configuration read() const {
    Result<Configuration> result = readConfiguration(config_.asReader());
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    return result ? std::move(result).value() : Configuration{};
  }
  [[nodiscard]] std::string refusal() const {
    const Result<Configuration> result = readConfiguration(config_.asReader());
    return result ? "" : result.error().message;
  }

  // Its destructor may throw, and that of a test may not.
  std::unique_ptr<capnp::MallocMessageBuilder> message_ =
      std::make_unique<capnp::MallocMessageBuilder>();
  schema::IpvsConfig::Builder config_ = message_->initRoot<schema::IpvsConfig>();
};

TEST_F(IpvsConfiguration, IsReadAsItIs) {
  config_.setHasSyncDaemon(true);
  auto daemon = config_.initSyncDaemon();
  daemon.setInterface("e0");
  daemon.setSyncId(7);
  const Configuration config = read();
  ASSERT_EQ(config.virtualServers.size(), 1U);
  const VirtualServer& server = config.virtualServers[0];
  EXPECT_EQ(server.services[0].first, tcp("10.0.0.1", 80));
  EXPECT_EQ(server.destinations[0].key, at("10.1.0.1", 8080));
  EXPECT_EQ(server.destinations[0].options.weight, 3U);
  EXPECT_EQ(config.syncDaemon->syncId, 7U);
  EXPECT_FALSE(config.syncDaemon->instance);
}

TEST_F(IpvsConfiguration, ARangeCrossesBytes) {
  range("10.0.0.254", "10.0.1.1");
  const Configuration config = read();
  const ServiceRange& services = config.virtualServers[0].services[0];
  ASSERT_EQ(services.count, 4U);
  EXPECT_EQ(services.at(2), tcp("10.0.1.0", 80));
  EXPECT_EQ(services.at(3), tcp("10.0.1.1", 80));
}

TEST_F(IpvsConfiguration, ARangeHasABoundAndADirection) {
  range("10.0.0.0", "10.0.255.255");
  EXPECT_EQ(refusal(), "");
  range("10.0.0.0", "10.1.0.0");
  EXPECT_NE(refusal().find("too many services in a range"), std::string::npos);
  range("10.0.0.2", "10.0.0.1");
  EXPECT_NE(refusal().find("end is before its beginning"), std::string::npos);
  range("2001:db8::", "2001:db9::");
  EXPECT_NE(refusal(), "");
}

TEST_F(IpvsConfiguration, AllServicesAndDestinationsTogetherHaveABound) {
  range("10.0.0.0", "10.0.255.255");
  auto destinations = server().initDestinations(16);
  for (auto destination : destinations) {
    write(destination.initAddress(), "10.1.0.1");
  }
  EXPECT_NE(refusal().find("all of them together"), std::string::npos);
}

TEST_F(IpvsConfiguration, WithNftablesAMarkStandsForTheAddressesOfAGroup) {
  config_.setNftables(true);
  config_.setNftablesTable("keepalived_ipvs");
  range("10.0.0.0", "10.255.255.255");
  server().setHasMarkIpv4(true);
  server().setMarkIpv4(1000);
  const Configuration config = read();
  ASSERT_EQ(config.virtualServers[0].services.size(), 1U);
  EXPECT_EQ(config.virtualServers[0].services[0].first, marked(1000));
  ASSERT_EQ(config.marks.size(), 1U);
  EXPECT_EQ(config.marks[0].last, *IpAddress::parse("10.255.255.255"));
}

TEST_F(IpvsConfiguration, ADestinationTakesThePortOfItsServiceWhereItHasNone) {
  realServer().setPort(0);
  EXPECT_EQ(read().virtualServers[0].destinations[0].keyFor(tcp("10.0.0.1", 443)),
            at("10.1.0.1", 443));
}

TEST_F(IpvsConfiguration, RefusesWhatCannotBe) {
  const auto refuses = [this](const char* what, const auto& change, const auto& back) {
    change();
    EXPECT_NE(refusal(), "") << what;
    back();
    EXPECT_EQ(refusal(), "") << what;
  };
  refuses(
      "a module's path", [&] { server().setScheduler("../wlc"); },
      [&] { server().setScheduler("wlc"); });
  refuses(
      "a long scheduler", [&] { server().setScheduler("0123456789abcdef"); },
      [&] { server().setScheduler("0123456789abcde"); });
  refuses(
      "an engine", [&] { server().setPersistenceEngine("a b"); },
      [&] { server().setPersistenceEngine("sip"); });
  refuses(
      "a flag of the kernel's own", [&] { server().setFlags(IP_VS_SVC_F_HASHED); },
      [&] { server().setFlags(0); });
  refuses(
      "a weight", [&] { realServer().setWeight(65'536); }, [&] { realServer().setWeight(65'535); });
  refuses(
      "a destination", [&] { write(realServer().initAddress(), "224.0.0.1"); },
      [&] { write(realServer().initAddress(), "10.1.0.1"); });
  refuses(
      "a method", [&] { realServer().setMethod(static_cast<schema::IpvsDestination::Method>(9)); },
      [&] { realServer().setMethod(schema::IpvsDestination::Method::TUNNEL); });
  refuses(
      "a protocol", [&] { server().setProtocol(IPPROTO_ICMP); },
      [&] { server().setProtocol(IPPROTO_SCTP); });
  refuses(
      "a name", [&] { server().setName("a\nb"); }, [&] { server().setName("a"); });
  refuses(
      "a mark of 0", [&] { service().setIsMark(true); }, [&] { service().setMark(1); });
  refuses(
      "an interface",
      [&] {
        config_.setHasSyncDaemon(true);
        config_.initSyncDaemon().setInterface("a/b");
      },
      [&] { config_.getSyncDaemon().setInterface("e0"); });
  refuses(
      "a source of the other family",
      [&] {
        auto socket = config_.initCheckSockets(1)[0];
        socket.setHasSource(true);
        write(socket.initSource(), "2001:db8::1");
      },
      [&] { write(config_.getCheckSockets()[0].initSource(), "10.0.0.1"); });
}

}  // namespace
}  // namespace holdfast::privd::ipvs
