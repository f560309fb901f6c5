// What the compiler says about a configuration, and whether it can be used all the same.
#include <gtest/gtest.h>

#include "config/compiler.h"
#include "tests/unit/config/compile.h"

namespace holdfast::config {
namespace {

struct Case {
  std::string text;
  std::uint32_t line;
  std::string message;  // the first problem
  std::string hint;     // a part of it
  std::uint32_t exitCode = 5;
  bool refused = false;
};

// The rest of an instance that has everything.
std::string instance(const std::string& more) {
  return "vrrp_instance A {\ninterface eth0\nvirtual_router_id 5\npriority 100\n"
         "virtual_ipaddress { 10.9.0.9/24 }\n" +
         more + "\n}\n";
}
std::string globals(const std::string& more) {
  return "global_defs {\n" + more + "\n}\n";
}
std::string script(const std::string& more) {
  return "vrrp_script s {\nscript \"/bin/true\"\n" + more + "\n}\n" +
         instance("track_script { s }");
}

class Diagnostics : public testing::TestWithParam<Case> {};

TEST_P(Diagnostics, SayWhatIsWrong) {
  const Case& expected = GetParam();
  const Compilation compilation = compileText(expected.text);
  const Report& report = compilation.report;
  ASSERT_FALSE(report.all().empty());
  const Diagnostic* first = nullptr;
  for (const Diagnostic& diagnostic : report.all()) {
    if (diagnostic.severity != Severity::kNotice && first == nullptr) {
      first = &diagnostic;
    }
  }
  first = first == nullptr ? &report.all().front() : first;
  EXPECT_EQ(first->message, expected.message);
  EXPECT_EQ(first->place.line, expected.line);
  EXPECT_NE(first->hint.find(expected.hint), std::string::npos) << first->hint;
  EXPECT_EQ(report.exitCode(), expected.exitCode);
  EXPECT_EQ(report.refused(), expected.refused);
}

INSTANTIATE_TEST_SUITE_P(
    Words, Diagnostics,
    testing::Values(
        Case{"foo\n", 1, "Unknown keyword 'foo'", ""},
        Case{globals("router_id ${NAME}"), 2, "${NAME} is not defined", "$NAME=VALUE"},
        Case{"track_group g {\ngroup { A }\ngroup { A }\n}\n" + instance(""), 3,
             "Group list already specified for track group g", "first one"},
        Case{instance("prioritty 5"), 6, "Unknown keyword 'prioritty'", "did you mean 'priority'?"},
        Case{globals("vrrp_instance X {\n}"), 2, "Unknown keyword 'vrrp_instance'",
             "is a '}' missing before it?"},
        Case{"priority 100\n", 1, "Unknown keyword 'priority'", "vrrp_instance block"},
        Case{globals("track_script { s }"), 2, "Unknown keyword 'track_script'",
             "its block is skipped"},
        Case{instance("garp_master_delay"), 6,
             "*** Configuration line starting `garp_master_delay` is missing a parameter after "
             "keyword `garp_master_delay` at word position 2",
             "expected here", 2, true},
        Case{"vrrp_instance {\n}\n", 1, "vrrp_instance must have a name", "exactly one word"},
        Case{"vrrp_instance A B {\n}\n", 1, "vrrp_instance must have a name", ""},
        Case{"global_defs\n", 1, "Missing '{' at beginning of configuration block", ""},
        Case{instance("nopreempt {\n}\n"), 6, "Unexpected '{' - ignoring", ""},
        Case{"net_namespace\n", 1, "net_namespace name missing - ignoring", "expected"},
        Case{globals("router_id"), 2, "routerid name missing - ignoring", ""},
        Case{instance("priority 1.5"), 6, "invalid number '1.5'", "from 1 to 255"},
        Case{instance("priority 300"), 6, "number '300' outside range [1, 255]", "priority takes"},
        Case{instance("priority -3"), 6, "negative number '-3'", ""},
        Case{instance("priority 99999999999999999999"), 6,
             "number '99999999999999999999' outside range [1, 255]", ""},
        Case{instance("advert_int 0"), 6, "number '0' outside range [0.010000, 255.000000]", ""},
        Case{instance("advert_int 1.x"), 6, "invalid number '1.x'", ""},
        Case{instance("advert_int ."), 6, "invalid number '.'", ""},
        Case{instance("preempt_delay -1"), 6, "negative number '-1'", ""},
        Case{globals("vrrp_strict maybe"), 2, "Invalid value 'maybe' for vrrp_strict specified",
             "takes on, true, yes, off, false or no"},
        Case{globals("vrrp_mcast_group4 10.0.0.1"), 2,
             "vrrp_mcast_group4 [10.0.0.1] is not multicast. Skipping", ""},
        Case{globals("vrrp_mcast_group6 224.0.0.1"), 2,
             "Can't parse vrrp_mcast_group6 [224.0.0.1]. Skipping", ""},
        Case{globals("script_user nobody_here"), 2, "Script user 'nobody_here' does not exist", ""},
        Case{globals("script_user root no_group"), 2, "Script group 'no_group' does not exist", ""},
        Case{"vrrp_instance A {\n", 1, "There are 1 missing '}'s or extra '{'s", "", 5, true}));

INSTANTIATE_TEST_SUITE_P(
    Globals, Diagnostics,
    testing::Values(
        Case{globals("vrrp_priority"), 2, "No vrrp process priority specified", ""},
        Case{globals("bfd_rt_priority 100"), 2,
             "bfd process real-time priority 100 greater than maximum 99 - setting to maximum", ""},
        Case{globals("checker_rt_priority 0"), 2,
             "checker process real-time priority 0 less than minimum 1 - setting to minimum", ""},
        Case{globals("vrrp_cpu_affinity"), 2, "No vrrp cpu_id set specified", ""},
        Case{globals("vrrp_cpu_affinity 0 x"), 2, "invalid number 'x'", ""},
        Case{globals("process_name abcdefghijklmnop"), 2,
             "Process name abcdefghijklmnop more than 15 characters, truncating", ""},
        Case{globals("max_auto_priority 100"), 2, "number '100' outside range [-1, 99]", ""},
        Case{globals("vrrp_rlimit_rttime 0"), 2, "number '0' outside range [1, 4294967295]", ""},
        Case{globals("startup_script"), 2, "startup script missing", ""},
        Case{globals("startup_script /bin/a\nstartup_script /bin/b"), 3,
             "startup script already specified", "first"},
        Case{globals("startup_script /bin/a nobody_here"), 2,
             "Script user 'nobody_here' does not exist", ""},
        Case{globals("shutdown_script_timeout 1001"), 2, "number '1001' outside range [1, 1000]",
             ""},
        Case{globals("notify_fifo"), 2, "No notify_fifo name specified", ""},
        Case{globals("notify_fifo /a\nnotify_fifo /b"), 3,
             "notify_fifo already specified - ignoring /b", "first"},
        Case{globals("notify_fifo /a\nnotify_fifo_script /b\nnotify_fifo_script /c"), 4,
             "notify_fifo_script already specified - ignoring /c", "first"},
        Case{globals("nftables a\nnftables b"), 3, "nftables already specified - ignoring", ""},
        Case{globals("vmac_addr_prefix a\nvmac_addr_prefix b"), 3,
             "vmac_addr prefix has already been specified - ignoring b", ""},
        Case{globals("vrrp_garp_extra_if all"), 2,
             "vrrp_garp_extra_if specified without time - ignoring", "86400"},
        Case{globals("vrrp_vmac_garp_intvl 5"), 2,
             "Keyword \"vrrp_vmac_garp_intvl\" is deprecated - please use "
             "\"vrrp_garp_extra_if\"",
             ""},
        Case{globals("vrrp_rx_bufs_policy foo"), 2, "invalid number 'foo'", ""},
        Case{globals("notification_email {\n}"), 2, "Warning - empty notification_email block", ""},
        Case{globals("smtp_server \"\""), 2, "Invalid smtp server  25", "address or a name"},
        Case{globals("smtp_server a 0"), 2, "number '0' outside range [1, 65535]", ""},
        Case{globals("smtp_connect_timeout 0"), 2,
             "smtp_conect_timeout must be greater than 0, setting to 1", ""},
        Case{globals("snmp_socket a b"), 2,
             "Too many parameters specified for snmp_socket - ignoring", ""},
        Case{globals("snmp_socket a\nsnmp_socket b"), 3, "SNMP socket already set to a - ignoring",
             ""},
        Case{globals("umask 01000"), 2, "invalid umask value 01000", "0777"},
        Case{globals("umask 022 1"), 2, "Extra parameter(s) to umask option", ""},
        Case{globals("umask IFOO"), 2, "Unknown umask bit IFOO", "IRGRP"},
        Case{globals("umask IRUSR|"), 2, "umask missing bit value", ""},
        Case{globals("reload_time_file a b"), 2, "reload_time_file invalid", ""},
        Case{globals("tmp_config_directory a\ntmp_config_directory b"), 3,
             "tmp_config_directory already specified - ignoring", ""}));

TEST(Iptables, MeanNftablesWithOneNotice) {
  const Compilation compilation = compileText(globals("vrrp_iptables A B\nvrrp_ipsets C"));
  ASSERT_EQ(compilation.report.all().size(), 1);
  EXPECT_EQ(compilation.report.all().front().severity, Severity::kNotice);
  EXPECT_EQ(compilation.report.exitCode(), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Scripts, Diagnostics,
    testing::Values(
        Case{"vrrp_script s {\n}\n" + instance(""), 1, "No script set for vrrp_script s - removing",
             ""},
        Case{script("") + "vrrp_script s {\nscript /bin/false\n}\n", 12,
             "vrrp script s already defined", "", 0},
        Case{script("script /bin/false"), 3, "script of s already specified", "this one is used",
             0},
        Case{script("script"), 3, "script path missing", ""},
        Case{script("weight 254"), 3, "number '254' outside range [-253, 253]", ""},
        Case{script("weight 5 revers"), 3, "unknown weight option revers", "'reverse'"},
        Case{script("rise 0"), 3, "number '0' outside range [1, 2147483647]", ""},
        Case{script("user nobody_here"), 3, "Script user 'nobody_here' does not exist", ""},
        Case{"vrrp_script s {\nscript \"/bin/true 'a\"\n}\n" + instance(""), 2,
             "Unable to parse script script '/bin/true 'a'", "missing terminating '"},
        Case{"vrrp_script s {\nscript ./a\n}\n" + instance("track_script { s }"), 2,
             "Script ./a cannot be accessed", "begins with '/'"},
        Case{"vrrp_script s {\nscript /bin/true a b\n}\n" + instance("track_script { s }"), 2,
             "words behind script '/bin/true' ignored", "double quotes", 0},
        Case{"vrrp_script s {\nscript /bin/true\n}\n" + instance(""), 1,
             "Warning - script s is not used", "", 0},
        Case{"vrrp_script s {\nscript \"pidof haproxy\"\n}\n" + instance("track_script { s }"), 2,
             "WARNING - script `pidof` resolved by path search to `/usr/bin/pidof`. Please "
             "specify full path.",
             "", 0},
        Case{instance("notify_master /bin/a nobody_here"), 6,
             "Script user 'nobody_here' does not exist", "same quotes", 0},
        Case{instance("notify_master /bin/a\nnotify_master /bin/b"), 7,
             "notify_master script already specified - ignoring /bin/b", ""},
        Case{globals("enable_script_security") + instance("notify_master /bin/a"), 9,
             "Unable to set default user keepalived_script for A notify_master",
             "script_user in global_defs", 0}));

INSTANTIATE_TEST_SUITE_P(
    Numbers, Diagnostics,
    testing::Values(
        Case{instance("preempt_delay 1.1234567"), 6,
             "number '1.1234567' has too many decimal places", "rounded to microseconds"},
        Case{instance("garp_master_delay 4295"), 6, "number '4295' outside range [0, 4294]", ""},
        Case{instance("garp_master_repeat 0"), 6,
             "(A): garp_master_repeat must be greater than 0, setting to 1", ""},
        Case{globals("vrrp_garp_master_refresh_repeat 0"), 2,
             "vrrp_garp_master_refresh_repeat must be greater than 0, setting to 1", ""},
        Case{instance("kernel_rx_buf_size"), 6, "invalid kernel_rx_buf_size specified", ""},
        Case{instance("advert_int \"\""), 6, "invalid number ''", ""},
        Case{instance("priority \"\""), 6, "number '' outside range [1, 255]", ""},
        Case{instance("unicast_peer { 10.9.0.2 min_ttl 5 max_ttl 4 }"), 6,
             "(A) min_ttl 5 > max_ttl 4 - all packets will be discarded", ""},
        Case{globals("script_user"), 2, "No script username specified", ""},
        Case{globals("default_interface"), 2, "default_interface requires interface name", ""}));

INSTANTIATE_TEST_SUITE_P(
    Instances, Diagnostics,
    testing::Values(
        Case{"vrrp_instance A {\ninterface eth0\nvirtual_ipaddress { 10.9.0.1 }\n}\n", 1,
             "(A) the virtual router id must be set", "from 1 to 255", 5, true},
        Case{"vrrp_instance A {\nvirtual_router_id 5\nvirtual_ipaddress { 10.9.0.1 }\n}\n", 1,
             "(A) Unknown interface!", "unicast", 5, true},
        Case{instance("interface nosuch0"), 6,
             "WARNING - interface nosuch0 for vrrp_instance A doesn't exist", "dynamic_interfaces",
             5, true},
        Case{instance("interface abcdefghijklmnop"), 6,
             "Interface name 'abcdefghijklmnop' too long - ignoring", "15 characters", 5, true},
        Case{instance("interface a/b"), 6, "'a/b' cannot be an interface's name", "", 5, true},
        Case{instance("state MAYBE"), 6, "(A) unknown state 'MAYBE', defaulting to BACKUP",
             "MASTER or BACKUP"},
        Case{instance("") + instance("nonsense"), 8, "vrrp instance A already defined", ""},
        Case{instance("nopreempt\nstate MASTER"), 6,
             "(A) Warning - nopreempt will not work with initial state MASTER - clearing", ""},
        Case{instance("nopreempt\npriority 255"), 6,
             "(A) nopreempt is incompatible with priority 255. resetting nopreempt", ""},
        Case{instance("nopreempt\npreempt_delay 3"), 7,
             "(A) preempt_delay is incompatible with nopreempt mode - resetting", ""},
        Case{instance("state MASTER\npreempt_delay 3"), 7,
             "(A) Warning - preempt delay will not work with initial state MASTER - clearing", ""},
        Case{instance("advert_int 1.5"), 6,
             "(A) VRRPv2 advertisement interval 1.500000s must be an integer. rounding", "using 2"},
        Case{instance("version 3\nadvert_int 50"), 7,
             "(A) VRRPv3 advertisement interval 50.00s is out of range. Must be less than 40.96s. "
             "Setting to 40.95s",
             ""},
        Case{instance("version 3\nadvert_int 1.005"), 7,
             "(A) VRRPv3 advertisement interval 1.005000s must be in units of 10ms - rounding",
             "using 1.01"},
        Case{"vrrp_instance A {\ninterface eth0\nvirtual_router_id 5\n}\n", 1,
             "(A) No VIP specified; at least one is sensible", ""},
        Case{"vrrp_instance A {\ninterface eth0\nversion 3\nvirtual_router_id 5\n}\n", 1,
             "(A) No VIP specified; at least one is required", "", 5, true},
        Case{instance("strict_mode\nstate MASTER"), 7,
             "(A) State MASTER must match being address owner", ""},
        Case{instance("strict_mode\nlower_prio_no_advert no"), 7,
             "(A) Strict mode requires no lower priority advert. resetting", ""},
        Case{instance("strict_mode\nhigher_prio_send_advert"), 7,
             "(A) strict mode requires higher_prio_send_advert to be clear. resetting", ""},
        Case{instance("strict_mode\nfast_handover"), 7,
             "(A) strict mode requires fast_handover to be clear. resetting", ""},
        Case{instance("strict_mode\naccept"), 7,
             "(A) warning - accept mode for VRRP version 2 does not comply with RFC3768 - "
             "resetting",
             ""},
        Case{instance("timer_expired_backup"), 6,
             "'timer_expired_backup' is understood, but this version does not act on it yet", "", 0},
        Case{instance("unicast_src_ip 10.9.0.1"), 6,
             "(A) A unicast keyword has been specified without any unicast peers. Defaulting to "
             "multicast. This usage is deprecated - please update your configuration.",
             ""},
        Case{instance("unicast_peer {\n10.9.0.x\n}"), 7,
             "Configuration error: VRRP instance[A] malformed unicast peer address[10.9.0.x]. "
             "Skipping...",
             ""},
        Case{instance("unicast_peer {\nfd00::1\n10.9.0.2\n}"), 7,
             "Configuration error: VRRP instance[A] and unicast peer address[fd00::1] MUST be of "
             "the same family !!! Skipping...",
             ""},
        Case{instance("unicast_peer {\n10.9.0.2 min_ttl\n}"), 7, "(A) min_ttl is missing a value",
             ""},
        Case{instance("mcast_dst_ip 10.0.0.1"), 6,
             "(A) mcast_dst_ip 10.0.0.1 not multicast. Skipping...", ""},
        Case{instance("track_script {\nnone\n}"), 7, "(A) track script none not found, ignoring...",
             ""},
        Case{instance("track_interface {\neth0\n}"), 7,
             "(A) Ignoring track_interface eth0 since own interface", ""},
        Case{instance("track_interface {\neth1\neth1\n}"), 8,
             "(A) duplicate track_interface eth1 - ignoring", ""},
        Case{instance("track_interface {\neth1 weight 300\n}"), 7,
             "number '300' outside range [-254, 254]", "weight takes"},
        Case{instance("priority 255\ntrack_interface {\neth1 weight 3\n}"), 8,
             "(A) ignoring eth1 tracked interface due to address owner", ""},
        Case{instance("track_interface {\nnosuch0\n}"), 7,
             "(A) tracked interface nosuch0 doesn't exist", "", 5, true},
        Case{instance("virtual_ipaddress_excluded {\n10.9.0.300\n}"), 7,
             "VRRP parsed invalid IP 10.9.0.300. skipping IP...", ""},
        Case{instance("virtual_ipaddress_excluded {\n10.9.0.1/33\n}"), 7,
             "Invalid address prefix len 33 for address 10.9.0.1/33 - using 32", ""},
        Case{instance("virtual_ipaddress {\nfe80::1\n}"), 7,
             "(A): address family must match VRRP instance [fe80::1] - ignoring", "excluded"},
        Case{instance("virtual_ipaddress {\n10.9.0.3 labell x\n}"), 7,
             "Unknown configuration entry 'labell' for ip address - ignoring",
             "did you mean 'label'?"},
        Case{instance("virtual_ipaddress {\n10.9.0.3 scope\n}"), 7,
             "No scope parameter specified for 10.9.0.3", ""},
        Case{instance("virtual_ipaddress {\n10.9.0.3/24 peer 10.9.0.4\n}"), 7,
             "Cannot specify address prefix when specifying peer address - ignoring", ""},
        Case{instance("virtual_ipaddress {\n10.9.0.3 label eth0:much_too_long\n}"), 7,
             "Address label eth0:much_too_long is longer than maximum length 15 - removing address",
             ""},
        Case{instance("virtual_ipaddress {\n224.0.0.1\n}"), 7,
             "VRRP parsed invalid IP 224.0.0.1. skipping IP...", ""},
        Case{instance("") +
                 "vrrp_instance B {\ninterface eth0\nvirtual_router_id 5\nvirtual_ipaddress { "
                 "10.9.0.8 }\n}\n",
             0, "A and B both use VRID 5 with IPv4 on interface eth0", "another", 5, true}));

TEST(MissingInterface, IsTheOneThingSaidAboutAnInstanceThatHasOne) {
  const Compilation compilation = compileText(
      "vrrp_instance A {\ninterface nosuch0\nvirtual_router_id 5\n"
      "virtual_ipaddress { 10.9.0.9/24 }\n}\n");
  for (const Diagnostic& diagnostic : compilation.report.all()) {
    EXPECT_EQ(diagnostic.message.find("No VIP"), std::string::npos) << diagnostic.message;
  }
}

TEST(Duplicates, OfAVirtualRouterIdCanBeMeant) {
  const auto second = [](const std::string& more) {
    return "vrrp_instance B {\nvirtual_router_id 5\npriority 50\n" + more + "\n}\n";
  };
  const std::string fine[] = {
      second("interface eth1\nvirtual_ipaddress { 10.9.0.8 }"),
      second("interface eth0\nvirtual_ipaddress { fe80::8 }"),
      second("interface eth0\nunicast_peer { 10.9.0.3 }\nvirtual_ipaddress { 10.9.0.8 }"),
      second("interface eth0\nmcast_dst_ip 224.0.0.19\nvirtual_ipaddress { 10.9.0.8 }"),
  };
  for (const std::string& text : fine) {
    EXPECT_FALSE(compileText(instance("") + text).report.refused()) << text;
  }
}

TEST(Text, HasPrefixSourceLineAndCaret) {
  const Compilation compilation = compileText(instance("  priority  300"));
  const Diagnostic& diagnostic = compilation.report.all().at(0);
  EXPECT_EQ(textLines(diagnostic, false),
            (std::vector<std::string>{
                "(Line 6) number '300' outside range [1, 255]", "      priority  300",
                "                ^ priority takes a whole number from 1 to 255"}));
  EXPECT_EQ(headline(diagnostic, true),
            "(/keepalived.conf: Line 6) number '300' outside range [1, 255]");
  EXPECT_EQ(jsonLine(diagnostic),
            "{\"severity\":\"error\",\"code\":\"invalid-value\",\"file\":\"/keepalived.conf\","
            "\"line\":6,\"column\":13,\"message\":\"number '300' outside range [1, 255]\","
            "\"hint\":\"priority takes a whole number from 1 to 255\"}");
}

TEST(Text, CannotUpsetATerminalOrAReaderOfJson) {
  const Compilation compilation = compileText("a\x1b[2J\"\\\xff\n");
  ASSERT_FALSE(compilation.report.all().empty());
  for (const std::string& line : textLines(compilation.report.all()[0], true)) {
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
  }
  const std::string json = jsonLine(compilation.report.all()[0]);
  EXPECT_NE(json.find("\\u001b"), std::string::npos);
  EXPECT_EQ(json.find('\xff'), std::string::npos);
}

TEST(Report, IsBounded) {
  std::string text;
  for (int i = 0; i < 3000; ++i) {
    text += "nonsense\n";
  }
  const Compilation compilation = compileText(text);
  EXPECT_EQ(compilation.report.all().size(), Report::kMaxKept);
  EXPECT_EQ(compilation.report.notKept(), 2000U);
  EXPECT_EQ(compilation.report.problems(), 3000U);
}

}  // namespace
}  // namespace holdfast::config
