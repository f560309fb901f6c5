// Four times the configuration takes four times the time: nothing looks at all that it has seen
// before for each that it sees.
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>

#include "config/seal/seal.h"
#include "tests/unit/config/compile.h"

namespace holdfast::config {
namespace {

// `each` as often as wanted, then `before`, `inside` as often, and `after`. In what is repeated @
// is a number, and % the address of that number.
struct Shape {
  const char* name;
  std::string before;
  std::string each;
  std::string after = {};
  std::string inside = {};
};

std::string addressOf(std::size_t number) {
  std::string text = "10";
  for (const unsigned shift : {16U, 8U, 0U}) {
    text += "." + std::to_string(number >> shift & 255U);
  }
  return text;
}

void append(std::string& out, const std::string& pattern, std::size_t number) {
  for (const char c : pattern) {
    if (c == '@') {
      out += std::to_string(number);
    } else if (c == '%') {
      out += addressOf(number);
    } else {
      out += c;
    }
  }
}

std::string textOf(const Shape& shape, std::size_t count) {
  std::string text = "global_defs {\ndynamic_interfaces\n}\n";
  for (std::size_t i = 1; i <= count; ++i) {
    append(text, shape.each, i);
  }
  text += shape.before;
  for (std::size_t i = 1; i <= count; ++i) {
    append(text, shape.inside, i);
  }
  return text + shape.after;
}

// Milliseconds of processor time; the least of some, since others can only add to it.
double timeOf(const std::string& text) {
  double least = 0;
  for (int run = 0; run < 4; ++run) {
    const std::clock_t begin = std::clock();
    const Compilation compilation = compileText(text);
    const bool sealed = !compilation.report.refused() && seal(compilation.plan).ok();
    const double time = static_cast<double>(std::clock() - begin) * 1e3 / CLOCKS_PER_SEC;
    EXPECT_TRUE(sealed) << compilation.report.all().back().message;
    least = run == 0 ? time : std::min(least, time);
  }
  return least;
}

class Growth : public testing::TestWithParam<Shape> {};

TEST_P(Growth, IsLinear) {
  constexpr std::size_t kCount = 1500;
  constexpr double kMost = 9;  // where a step is quadratic it is 14 to 16
  const std::string small = textOf(GetParam(), kCount);
  const std::string large = textOf(GetParam(), 4 * kCount);
  double growth = timeOf(large) / timeOf(small);
  for (int more = 0; growth > kMost && more < 2; ++more) {
    growth = std::min(growth, timeOf(large) / timeOf(small));
  }
  EXPECT_LT(growth, kMost);
}

const std::string kInstance =
    "vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n10.255.0.1\n}\n";
const std::string kServer = "virtual_server 10.255.0.1 80 {\nprotocol TCP\n";

INSTANTIATE_TEST_SUITE_P(
    , Growth,
    testing::Values(
        Shape{"definitions", kInstance, "$N@=%\n", "}\n"},
        Shape{"unknown_keywords", kInstance, "", "}\n", "nonsense@\n"},
        Shape{"addresses", kInstance + "virtual_ipaddress_excluded {\n", "", "}\n}\n", "%\n"},
        Shape{"repeated_addresses", kInstance + "virtual_ipaddress_excluded {\n", "", "}\n}\n",
              "10.0.0.1\n"},
        Shape{"static_addresses", "static_ipaddress {\n", "", "}\n", "% dev eth0\n"},
        Shape{"routes", kInstance + "virtual_routes {\n", "", "}\n}\n", "%/32 via 10.255.0.2\n"},
        Shape{"rules", kInstance + "virtual_rules {\n", "", "}\n}\n", "from % table 1\n"},
        Shape{"tracked_interfaces", kInstance + "track_interface {\n", "", "}\n}\n", "i@\n"},
        Shape{"tracked_files", kInstance + "track_file {\n", "track_file f@ {\nfile /f@\n}\n",
              "}\n}\n", "f@\n"},
        Shape{"tracked_processes", kInstance + "track_process {\n",
              "track_process p@ {\nprocess p@\n}\n", "}\n}\n", "p@\n"},
        Shape{"tracked_scripts", kInstance + "track_script {\n",
              "vrrp_script s@ {\nscript /usr/bin/pidof\nuser root\n}\n", "}\n}\n", "s@\n"},
        Shape{"one_line_lists", kInstance, "track_file f@ {\nfile /f@\n}\n", "}\n",
              "track_file {\nf@\n}\ntrack_interface {\ni@\n}\n"},
        Shape{"instances", "",
              "vrrp_instance A@ {\ninterface i@\nvirtual_router_id 1\nvirtual_ipaddress {\n%\n}\n"
              "notify /usr/bin/pidof root\n}\n"},
        Shape{"instances_with_one_id", "",
              "vrrp_instance A@ {\ninterface eth0\nvirtual_router_id 1\nunicast_peer {\n%\n}\n"
              "virtual_ipaddress {\n%\n}\n}\n"},
        Shape{"vmacs", "",
              "vrrp_instance A@ {\ninterface i@\nuse_vmac m@\nvirtual_router_id 1\n"
              "virtual_ipaddress {\n%\n}\n}\n"},
        Shape{"group_members", "vrrp_sync_group G {\ngroup {\n",
              "vrrp_instance A@ {\ninterface i@\nvirtual_router_id 1\nvirtual_ipaddress {\n%\n}\n"
              "}\n",
              "}\n}\n", "A@\n"},
        Shape{"groups", "",
              "vrrp_instance A@ {\ninterface i@\nvirtual_router_id 1\nvirtual_ipaddress {\n%\n}\n"
              "}\nvrrp_sync_group G@ {\ngroup {\nA@\n}\n}\n"},
        Shape{"virtual_servers", "",
              "virtual_server % 80 {\nprotocol TCP\nreal_server 10.255.0.1 80 {\nTCP_CHECK {\n}\n"
              "}\n}\n"},
        Shape{"real_servers", kServer, "", "}\n",
              "real_server % 80 {\nHTTP_GET {\nurl {\npath /@\n}\n}\n}\n"},
        Shape{"urls", kServer + "real_server 10.0.0.1 80 {\nHTTP_GET {\n", "", "}\n}\n}\n",
              "url {\npath /@\n}\n"},
        Shape{"group_lines", "virtual_server_group G {\n", "",
              "}\nvirtual_server group G {\nprotocol TCP\nreal_server 10.0.0.1 80 {\n}\n}\n",
              "% 80\n"},
        Shape{"server_groups", "",
              "virtual_server_group G@ {\n% 80\n}\nvirtual_server group G@ {\nprotocol TCP\n"
              "real_server 10.0.0.1 80 {\n}\n}\n"},
        Shape{"sessions", "", "bfd_instance b@ {\nneighbor_ip %\nsource_ip 10.255.0.1\n}\n"}),
    [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace holdfast::config
