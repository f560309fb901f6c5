// global_defs: receive buffers.
#include <algorithm>
#include <array>
#include <string>

#include "config/block.h"
#include "config/field.h"
#include "config/tables/global_areas.h"

namespace holdfast::config {
namespace {

constexpr std::array<Choice, 4> kPolicies = {
    {{"SYSTEM", 0}, {"MTU", 1}, {"ADVERT", 2}, {"BYTES", 3}}};

bool isWord(std::string_view word, std::string_view upper) {
  return word.size() == upper.size() &&
         std::equal(word.begin(), word.end(), upper.begin(),
                    [](char c, char u) { return c == u || (c >= 'a' && c - 'a' + 'A' == u); });
}

// MTU | ADVERT | BYTES
void readPolicy(Context& context, Block& globals, Cursor& cursor) {
  constexpr std::int64_t kBytes = 3;
  for (std::size_t i : {1U, 2U}) {
    if (isWord(cursor.peek(), kPolicies.at(i).word)) {
      cursor.take();
      globals.say("vrrp_rx_bufs_policy", kPolicies.at(i).value, &cursor.statement);
      return;
    }
  }
  if (const auto bytes = context.number(cursor, {})) {
    globals.say("vrrp_rx_bufs_policy", kBytes, &cursor.statement);
    globals.say("vrrp_rx_bufs_policy bytes", *bytes, &cursor.statement);
  }
}

constexpr Takes kBytes = takes::number();

}  // namespace

std::span<const Row> bufferRows() {
  using B = schema::BrokerConfig::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"vrrp_rx_bufs_policy", takes::orElse(takes::custom(readPolicy, "MTU|ADVERT|BYTES", kPolicies), "vrrp_rx_bufs_policy missing"),
     value("SYSTEM"), {to<&B::setReceivePolicy>()},
     "how large the receive buffers of VRRP sockets are, without kernel_rx_buf_size"},
    {"vrrp_rx_bufs_policy bytes", takes::part(takes::number()), nothing(), {to<&B::setReceivePolicyBytes>()},
     "when it is a number"},
    {"vrrp_rx_bufs_multiplier", takes::orElse(takes::number(1), "Invalid vrrp_rx_bufs_multiplier"), value("3"), {to<&B::setReceiveMultiplier>()},
     "of MTU and ADVERT: so many of them for each instance"},
    {"vrrp_netlink_cmd_rcv_bufs", takes::orElse(kBytes, "vrrp_netlink_cmd_rcv_bufs size missing"), value("0"), {bySealer()},
     "means nothing: answers of netlink are read while the kernel gives them"},
    {"vrrp_netlink_cmd_rcv_bufs_force", takes::onOff(), value("off"), {bySealer()},
     "means nothing"},
    {"vrrp_netlink_monitor_rcv_bufs", takes::orElse(kBytes, "vrrp_netlink_monitor_rcv_bufs size missing"), value("0"), {bySealer()},
     "receive buffer for netlink's news about interfaces and addresses, in bytes; 1 MiB at least"},
    {"vrrp_netlink_monitor_rcv_bufs_force", takes::onOff(), value("off"), {bySealer()},
     "also beyond net.core.rmem_max"},
    {"lvs_netlink_cmd_rcv_bufs", takes::orElse(kBytes, "lvs_netlink_cmd_rcv_bufs size missing"), value("0"), {bySealer()},
     "means nothing: answers of netlink are read while the kernel gives them"},
    {"lvs_netlink_cmd_rcv_bufs_force", takes::onOff(), value("off"), {bySealer()},
     "means nothing"},
    {"lvs_netlink_monitor_rcv_bufs", takes::orElse(kBytes, "lvs_netlink_monitor_rcv_bufs size missing"), value("0"), {bySealer()},
     "the same; one socket hears for both, and has the larger one"},
    {"lvs_netlink_monitor_rcv_bufs_force", takes::onOff(), value("off"), {bySealer()},
     "also beyond net.core.rmem_max"},
    {"process_monitor_rcv_bufs", takes::orElse(kBytes, "process_monitor_rcv_bufs size missing"), value("0"), {bySealer()},
     "the same for news about processes that start and end"},
    {"process_monitor_rcv_bufs_force", takes::onOff(), value("off"), {bySealer()},
     "also beyond net.core.rmem_max"},
  };
  // clang-format on
  return kRows;
}

}  // namespace holdfast::config
