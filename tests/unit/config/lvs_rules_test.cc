// Rules about virtual servers, real servers and their checks: what they say and about which line,
// what holds then, and why. Messages are those that keepalived 2.2.7 was seen to give.
#include <gtest/gtest.h>

#include <algorithm>

#include "config/block.h"
#include "tests/unit/config/compile.h"
#include "tests/unit/config/sealed_fields.h"

namespace holdfast::config {
namespace {

const std::string kReal = "real_server 10.9.0.2 80 {\n}\n";
const std::string kOther = "real_server 10.9.0.3 80 {\n}\n";

// What is tried begins in line 4.
std::string server(const std::string& head, const std::string& more) {
  return "virtual_server " + head + " {\nlvs_sched rr\nprotocol TCP\n" + more + "}\n";
}
std::string plain(const std::string& more) {
  return server("10.9.0.1 80", "lvs_method NAT\n" + more);
}
std::string direct(const std::string& more) {
  return server("10.9.0.1 80", "lvs_method DR\n" + more);
}
// Behind a group, the first line of which is 2; what is tried begins in line 7 and later.
std::string grouped(const std::string& lines, const std::string& more) {
  return "virtual_server_group G {\n" + lines + "}\n" + server("group G", more);
}
std::string mark(const std::string& more) {
  return "virtual_server fwmark 5 {\nlvs_sched rr\n" + more + "}\n";
}
std::string checked(const std::string& check) {
  return plain("real_server 10.9.0.2 80 {\n" + check + "}\n");
}

struct Rule {
  std::string text;
  std::uint32_t line;
  std::string message;
};

class LvsRules : public testing::TestWithParam<Rule> {};

TEST_P(LvsRules, SayWhatIsWrongAndWhere) {
  const Rule& rule = GetParam();
  const Compilation compilation = compileText(rule.text);
  const auto& all = compilation.report.all();
  const auto said = std::find_if(all.begin(), all.end(),
                                 [&rule](const auto& one) { return one.message == rule.message; });
  std::string others;
  for (const Diagnostic& one : all) {
    others += std::to_string(one.place.line) + ": " + one.message + "\n";
  }
  ASSERT_NE(said, all.end()) << rule.message << "\n" << rule.text << others;
  EXPECT_NE(jsonLine(*said).find("\"code\":\"" + std::string(name(said->code)) + "\""),
            std::string::npos);
  EXPECT_EQ(said->place.line, rule.line) << rule.text << others;
  if (said->severity != Severity::kNotice) {
    EXPECT_EQ(compilation.report.exitCode(), 5U) << others;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Servers, LvsRules,
    testing::Values(
        Rule{"virtual_server 10.9.0.1 80 {\nlvs_sched rr\nlvs_method NAT\n" + kReal + "}\n", 1,
             "Virtual server [10.9.0.1]:none:80: no protocol set - defaulting to UDP"},
        Rule{"virtual_server 10.9.0.1 80 {\nprotocol TCP\nlvs_method NAT\n" + kReal + "}\n", 1,
             "Virtual server [10.9.0.1]:tcp:80: no scheduler set, setting default 'wlc'"},
        Rule{server("10.9.0.1 80", kReal), 1,
             "Virtual server [10.9.0.1]:tcp:80: no forwarding method set, setting default NAT"},
        Rule{server("10.9.0.1 80",
                    "sorry_server 10.9.0.9 80\nreal_server 10.9.0.2 80 {\nlvs_method NAT\n}\n"),
             1, "Virtual server [10.9.0.1]:tcp:80: no forwarding method set, setting default NAT"},
        Rule{plain(""), 1, "Virtual server [10.9.0.1]:tcp:80 has no real servers - ignoring"},
        Rule{plain("ops\n" + kReal), 5,
             "Virtual server [10.9.0.1]:tcp:80: one packet scheduling requires UDP - resetting"},
        Rule{server("10.9.0.1", "lvs_method NAT\n" + kReal), 1,
             "Virtual server [10.9.0.1]:tcp:0: zero port only valid for persistent services - "
             "setting"},
        Rule{plain("quorum 3\n" + kReal + kOther), 5,
             "Warning - quorum 3 for [10.9.0.1]:tcp:80 exceeds total weight of real servers 2, "
             "reducing quorum to 2"},
        Rule{plain("quorum 2\nhysteresis 2\n" + kReal + kOther), 6,
             "Virtual server [10.9.0.1]:tcp:80: hysteresis 2 >= quorum 2; setting hysteresis to 1"},
        Rule{mark("lvs_method NAT\nprotocol TCP\nreal_server 10.9.0.2 {\n}\n"), 4,
             "Warning: Virtual server FWM 5: protocol specified for fwmark - protocol will be "
             "ignored"},
        Rule{mark("lvs_method NAT\nha_suspend\nreal_server 10.9.0.2 {\n}\n"), 4,
             "Virtual server FWM 5: cannot use ha_suspend with fwmarks - clearing ha_suspend"},
        Rule{grouped("10.9.0.1 80\nfwmark 5\n", "lvs_method NAT\nha_suspend\n" + kReal), 9,
             "Virtual server [G]:0: cannot use ha_suspend with fwmarks - clearing ha_suspend"},
        Rule{plain("persistence_engine seventeen_letters\n" + kReal), 5,
             "persistence_name too long, truncating - seventeen_letters"},
        Rule{plain("snmp_name two words\n" + kReal), 5,
             "virtual server snmp_name missing or extra parameters"},
        Rule{plain("real_server 10.9.0.2 80 {\nsnmp_name\n}\n"), 6,
             "real server snmp_name missing or extra parameters"}));

INSTANTIATE_TEST_SUITE_P(
    Repetitions, LvsRules,
    testing::Values(
        Rule{plain(kReal + kReal), 7,
             "VS [10.9.0.1]:tcp:80: real server [10.9.0.2]:tcp:80 is duplicated - removing second "
             "rs"},
        Rule{mark("lvs_method NAT\nprotocol TCP\n" + kReal + kReal), 7,
             "VS FWM 5: real server [10.9.0.2]:none:80 is duplicated - removing second rs"},
        Rule{plain(kReal + "real_server 10.9.0.2 {\n}\n"), 7,
             "VS [10.9.0.1]:tcp:80: real server [10.9.0.2]:tcp:80 is there already, with its port "
             "left out - ignoring"},
        Rule{"bfd_instance B {\nneighbor_ip 10.9.0.7\n}\n" +
                 checked("BFD_CHECK {\nname B\n}\nBFD_CHECK {\nname B\n}\n"),
             12, "([10.9.0.2]:tcp:80) BFD_CHECK - RS already monitoring B"},
        Rule{"SSL {\n}\nSSL {\n}\n", 3, "SSL context already specified - replacing"}));

INSTANTIATE_TEST_SUITE_P(
    Families, LvsRules,
    testing::Values(
        Rule{plain(kReal + "real_server fd00::2 80 {\n}\n"), 7,
             "Address family of virtual server and real server fd00::2 don't match - skipping real "
             "server."},
        Rule{plain("sorry_server fd00::9 80\n" + kReal), 5,
             "Address family of virtual server and sorry server fd00::9 don't match - skipping "
             "sorry server."},
        Rule{server("10.9.0.1 80", "sorry_server fd00::9 80\nlvs_method TUN\n" + kReal), 4,
             "Address family of virtual server and sorry server fd00::9 don't match - skipping "
             "sorry server."},
        Rule{mark("lvs_method NAT\nip_family inet6\n" + kReal), 5,
             "Address family of virtual server and real server 10.9.0.2 don't match - skipping "
             "real server."},
        Rule{grouped("fd00::1 80\n", "lvs_method NAT\n" + kReal), 4,
             "G: address family doesn't match virtual server [G]:0 - ignoring"},
        Rule{grouped("fd00::1 80\n10.9.0.1 80\n", "lvs_method NAT\n" + kReal), 5,
             "G: virtual server group with IPv4 & IPv6 doesn't match virtual server [G]:0 - "
             "ignoring"},
        Rule{grouped("fd00::1 80\n", "ip_family inet\nlvs_method TUN\n" + kReal), 4,
             "G: address family doesn't match virtual server [G]:0 - ignoring"},
        Rule{grouped("fwmark 5\n", "lvs_method TUN\nreal_server 10.9.0.2 {\n}\n"), 4,
             "G: Virtual server [G]:0 address family cannot be determined, defaulting to IPv4"}));

INSTANTIATE_TEST_SUITE_P(
    Ports, LvsRules,
    testing::Values(
        Rule{direct("real_server 10.9.0.2 81 {\n}\n"), 5,
             "WARNING - virtual server [10.9.0.1]:tcp:80 and real server [10.9.0.2]:tcp:81 ports "
             "don't match - resetting"},
        Rule{mark("lvs_method DR\n" + kReal), 4,
             "WARNING - fwmark virtual server FWM 5, real server [10.9.0.2]:none:80 has port "
             "specified - clearing"},
        Rule{grouped("10.9.0.1 80\n", "lvs_method DR\nreal_server 10.9.0.2 81 {\n}\n"), 8,
             "virtual server [G]:0:[10.9.0.1,80] and real server [10.9.0.2]:tcp:81 ports don't "
             "match"},
        Rule{grouped("10.9.0.1 80\nfwmark 5\n", "lvs_method DR\n" + kReal), 9,
             "WARNING - fwmark virtual server [G]:0, real server [10.9.0.2]:tcp:80 has port "
             "specified - port will be ignored"},
        Rule{direct("sorry_server 10.9.0.9 81\n" + kReal), 5,
             "WARNING - virtual server [10.9.0.1]:tcp:80 and sorry server ports don't match - "
             "resetting"},
        Rule{mark("lvs_method DR\nsorry_server 10.9.0.9 81\nreal_server 10.9.0.2 {\n}\n"), 4,
             "WARNING - virtual server FWM 5, sorry server has port specified - clearing"},
        Rule{grouped("10.9.0.1 80\n", "lvs_method DR\nsorry_server 10.9.0.9 81\n" + kReal), 8,
             "WARNING - virtual server [G]:0, sorry server has port specified - port will be "
             "ignored"},
        Rule{grouped("fwmark 5\n", "lvs_method DR\nsorry_server 10.9.0.9 81\n" + kReal), 8,
             "WARNING - fwmark virtual server [G]:0, sorry server has port specified - port will "
             "be ignored"},
        Rule{plain("sorry_server 10.9.0.2 80\nsorry_server_inhibit\n" + kReal), 5,
             "Virtual server [10.9.0.1]:tcp:80: real server [10.9.0.2]:tcp:80 matches sorry "
             "server, but inhibit setting differs, clearing on sorry server"}));

INSTANTIATE_TEST_SUITE_P(
    LvsGroups, LvsRules,
    testing::Values(
        Rule{grouped("", "lvs_method NAT\n" + kReal), 1,
             "virtual server group G has no entries - removing"},
        Rule{grouped("", "lvs_method NAT\n" + kReal), 3,
             "Virtual server group G specified but not configured - ignoring virtual server "
             "[G]:0"},
        Rule{grouped("10.9.0.1 80\nfd00::1 80\nfwmark 5\n", "lvs_method TUN\n" + kReal), 1,
             "virtual server group G cannot have IPv4, IPv6 and fwmark without family - removing"},
        Rule{grouped("10.0.0.0/8 80\n", "lvs_method NAT\n" + kReal), 2,
             "Virtual server group range has more than 65536 addresses - skipping"},
        Rule{"virtual_server_group G {\n10.9.0.1 80\n}\n" +
                 grouped("10.9.0.4 80\n", "lvs_method NAT\n" + kReal),
             4, "virtual server group G is there already"}));

const std::string kAsked = "SSL_GET {\nurl {\npath /\n}\n";

INSTANTIATE_TEST_SUITE_P(
    Checks, LvsRules,
    testing::Values(
        Rule{checked("TCP_CHECK {\nconnect_ip fe80::7\n}\n"), 6,
             "Checker link local address fe80::7 requires a bind_if"},
        Rule{checked("TCP_CHECK {\nbindto fd00::7\n}\n"), 7,
             "bindto address fd00::7 does not match address family of connect_ip - skipping"},
        Rule{checked("TCP_CHECK {\nbind_if abcdefghijklmnop\n}\n"), 7,
             "Interface name abcdefghijklmnop is too long - ignoring"},
        Rule{checked("UDP_CHECK {\nmin_reply_length 9\nmax_reply_length 5\n}\n"), 7,
             "UDP_CHECK min_reply length 9 > max_reply_length 5 - will always fail"},
        Rule{checked("HTTP_GET {\n}\n"), 6,
             "HTTP/SSL_GET checker has no urls specified - ignoring"},
        Rule{checked("SSL_GET {\nurl {\ndigest ec90a42b99ea9a2f5ecbe213ac9eba03\n}\n}\n"), 7,
             "HTTP/SSL_GET checker url has no path - ignoring"},
        Rule{"SSL {\ncertificate /etc/none\n}\n", 2, "SSL certfile: /etc/none: no such file"},
        Rule{"SSL {\nca /etc/k.pem\n}\n", 2,
             "SSL cafile: /etc/k.pem: there is nothing in it with -----BEGIN CERTIFICATE-----"},
        Rule{checked("HTTP_GET {\nurl {\npath /\nregex \"(unclosed\"\n}\n}\n"), 9,
             "Invalid regex: '(unclosed' at offset 9: missing closing parenthesis"},
        Rule{checked(kAsked + "header \"X-A b\"\n}\n"), 10,
             "header is no line of a request - ignoring"},
        Rule{checked(kAsked + "header \"X-A: b\x01\"\n}\n"), 10,
             "header is no line of a request - ignoring"},
        Rule{checked(kAsked + "header \"X A: b\"\n}\n"), 10,
             "header is no line of a request - ignoring"},
        Rule{checked(kAsked + "header \"X-A: " + std::string(4096, 'b') + "\"\n}\n"), 10,
             "header is no line of a request - ignoring"},
        Rule{checked(kAsked + "header \"Content-Length: 5\"\n}\n"), 10,
             "header names one that the check makes itself - ignoring"},
        Rule{checked(kAsked + "credentials probe\n}\n"), 10,
             "credentials cannot be used - ignoring"},
        Rule{checked(kAsked + "credentials a:b file:/etc/secret\n}\n"), 10,
             "credentials cannot be used - ignoring"},
        Rule{checked(kAsked + "pinned_key 0123\n}\n"), 10, "pinned_key '0123' is no SHA-256"},
        Rule{checked(kAsked + "verify peer\n}\n"), 10, "verify without anybody to believe"},
        Rule{checked(kAsked + "ca_file /etc/none\n}\n"), 10, "ca_file: /etc/none: no such file"},
        Rule{checked(kAsked + "client_key /etc/k.pem\n}\n"), 10,
             "client_certificate and client_key go together"},
        Rule{checked(kAsked + "client_certificate /etc/c.pem\nclient_key credential:none\n}\n"), 11,
             "client_key: /run/credentials/none: no such file"},
        Rule{checked("SMTP_CHECK {\nverify peer\nca_file /etc/c.pem\n}\n"), 7,
             "SMTP_CHECK verify needs starttls"},
        Rule{checked("SMTP_CHECK {\nhelo_name a\x7f\n}\n"), 7,
             "SMTP_CHECK helo name cannot be sent - ignoring"},
        Rule{checked("SMTP_CHECK {\nmail_from \"a b\"\n}\n"), 7,
             "mail_from cannot be sent - ignoring"},
        Rule{checked("SMTP_CHECK {\nrcpt_to <>\n}\n"), 7, "rcpt_to cannot be sent - ignoring"},
        Rule{checked("MISC_CHECK {\n}\n"), 6,
             "No script path has been specified for MISC_CHECKER - skipping"},
        Rule{checked("FILE_CHECK {\ntrack_file f\n}\n"), 6, "track_file f not found"},
        Rule{checked("FILE_CHECK {\n}\n"), 6, "FILE_CHECK has no track_file specified - ignoring"},
        Rule{checked("FILE_CHECK {\ntrack_file f\n}\n") + "track_file f {\nfile /run/f\n}\n", 6,
             "track_file f not found"},
        Rule{checked("BFD_CHECK {\n}\n"), 6,
             "([10.9.0.2]:tcp:80) No name has been specified for BFD_CHECKER - skipping"},
        Rule{checked("BFD_CHECK {\nname B\n}\n"), 6,
             "([10.9.0.2]:tcp:80) BFD_CHECK - BFD B not configured"},
        Rule{"bfd_instance B {\nneighbor_ip 10.9.0.7\nvrrp\n}\n" +
                 checked("BFD_CHECK {\nname B\n}\n"),
             10, "([10.9.0.2]:tcp:80) BFD_CHECK - BFD B not configured"},
        Rule{"bfd_instance B {\nneighbor_ip 10.9.0.7\nsource_ip 224.0.0.9\n}\n", 3,
             "Configuration error: BFD instance B has malformed source address 224.0.0.9, "
             "ignoring instance"}));

INSTANTIATE_TEST_SUITE_P(SyncDaemon, LvsRules,
                         testing::Values(Rule{
                             "global_defs {\nlvs_sync_daemon eth0 inst A\n}\n" + plain(kReal), 2,
                             "lvs_sync_daemon: there is no vrrp_instance A"}));

// What holds of the first virtual server, or of its first real server, and the reason.
struct Effect {
  std::string text;
  std::string keyword;
  Value value;
  std::string why;
  Setting::Origin origin = Setting::Origin::kAdjusted;
  bool ofReal = false;
};

class LvsEffects : public testing::TestWithParam<Effect> {};

TEST_P(LvsEffects, HoldForAReason) {
  const Effect& effect = GetParam();
  const Compilation compilation = compileText(effect.text);
  const Block* block = compilation.plan.configuration->firstBlock("virtual_server");
  ASSERT_NE(block, nullptr) << effect.text;
  block = effect.ofReal ? block->firstBlock("real_server") : block;
  const Setting* setting = block->setting(Key(effect.keyword));
  ASSERT_NE(setting, nullptr) << effect.keyword << "\n" << effect.text;
  EXPECT_EQ(setting->value, effect.value) << effect.text;
  EXPECT_EQ(setting->origin, effect.origin) << effect.text;
  ASSERT_TRUE(setting->why.isThere()) << effect.text;
  EXPECT_EQ(setting->why.text(), effect.why) << effect.text;
}

constexpr auto kAssumed = Setting::Origin::kAssumed;
constexpr auto kAdjusted = Setting::Origin::kAdjusted;

Value number(std::int64_t value) {
  return value;
}

INSTANTIATE_TEST_SUITE_P(
    Servers, LvsEffects,
    testing::Values(
        Effect{"virtual_server 10.9.0.1 80 {\n" + kReal + "}\n", "protocol", number(17),
               "no protocol means UDP", kAssumed},
        Effect{plain("ops\n" + kReal), "ops", false, "only UDP has one packet scheduling"},
        Effect{plain("quorum 9\n" + kReal + kOther), "quorum", number(2),
               "the total weight of its servers"},
        Effect{plain("quorum 2\nhysteresis 7\n" + kReal + kOther), "hysteresis", number(1),
               "it is less than quorum"},
        Effect{server("10.9.0.1", kReal), "persistence_timeout", Duration(std::chrono::minutes(6)),
               "it has no port", kAssumed},
        Effect{plain("persistence_granularity 255.255.255.0\n" + kReal), "persistence_timeout",
               Duration(std::chrono::minutes(6)), "persistence_granularity", kAssumed},
        Effect{mark("ha_suspend\nreal_server 10.9.0.2 {\n}\n"), "ha_suspend", false,
               "a firewall mark is on no interface"},
        Effect{mark("real_server fd00::2 {\n}\n"), "ip_family", number(1),
               "that of its address and servers", kAssumed},
        Effect{mark("lvs_method TUN\nreal_server fd00::2 {\n}\n"), "ip_family", number(1),
               "that of its tunnelled servers", kAssumed},
        Effect{"global_defs {\nsmtp_alert\n}\n" + plain(kReal), "smtp_alert", true,
               "smtp_alert in global_defs", kAssumed},
        Effect{plain("sorry_server 10.9.0.9\n" + kReal), "sorry_server port", number(80),
               "that of the virtual server", kAssumed},
        Effect{direct("sorry_server 10.9.0.9 81\n" + kReal), "sorry_server port", number(80),
               "that of the virtual server: only NAT can change it"},
        Effect{direct("sorry_server 10.9.0.9\n" + kReal), "sorry_server_lvs_method", number(3),
               "lvs_method", kAssumed},
        Effect{grouped("10.9.0.1 80\n", "lvs_method DR\nsorry_server 10.9.0.9 80\n" + kReal),
               "sorry_server port", number(0), "that of the service: only NAT can change it"},
        Effect{plain("sorry_server 10.9.0.2 80\nsorry_server_inhibit\n" + kReal),
               "sorry_server_inhibit", false, "that of the real server which it is"}));

TEST(LvsDefaults, MailIsAboutRealServersUnlessSomethingSaysNo) {
  const Compilation compilation = compileText(plain(kReal));
  const Block* server = compilation.plan.configuration->firstBlock("virtual_server");
  ASSERT_NE(server, nullptr);
  EXPECT_FALSE(server->flag("smtp_alert"));
  EXPECT_TRUE(server->firstBlock("real_server")->flag("smtp_alert"));
}

TEST(LvsDefaults, ACheckIsOfTheRealServerItStandsIn) {
  const Compilation compilation = compileText(
      plain("real_server 10.9.0.2 {\nTCP_CHECK {\n}\nTCP_CHECK {\nconnect_port 81\n}\n}\n"));
  const Block* real =
      compilation.plan.configuration->firstBlock("virtual_server")->firstBlock("real_server");
  const auto checks = real->blocks("TCP_CHECK");
  ASSERT_EQ(checks.size(), 2U);
  EXPECT_EQ(*checks[0]->address("connect_ip"), IpAddress::parse("10.9.0.2"));
  EXPECT_EQ(checks[0]->number("connect_port"), 80) << "that of the virtual server";
  EXPECT_EQ(checks[1]->number("connect_port"), 81);
}

INSTANTIATE_TEST_SUITE_P(
    RealServers, LvsEffects,
    testing::Values(Effect{plain("real_server 10.9.0.2 {\n}\n"), "port", number(80),
                           "that of the virtual server", kAssumed, true},
                    Effect{direct("real_server 10.9.0.2 81 {\n}\n"), "port", number(80),
                           "that of the virtual server: only NAT can change it", kAdjusted, true},
                    Effect{mark("lvs_method DR\n" + kReal), "port", number(0),
                           "that of the virtual server: only NAT can change it", kAdjusted, true},
                    Effect{grouped("10.9.0.1 80\n", "lvs_method DR\n" + kReal), "port", number(0),
                           "that of the service: only NAT can change it", kAdjusted, true},
                    Effect{"global_defs {\nsmtp_alert\nsmtp_alert_checker no\n}\n" + plain(kReal),
                           "smtp_alert", false, "smtp_alert_checker in global_defs", kAssumed,
                           true}));

void expectFields(const std::string& text,
                  std::initializer_list<std::pair<const char*, const char*>> expected) {
  const SealedFields sealed(text);
  for (const auto& [field, value] : expected) {
    EXPECT_EQ(sealed.at(field), value) << field << "\n" << text;
  }
}

TEST(Lvs, PortsAreKeptWhereTheyCanChange) {
  expectFields(plain("real_server 10.9.0.2 81 {\n}\n"),
               {{"ipvs.virtualServers[0].destinations[0].port", "81"}});
}

TEST(Lvs, ChecksHaveTheHabitsOfTheirKind) {
  const auto expectTiming = [](const std::string& check, const char* retry, const char* delay) {
    const std::string path = "checker.virtualServers[0].realServers[0].checkers[0].";
    const SealedFields sealed(checked("delay_loop 7\n" + check));
    EXPECT_EQ(sealed.at(path + "retry"), retry) << check;
    EXPECT_EQ(sealed.at(path + "delayBeforeRetryNs"), delay) << check;
    EXPECT_EQ(sealed.at(path + "warmupNs"), "7000000000") << check;
  };
  expectTiming("TCP_CHECK {\n}\n", "1", "1000000000");
  expectTiming("HTTP_GET {\nurl {\npath /\n}\n}\n", "1", "3000000000");
  expectTiming("DNS_CHECK {\n}\n", "3", "7000000000");
  expectTiming("MISC_CHECK {\nmisc_path /usr/bin/pidof\n}\n", "0", "1000000000");
}

TEST(Lvs, ACheckConnectsToItsServerUnlessItSaysOtherwise) {
  const std::string path = "checker.virtualServers[0].realServers[0].checkers[0].connection.";
  const SealedFields usual(checked("TCP_CHECK {\n}\n"));
  EXPECT_EQ(usual.at(path + "address"), "10.9.0.2");
  EXPECT_EQ(usual.at(path + "port"), "80");
  EXPECT_EQ(usual.at(path + "hasSocket"), "false");
  const SealedFields other(checked("TCP_CHECK {\nconnect_ip 10.9.0.7\nconnect_port 81\n}\n"));
  EXPECT_EQ(other.at(path + "address"), "10.9.0.7");
  EXPECT_EQ(other.at(path + "port"), "81");
}

TEST(Lvs, PrivdMakesTheSocketsThatAreAPrivilege) {
  const auto expectKind = [](const std::string& check, const char* kind) {
    expectFields(checked(check), {{"ipvs.checkSockets.size", "1"},
                                  {"ipvs.checkSockets[0].kind", kind},
                                  {"ipvs.checkSockets[0].family", "ipv4"}});
  };
  expectKind("TCP_CHECK {\nfwmark 7\n}\n", "tcp");
  expectKind("UDP_CHECK {\nfwmark 7\n}\n", "udp");
  expectKind("PING_CHECK {\nfwmark 7\n}\n", "ping");
  expectKind("TCP_CHECK {\nbind_port 1023\n}\n", "tcp");
  expectFields(checked("TCP_CHECK {\nbind_port 1024\n}\n"), {{"ipvs.checkSockets.size", "0"}});
}

TEST(Lvs, ACheckThatNobodyMayRunHasFailed) {
  expectFields(checked("MISC_CHECK {\nmisc_path /usr/bin/pidof\nuser nobody_here\n}\n"),
               {{"checker.virtualServers[0].realServers[0].checkers.size", "1"},
                {"checker.virtualServers[0].realServers[0].checkers[0].misc.neverRuns", "true"}});
}

TEST(Lvs, WhatIsDroppedIsInNeitherMessage) {
  expectFields(plain(kReal + kReal + kOther) + server("10.9.0.5 80", "lvs_method NAT\n") +
                   server("10.9.0.6 80", "lvs_method NAT\n" + kReal),
               {{"ipvs.virtualServers.size", "2"},
                {"checker.virtualServers.size", "2"},
                {"ipvs.virtualServers[0].destinations.size", "2"},
                {"checker.virtualServers[0].realServers.size", "2"},
                {"checker.virtualServers[0].realServers[1].name", "[10.9.0.3]:tcp:80"},
                {"checker.virtualServers[1].name", "[10.9.0.6]:tcp:80"},
                {"ipvs.virtualServers[1].name", "[10.9.0.6]:tcp:80"}});
}

TEST(Lvs, MarksOfOneNumberAreToldApartByTheirFamily) {
  expectFields(mark("real_server 10.9.0.2 {\n}\n") + mark("real_server fd00::2 {\n}\n"),
               {{"checker.virtualServers[0].name", "FWM 5"},
                {"checker.virtualServers[0].family", "ipv4"},
                {"checker.virtualServers[1].name", "FWM 5"},
                {"checker.virtualServers[1].family", "ipv6"},
                {"ipvs.virtualServers[1].services[0].family", "ipv6"}});
}

TEST(Lvs, TheSyncDaemonFollowsAnInstance) {
  const std::string instance =
      "vrrp_instance A {\ninterface eth0\nvirtual_router_id 5\n"
      "virtual_ipaddress { 10.9.0.9/24 }\n";
  expectFields("global_defs {\nlvs_sync_daemon eth1 inst A\n}\n" + instance + "}\n" + plain(kReal),
               {{"ipvs.syncDaemon.hasInstance", "true"}, {"ipvs.syncDaemon.syncId", "5"}});
  expectFields(instance + "lvs_sync_daemon_interface eth1\n}\n" + plain(kReal),
               {{"ipvs.syncDaemon.interface", "eth1"}, {"ipvs.syncDaemon.hasInstance", "true"}});
  expectFields("global_defs {\nlvs_sync_daemon eth0 id 9\n}\n" + instance +
                   "lvs_sync_daemon_interface eth1\n}\n" + plain(kReal),
               {{"ipvs.syncDaemon.interface", "eth0"},
                {"ipvs.syncDaemon.hasInstance", "false"},
                {"ipvs.syncDaemon.syncId", "9"}});
}

}  // namespace
}  // namespace holdfast::config
