// What the site's policy refuses, at the line of the configuration that asks for it.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "tests/unit/config/compile.h"

namespace holdfast::config {
namespace {

constexpr const char* kPolicy = "/policy";

Compilation compileUnder(const std::string& policy, const std::string& text) {
  const Accounts accounts;
  MemoryFiles files;
  files.contents["/keepalived.conf"] = text;
  files.contents["/usr/bin/pidof"] = "";
  files.executables = {"/usr/bin/pidof"};
  files.contents[kPolicy] = policy;
  Host host = accounts.host();
  host.sitePolicyFile = kPolicy;
  return compile("/keepalived.conf", {}, files, host);
}

struct Refused {
  std::uint32_t line = 0;
  std::string message;
};

// The first refusal by the policy.
std::optional<Refused> refusal(const std::string& policy, const std::string& text) {
  const Compilation out = compileUnder(policy, text);
  for (const Diagnostic& diagnostic : out.report.all()) {
    if (diagnostic.code == Code::kNotPermitted) {
      EXPECT_TRUE(out.report.refused());
      return Refused{diagnostic.place.line, diagnostic.message};
    }
  }
  return std::nullopt;
}

std::string instance(const std::string& more = {}) {
  return "vrrp_instance V {\ninterface eth0\nvirtual_router_id 7\nvirtual_ipaddress {\n"
         "192.0.2.9/24\n}\n" +
         more + "}\n";
}

std::string balanced(const std::string& check) {
  return "virtual_server 192.0.2.1 25 {\nlvs_sched rr\nlvs_method NAT\nprotocol TCP\n"
         "real_server 10.0.0.1 25 {\n" +
         check + "}\n}\n";
}

TEST(SiteRules, RefuseEachKindAtItsLine) {
  const struct {
    const char* policy;
    std::string text;
    std::uint32_t line;
    const char* what;
  } cases[] = {
      {"interfaces eth1", instance(), 2, "interface eth0"},
      {"virtual_routers 8-9", instance(), 3, "virtual_router_id 7"},
      {"addresses 192.0.2.0/29", instance(), 5, "address 192.0.2.9"},
      {"addresses 192.0.2.9", instance("virtual_ipaddress_excluded {\n192.0.2.8\n}\n"), 8,
       "address 192.0.2.8"},
      {"addresses 192.0.2.9", "static_ipaddress {\n10.0.0.7/8 dev eth0\n}\n", 2,
       "address 10.0.0.7"},
      {"addresses 192.0.2.9", balanced("TCP_CHECK {\n}\n"), 1, "address 192.0.2.1"},
      {"forbid pass_authentication", instance("authentication {\nauth_type PASS\nauth_pass x\n}\n"),
       8, "auth_type PASS"},
      {"forbid ah_authentication", instance("authentication {\nauth_type AH\nauth_pass x\n}\n"), 8,
       "auth_type AH"},
      {"forbid root_scripts",
       instance("track_script {\nc\n}\n") +
           "vrrp_script c {\nscript /usr/bin/pidof\nuser root\n}\n",
       12, "vrrp_script c: a script of root"},
      {"script_users root",
       instance("track_script {\nc\n}\n") +
           "vrrp_script c {\nscript /usr/bin/pidof\nuser postfix\n}\n",
       12, "vrrp_script c: script user postfix"},
      {"script_directories /etc/scripts",
       instance("track_script {\nc\n}\n") +
           "vrrp_script c {\nscript /usr/bin/pidof\nuser postfix\n}\n",
       12, "vrrp_script c: script /usr/bin/pidof"},
      {"forbid plain_smtp", balanced("SMTP_CHECK {\n}\n"), 6, "SMTP_CHECK without starttls"},
      {"minimum_tls 1.2", balanced("SMTP_CHECK {\nstarttls\ntls_min_version 1.1\n}\n"), 8,
       "this tls_min_version"},
  };
  for (const auto& [policy, text, line, what] : cases) {
    const auto found = refusal(policy, text);
    ASSERT_TRUE(found) << what;
    EXPECT_EQ(found->line, line) << what;
    EXPECT_EQ(found->message,
              std::string(what) + " is not permitted by /etc/holdfast/policy, line 1");
  }
}

TEST(SiteRules, RefuseNothingThatIsPermitted) {
  const std::string policy =
      "interfaces eth*\naddresses 192.0.2.0/24\nvirtual_routers 7\nscript_users postfix\n"
      "script_directories /usr/bin\nforbid root_scripts ah_authentication plain_smtp\n"
      "minimum_tls 1.2\ncapabilities none\n";
  const std::string text = instance("track_script {\nc\n}\n") +
                           "vrrp_script c {\nscript /usr/bin/pidof\nuser postfix\n}\n" +
                           balanced("SMTP_CHECK {\nstarttls\n}\n");
  EXPECT_FALSE(refusal(policy, text));
}

TEST(SiteRules, RaiseTheVersionOfTlsThatIsNotSaid) {
  const Compilation out = compileUnder("minimum_tls 1.3", balanced("SMTP_CHECK {\nstarttls\n}\n"));
  ASSERT_FALSE(out.report.refused());
  const Block* server = out.plan.configuration->firstBlock("virtual_server");
  const Block* check = server->firstBlock("real_server")->firstBlock("SMTP_CHECK");
  EXPECT_EQ(check->number("tls_min_version"), 0x0304);
}

TEST(SiteRules, RefuseEverythingUnderAPolicyWithAMistake) {
  const auto found = refusal("interfaces", instance());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->message,
            "/etc/holdfast/policy, line 1: interfaces takes names of interfaces, with * and ? for "
            "any");
}

}  // namespace
}  // namespace holdfast::config
