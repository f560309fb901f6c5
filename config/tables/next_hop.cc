// nexthop of routes: [via ADDRESS] [dev NAME] [weight N] [onlink] [realms A/B] [encap …]
#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/tables.h"
#include "config/tables/route_parts.h"

namespace holdfast::config {
namespace {

void refuseTranslation(Context& context, Block& nextHop, Cursor& cursor) {
  context.error(Code::kInvalidValue, cursor, "'as [to]' (nat) not supported");
  nextHop.drop();
}

}  // namespace

void readGateway(Context& context, Block& block, Cursor& cursor) {
  std::string text(cursor.take());
  const bool saysFamily = text == "inet" || text == "inet6";
  if (saysFamily && !cursor.hasWord()) {
    context.missingParameter(cursor.statement);
    return;
  }
  const bool isIp6 = text == "inet6";
  if (saysFamily) {
    text = cursor.take();
  }
  const auto address = IpAddress::parse(text);
  const bool isHop = block.row()->name == "nexthop";
  if (!address) {
    context.error(Code::kInvalidValue, cursor,
                  (isHop ? "invalid nexthop address " : "invalid route via address ") + text,
                  "takes an IPv4 or IPv6 address");
    block.drop();
  } else if (saysFamily && isIp6 != (address->family == AddressFamily::kIpv6)) {
    context.error(Code::kConflict, cursor, "Cannot mix IPv4 and IPv6 addresses for route");
    block.drop();
  } else {
    block.say("via", *address, &cursor.statement);
  }
}

void endNextHop(Context& context, Block&, Cursor& cursor) {
  if (!cursor.hasWord() || cursor.peek() == "nexthop") {
    return;
  }
  const std::string word(cursor.take());
  context.error(Code::kInvalidValue, cursor, "Route has trailing nonsense after nexthops - " + word,
                "nexthops are the last of a route");
  cursor.word = cursor.statement.words.size();
}

const Table& nextHopTable() {
  using Hop = schema::NextHop::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"via", takes::custom(readGateway, "[inet|inet6] ADDRESS"), nothing(), {toOptional<&Hop::initGateway, &Hop::setHasGateway>()},
     "the next router"},
    {"dev", takes::word(), nothing(), {bySealer()},
     "the interface it is behind"},
    {"weight", takes::number(1, 256), value("1"), {to<&Hop::setWeight>()},
     "its share of the traffic"},
    {"onlink", takes::flag(), value("off"), {bySealer()},
     "it is on the link, even if no address says so"},
    {"realms", takes::word(), nothing(), {bySealer()},
     "[SOURCE/]DESTINATION: numbers or names of rt_realms"},
    {"realms number", takes::part(takes::number()), nothing(), {toOptional<&Hop::setRealms, &Hop::setHasRealms>()},
     "source realm times 65536, and the destination realm"},
    {"encap", takes::options(encapsulationTable, endEncapsulation, "ip …|ip6 …|mpls …|ila …"), nothing(), {},
     "packets go through a light-weight tunnel"},
    {"as", takes::custom(refuseTranslation, "[to] ADDRESS"), nothing(), {byCompiler()},
     "address translation by routes, which Linux no longer has"},
  };
  // clang-format on
  static const Table kTable("virtual_routes line/nexthop", kRows,
                            {.missingEnds = true, .unreadableDrops = true});
  return kTable;
}

}  // namespace holdfast::config
