// Routing policy rules as kernel objects.
#include <endian.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

#include <cerrno>
#include <cstring>

#include "privd/broker/object_kind.h"

namespace holdfast::privd {
namespace {

std::string prefix(const IpAddress& address, std::uint8_t length) {
  return address.toString() + "/" + std::to_string(length);
}

std::string actionOf(const Rule& rule) {
  switch (rule.action) {
    case FR_ACT_GOTO:
      return " goto " + std::to_string(rule.target);
    case FR_ACT_NOP:
      return " nop";
    case FR_ACT_BLACKHOLE:
      return " blackhole";
    case FR_ACT_UNREACHABLE:
      return " unreachable";
    case FR_ACT_PROHIBIT:
      return " prohibit";
    default:
      return rule.l3mdev ? " l3mdev" : " lookup " + std::to_string(rule.table);
  }
}

void putName(int type, const std::string& name, MessageWriter& message) {
  message.put(type, name.c_str(), name.size() + 1);
}

template <typename Range>
void putRange(int type, const std::optional<Range>& range, MessageWriter& message) {
  if (range) {
    message.putValue(type, *range);
  }
}

void putSelectors(const Rule& rule, const Devices& devices, MessageWriter& message) {
  if (rule.source) {
    message.put(FRA_SRC, *rule.source);
  }
  if (rule.destination) {
    message.put(FRA_DST, *rule.destination);
  }
  if (rule.input) {
    putName(FRA_IIFNAME, devices.nameOf(*rule.input), message);
  }
  if (rule.output) {
    putName(FRA_OIFNAME, devices.nameOf(*rule.output), message);
  }
  if (rule.mark) {
    message.putValue(FRA_FWMARK, rule.mark->value);
    message.putValue(FRA_FWMASK, rule.mark->mask);
  }
  if (rule.tunnelId) {
    message.putValue(FRA_TUN_ID, htobe64(*rule.tunnelId));
  }
  if (rule.ipProtocol) {
    message.putValue(FRA_IP_PROTO, *rule.ipProtocol);
  }
  putRange(FRA_UID_RANGE, rule.uids, message);
  putRange(FRA_SPORT_RANGE, rule.sourcePorts, message);
  putRange(FRA_DPORT_RANGE, rule.destinationPorts, message);
}

void putAction(const Rule& rule, MessageWriter& message) {
  if (rule.action == FR_ACT_GOTO) {
    message.putValue(FRA_GOTO, rule.target);
  }
  if (rule.action == FR_ACT_TO_TBL && !rule.l3mdev) {
    message.putValue(FRA_TABLE, rule.table);
  }
  if (rule.l3mdev) {
    message.putValue(FRA_L3MDEV, std::uint8_t{1});
  }
  if (rule.realms) {
    message.putValue(FRA_FLOW, *rule.realms);
  }
  if (rule.suppressPrefixLength) {
    message.putValue(FRA_SUPPRESS_PREFIXLEN, *rule.suppressPrefixLength);
  }
  if (rule.suppressGroup) {
    message.putValue(FRA_SUPPRESS_IFGROUP, *rule.suppressGroup);
  }
}

fib_rule_hdr headerOf(const Rule& rule) {
  constexpr std::uint32_t kMaxShortTable = 255;
  fib_rule_hdr header{};
  header.family = static_cast<std::uint8_t>(socketFamily(rule.family));
  header.src_len = rule.source ? rule.sourceLength : 0;
  header.dst_len = rule.destination ? rule.destinationLength : 0;
  header.tos = rule.tos;
  header.action = rule.action;
  header.flags = rule.invert ? FIB_RULE_INVERT : 0;
  const bool isLookup = rule.action == FR_ACT_TO_TBL && !rule.l3mdev;
  header.table = static_cast<std::uint8_t>(
      isLookup && rule.table <= kMaxShortTable ? rule.table : RT_TABLE_UNSPEC);
  return header;
}

}  // namespace

std::vector<InterfaceId> devicesOf(const Rule&) {
  return {};
}

bool hasPlace(const Rule&, const Devices&) {
  return true;
}

bool isGone(const Rule&, int error) {
  // A kernel that does not know rules of this family has none.
  return error == ENOENT || error == EAFNOSUPPORT || error == EOPNOTSUPP;
}

std::string textOf(const Rule& rule, const Devices& devices) {
  std::string text = rule.invert ? "not from " : "from ";
  text += rule.source ? prefix(*rule.source, rule.sourceLength) : "all";
  text += rule.destination ? " to " + prefix(*rule.destination, rule.destinationLength) : "";
  text += rule.tos == 0 ? "" : " tos " + std::to_string(rule.tos);
  text += rule.mark ? " fwmark " + std::to_string(rule.mark->value) + "/" +
                          std::to_string(rule.mark->mask)
                    : "";
  text += rule.input ? " iif " + devices.nameOf(*rule.input) : "";
  text += rule.output ? " oif " + devices.nameOf(*rule.output) : "";
  return text + actionOf(rule) + " preference " + std::to_string(rule.preference);
}

const char* nounOf(const Rule&) {
  return "rule ";
}

std::string placeOf(const Rule&, const Devices&) {
  return "";
}

std::string adviceAbout(const Rule&, const Devices&, int error) {
  switch (error) {
    case EINVAL:
      return "check its selectors and its action";
    case EOPNOTSUPP:
    case EAFNOSUPPORT:
      return "the kernel has no such rules";
    default:
      return "";
  }
}

std::string byHand(const Rule& rule, const Devices& devices) {
  return "it still leads packets: ip rule del " + textOf(rule, devices);
}

// What is removed is told as it was put: a like rule that is not ours stays.
MessageWriter messageFor(Change change, const Rule& rule, const Devices& devices) {
  const bool add = change == Change::kAdd;
  MessageWriter message(add ? RTM_NEWRULE : RTM_DELRULE, add ? NLM_F_CREATE | NLM_F_EXCL : 0);
  message.header(headerOf(rule));
  message.putValue(FRA_PRIORITY, rule.preference);
  message.putValue(FRA_PROTOCOL, rule.protocol);
  putSelectors(rule, devices, message);
  putAction(rule, message);
  return message;
}

}  // namespace holdfast::privd
