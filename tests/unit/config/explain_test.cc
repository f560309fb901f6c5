// What people are told about a configuration.
#include "config/explain/explain.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "config/explain/comparison.h"
#include "config/explain/keywords.h"
#include "tests/unit/config/compile.h"

namespace holdfast::config {
namespace {

using Origin = ExplainedValue::Origin;

const std::string kText =
    "global_defs {\nvrrp_garp_master_delay 7\n}\n"
    "vrrp_script s {\nscript \"/bin/s 'x y'\"\n}\n"
    "vrrp_instance A {\nstate MASTER\ninterface eth0\nvirtual_router_id 5\npriority 90\n"
    "advert_int 1.4\nvirtual_ipaddress {\n10.9.0.9/24\n}\ntrack_script { s }\n}\n"
    "virtual_server 10.9.0.1 80 {\ndelay_loop 7\nprotocol TCP\nlvs_sched rr\nlvs_method NAT\n"
    "real_server 10.9.0.2 80 {\nDNS_CHECK {\n}\n}\n}\n";

class Explained : public testing::Test {
 protected:
  Explained()
      : compilation_(compileText(kText)),
        objects_(explain(*compilation_.plan.configuration, compilation_.source)) {}

  [[nodiscard]] const ExplainedObject& object(const std::string& title) const {
    const auto found = std::find_if(objects_.begin(), objects_.end(),
                                    [&](const auto& one) { return one.title == title; });
    EXPECT_NE(found, objects_.end()) << title;
    return *found;
  }
  [[nodiscard]] ExplainedValue value(const std::string& title, const std::string& keyword) const {
    for (const ExplainedValue& one : object(title).values) {
      if (one.row->name == keyword) {
        return one;
      }
    }
    ADD_FAILURE() << keyword << " of " << title;
    return {};
  }

  Compilation compilation_;
  std::vector<ExplainedObject> objects_;
};

TEST_F(Explained, SaysTheHabitsOfAKindOfCheck) {
  const ExplainedValue retry = value("DNS_CHECK", "retry");
  EXPECT_EQ(retry.value, "3");
  EXPECT_EQ(retry.origin, Origin::kDefault);
  EXPECT_EQ(retry.because, "") << "no server around it says anything";
  const ExplainedValue warmup = value("DNS_CHECK", "warmup");
  EXPECT_EQ(warmup.value, "7 s");
  EXPECT_EQ(warmup.origin, Origin::kDefault);
  EXPECT_EQ(warmup.because, "delay_loop");
  const ExplainedValue port = value("DNS_CHECK", "connect_port");
  EXPECT_EQ(port.value, "80");
  EXPECT_EQ(port.origin, Origin::kInherited);
}

TEST_F(Explained, SaysWhereAValueComesFrom) {
  const ExplainedValue said = value("vrrp_instance A", "priority");
  EXPECT_EQ(said.value, "90");
  EXPECT_EQ(said.origin, Origin::kSaid);
  EXPECT_EQ(said.because, "/keepalived.conf:11");
  const ExplainedValue inherited = value("vrrp_instance A", "garp_master_delay");
  EXPECT_EQ(inherited.value, "7 s");
  EXPECT_EQ(inherited.origin, Origin::kInherited);
  EXPECT_EQ(inherited.because, "global_defs vrrp_garp_master_delay, /keepalived.conf:2");
  EXPECT_EQ(value("vrrp_instance A", "preempt_delay").origin, Origin::kDefault);
  const ExplainedValue ruled = value("vrrp_script s", "timeout");
  EXPECT_EQ(ruled.origin, Origin::kRule);
  EXPECT_EQ(ruled.because, "interval");
  const ExplainedValue changed = value("vrrp_instance A", "advert_int");
  EXPECT_EQ(changed.value, "1 s");
  EXPECT_EQ(changed.origin, Origin::kChanged);
  EXPECT_EQ(value("vrrp_script s", "script").value, "/bin/s 'x y'");
}

TEST_F(Explained, SaysOutLoudWhatSurprisesPeople) {
  ASSERT_FALSE(object("vrrp_instance A").remarks.empty());
  EXPECT_NE(object("vrrp_instance A").remarks[0].find("starts in BACKUP"), std::string::npos);
  EXPECT_NE(object("global_defs").remarks[0].find("root"), std::string::npos);
}

TEST_F(Explained, OfALineOnlyWhatItSays) {
  const ExplainedObject& line = object("virtual_ipaddress 10.9.0.9/24");
  EXPECT_EQ(line.place, "/keepalived.conf:14");
  EXPECT_TRUE(std::none_of(line.values.begin(), line.values.end(),
                           [](const auto& one) { return one.row->name == "home"; }));
  EXPECT_EQ(value("virtual_ipaddress 10.9.0.9/24", "dev").value, "eth0");
}

TEST_F(Explained, IsJsonForPrograms) {
  const std::string json = jsonLine(object("vrrp_script s"));
  EXPECT_TRUE(json.starts_with("{\"object\":\"vrrp_script s\",\"depth\":1,"));
  EXPECT_NE(json.find("{\"keyword\":\"timeout\",\"value\":\"1 s\",\"origin\":\"rule\","
                      "\"because\":\"interval\"}"),
            std::string::npos);
}

std::vector<std::string> changes(const std::string& before, const std::string& after) {
  const Compilation old = compileText(before);
  const Compilation fresh = compileText(after);
  std::vector<std::string> lines;
  for (const Change& one : compare(*old.plan.configuration, *fresh.plan.configuration)) {
    lines.push_back(textLine(one));
  }
  return lines;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  return text.replace(text.find(what), what.size(), with);
}

using Lines = std::vector<std::string>;

TEST(Comparison, ComparesWhatHoldsAndNotTheText) {
  EXPECT_EQ(changes(kText, "# the same\n" + kText + "\n"), Lines{});
  EXPECT_EQ(changes(kText, replaced(kText, "advert_int 1.4", "advert_int 1")), Lines{});
  EXPECT_EQ(changes(kText, replaced(kText, "priority 90", "priority 80")),
            Lines{"~ vrrp_instance A: priority 90 -> 80"});
  EXPECT_EQ(changes(kText, replaced(kText, "master_delay 7", "master_delay 8")).size(), 4U)
      << "the heirs change too";
}

TEST(Comparison, SaysWhatCostsMoreThanAReload) {
  EXPECT_EQ(changes(kText, replaced(kText, "virtual_router_id 5", "virtual_router_id 6")),
            Lines{"~ vrrp_instance A: virtual_router_id 5 -> 6  [starts anew: it gives its "
                  "addresses up, and is elected again]"});
  EXPECT_EQ(changes(kText, "instance one\n" + kText),
            Lines{"~ configuration: instance (nothing) -> one  [needs a restart: a reload leaves "
                  "it as it is]"});
}

TEST(Comparison, FindsObjectsThatComeAndGo) {
  EXPECT_EQ(changes(kText, replaced(kText, "10.9.0.9/24", "10.9.0.8/24")),
            (Lines{"- vrrp_instance A / virtual_ipaddress 10.9.0.9/24",
                   "+ vrrp_instance A / virtual_ipaddress 10.9.0.8/24"}));
}

TEST(Keywords, AreListedAsAManualWould) {
  std::string priority;
  std::string address;
  for (const ListedKeyword& one : listKeywords()) {
    if (one.row->name == "priority" && one.table->path() == "vrrp_instance") {
      priority = jsonLine(one);
    }
    if (one.row->name == "address") {
      address = textLine(one);
    }
  }
  EXPECT_NE(priority.find("\"syntax\":\"NUMBER 1..255\""), std::string::npos) << priority;
  EXPECT_EQ(address, "") << "nobody can say a part by itself";
}

}  // namespace
}  // namespace holdfast::config
