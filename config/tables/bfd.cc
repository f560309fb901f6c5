// bfd_instance
#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/tables.h"
#include "config/tables/weight.h"

namespace holdfast::config {
namespace {

// As keepalived does, a prefix length is taken and means nothing.
void readAddress(Context& context, Block& session, Cursor& cursor, const char* what, Key key) {
  const std::string text(cursor.take());
  const auto address = IpAddress::parse(std::string_view(text).substr(0, text.find('/')));
  if (!address) {
    context.error(Code::kInvalidValue, cursor,
                  "Configuration error: BFD instance " + session.name() + " has malformed " + what +
                      " address " + text + ", ignoring",
                  "takes an IPv4 or IPv6 address");
    return;
  }
  session.say(key, *address, &cursor.statement);
}
void readNeighbor(Context& context, Block& session, Cursor& cursor) {
  readAddress(context, session, cursor, "neighbor", "neighbor_ip");
}
void readSource(Context& context, Block& session, Cursor& cursor) {
  readAddress(context, session, cursor, "source", "source_ip");
}

void readSessionWeight(Context& context, Block& session, Cursor& cursor) {
  constexpr double kMost = 253;
  readWeight(context, session, cursor,
             {.most = kMost,
              .unknown = "Configuration error: BFD instance " + session.name() +
                         " unknown weight option "});
}

constexpr Takes kInterval = takes::time(takes::kMillisecond, 1, 4294967);

}  // namespace

const Table& bfdTable() {
  using Session = schema::BfdSession::Builder;
  using Broker = schema::BrokerBfdSession::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"neighbor_ip", takes::custom(readNeighbor, "ADDRESS"), rule("there has to be one"),
     {to<&Broker::initNeighbor>()},
     "the other end"},
    {"neighbour_ip", takes::sameAs("neighbor_ip"), nothing(), {},
     "the same"},
    {"source_ip", takes::custom(readSource, "ADDRESS"), rule("the kernel's choice"),
     {toOptional<&Broker::initSource, &Broker::setHasSource>()},
     "where packets come from"},
    {"min_rx", kInterval, value("10"),
     {to<&Session::setMinReceiveNs>()},
     "milliseconds between packets: no more often do we want them"},
    {"min_tx", kInterval, value("10"),
     {to<&Session::setMinTransmitNs>()},
     "milliseconds between packets: no more often do we send them"},
    {"idle_tx", takes::time(takes::kMillisecond, 1000, 4294967), value("1000"),
     {to<&Session::setIdleTransmitNs>()},
     "milliseconds between packets while the session is not up"},
    {"multiplier", takes::number(1, 255), value("5"),
     {to<&Session::setMultiplier>()},
     "missed packets after which the session is down"},
    {"passive", takes::flag(), value("off"),
     {to<&Session::setPassive>()},
     "wait until the other end speaks"},
    {"ttl", takes::number(1, 255), value("255"),
     {bySealer()},
     "of IPv4 packets that are sent"},
    {"hoplimit", takes::number(1, 255), value("64"),
     {bySealer()},
     "of IPv6 packets that are sent"},
    {"max_hops", takes::number(-1, 255), value("0"),
     {bySealer()},
     "by how much a received packet's TTL may be less than 255; 255 and -1: do not look"},
    {"multihop", takes::onOff(), value("off"),
     {to<&Session::setMultihop>()},
     "the other end is not on this link: RFC 5883, port 4784"},
    {"weight", takes::custom(readSessionWeight, "-253..253 [reverse]"), value("0"),
     {bySealer()},
     "what up (positive) or down (negative) is worth in priority; 0: down is FAULT"},
    {"weight reverse", takes::part(takes::flag()), value("off"),
     {bySealer()},
     "the other way round"},
    {"vrrp", takes::flag(), rule("on unless checker"),
     {to<&Session::setTellVrrp>()},
     "vrrp_instances only may track it"},
    {"checker", takes::flag(), rule("on unless vrrp"),
     {to<&Session::setTellChecker>()},
     "BFD_CHECKs only may track it"},
    {"ttl sent", takes::part(takes::number(1, 255)), rule("ttl or hoplimit"),
     {to<&Session::setTtl>(), to<&Broker::setTtl>()},
     "of packets that are sent"},
    {"ttl least", takes::part(takes::number(0, 255)), rule("255 less max_hops"),
     {to<&Session::setMinTtl>(), to<&Broker::setMinTtl>()},
     "of packets that are received"},
    {"port", takes::part(takes::number(0, 65535)), rule("3784, and 4784 with multihop"),
     {to<&Broker::setPort>()},
     "the UDP port of control packets"},
    {"family", takes::part(takes::number(0, 1)), rule("that of neighbor_ip"),
     {to<&Session::setFamily>(), to<&Broker::setFamily>()},
     "IPv4 or IPv6"},
  };
  // clang-format on
  static const Table kTable("bfd_instance", kRows);
  return kTable;
}

}  // namespace holdfast::config
