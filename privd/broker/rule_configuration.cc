// Reading the sealed rules.
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>

#include "privd/broker/sealed_values.h"

namespace holdfast::privd {
namespace {

constexpr std::array<std::uint8_t, 6> kActions = {
    FR_ACT_TO_TBL, FR_ACT_GOTO, FR_ACT_NOP, FR_ACT_BLACKHOLE, FR_ACT_UNREACHABLE, FR_ACT_PROHIBIT};

Status readAction(schema::Rule::Reader source, Rule& rule) {
  rule.invert = source.getInvert();
  rule.action = source.getAction();
  rule.preference = source.getPreference();
  rule.table = source.getTable();
  rule.target = source.getTarget();
  rule.l3mdev = source.getL3mdev();
  if (std::find(kActions.begin(), kActions.end(), rule.action) == kActions.end()) {
    return Error{"unknown action"};
  }
  if (rule.action == FR_ACT_TO_TBL && !rule.l3mdev && rule.table == RT_TABLE_UNSPEC) {
    return Error{"no table"};
  }
  if (rule.action == FR_ACT_GOTO && rule.target <= rule.preference) {
    return Error{"it goes back"};
  }
  return success();
}

Status readPrefixes(schema::Rule::Reader source, Rule& rule) {
  const Result<AddressFamily> family = readFamily(source.getFamily());
  if (!family) {
    return family.error();
  }
  rule.family = *family;
  rule.sourceLength = source.getSourceLength();
  rule.destinationLength = source.getDestinationLength();
  if (source.getHasSource()) {
    Status read = readPrefix(source.getSource(), rule.sourceLength, rule.family, rule.source);
    if (!read) {
      return read;
    }
  }
  return source.getHasDestination() ? readPrefix(source.getDestination(), rule.destinationLength,
                                                 rule.family, rule.destination)
                                    : success();
}

template <typename Number>
Status readRange(bool isThere, Number first, Number last, std::optional<Rule::Range<Number>>& out) {
  if (isThere && first > last) {
    return Error{"a range that ends before it begins"};
  }
  out = valueIf(isThere, Rule::Range<Number>{first, last});
  return success();
}

Status readSelectors(schema::Rule::Reader source, std::size_t interfaces, Rule& rule) {
  rule.tos = source.getTos();
  rule.mark = valueIf(source.getHasMark(), Rule::Mark{source.getMark(), source.getMarkMask()});
  rule.realms = valueIf(source.getHasRealms(), source.getRealms());
  rule.suppressPrefixLength =
      valueIf(source.getHasSuppressPrefixLength(), source.getSuppressPrefixLength());
  rule.suppressGroup = valueIf(source.getHasSuppressGroup(), source.getSuppressGroup());
  rule.tunnelId = valueIf(source.getHasTunnelId(), source.getTunnelId());
  rule.ipProtocol = valueIf(source.getHasIpProtocol(), source.getIpProtocol());
  Status status = readInterface(source.getHasInput(), source.getInput(), interfaces, rule.input);
  status = status
               ? readInterface(source.getHasOutput(), source.getOutput(), interfaces, rule.output)
               : status;
  status =
      status ? readRange(source.getHasUids(), source.getFirstUid(), source.getLastUid(), rule.uids)
             : status;
  status = status ? readRange(source.getHasSourcePorts(), source.getFirstSourcePort(),
                              source.getLastSourcePort(), rule.sourcePorts)
                  : status;
  return status ? readRange(source.getHasDestinationPorts(), source.getFirstDestinationPort(),
                            source.getLastDestinationPort(), rule.destinationPorts)
                : status;
}

}  // namespace

Result<Rule> readRule(schema::Rule::Reader source, std::size_t interfaces) {
  Rule rule;
  rule.protocol = source.getProtocol();
  rule.tracked = source.getTracked();
  Status status = readAction(source, rule);
  status = status ? readPrefixes(source, rule) : status;
  status = status ? readSelectors(source, interfaces, rule) : status;
  status = status
               ? readTrackGroup(source.getHasTrackGroup(), source.getTrackGroup(), rule.trackGroup)
               : status;
  if (!status) {
    return Error{"a rule: " + status.error().message};
  }
  return rule;
}

}  // namespace holdfast::privd
