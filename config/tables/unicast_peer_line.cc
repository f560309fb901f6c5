// The lines of unicast_peer: ADDRESS [min_ttl N] [max_ttl N]
#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/lines.h"
#include "config/tables.h"

namespace holdfast::config {
namespace {

std::string unknownOption(const Block& line, const std::string& word) {
  return "(" + line.outer()->name() + ") unknown unicast_peer option " + word;
}

std::string missingValue(const Block& line, const std::string& word) {
  return "(" + line.outer()->name() + ") " + word + " is missing a value";
}

}  // namespace

bool beginUnicastPeerLine(Context& context, Block& line, Cursor& cursor) {
  line.setName(std::string(cursor.take()));
  // A prefix length is let pass, as in keepalived.
  const auto address =
      IpAddress::parse(std::string_view(line.name()).substr(0, line.name().find('/')));
  if (!address || address->isMulticast() || address->isUnspecified()) {
    context.error(Code::kInvalidValue, cursor,
                  "Configuration error: VRRP instance[" + line.outer()->name() +
                      "] malformed unicast peer address[" + line.name() + "]. Skipping...",
                  "takes: address [min_ttl 0..255] [max_ttl 0..255]");
    return false;
  }
  line.say("address", *address, &cursor.statement);
  return true;
}

const Table& unicastPeerLineTable() {
  using Peer = schema::UnicastPeer::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"address", takes::part(takes::address()), nothing(), {to<&Peer::initAddress>()},
     "the peer's address"},
    {"min_ttl", takes::number(0, 255), value("0"), {to<&Peer::setMinTtl>()},
     "of advertisements from it; a lower one is not accepted"},
    {"max_ttl", takes::number(0, 255), value("255"), {to<&Peer::setMaxTtl>()},
     "of advertisements from it; a higher one is not accepted"},
  };
  // clang-format on
  static const Table kTable("vrrp_instance/unicast_peer line", kRows,
                            {unknownOption, missingValue});
  return kTable;
}

}  // namespace holdfast::config
