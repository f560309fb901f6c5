// What is said about interfaces: garp_group, linkbeat_interfaces, interface_up_down_delays.
#include <array>

#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/lines.h"
#include "config/tables.h"

namespace holdfast::config {
namespace {

constexpr std::array<Choice, 4> kMethods = {{{"any", 0}, {"MII", 1}, {"ETHTOOL", 2}, {"IOCTL", 3}}};

std::string unknownLinkbeat(const Block&, const std::string& word) {
  return "extra characters " + word + " in linkbeat interface";
}

void sayMethod(Block& line, Cursor& cursor) {
  const std::string_view word = cursor.statement.words[cursor.word - 1].text;
  for (const Choice& method : kMethods) {
    if (method.word == word) {
      line.say("method", method.value, &cursor.statement);
    }
  }
}
void readMethod(Context&, Block& line, Cursor& cursor) {
  sayMethod(line, cursor);
}

}  // namespace

bool beginLinkbeatLine(Context&, Block& line, Cursor& cursor) {
  line.setName(std::string(cursor.take()));
  return true;
}

// NAME [DOWN [UP]]; what stands behind that means nothing.
bool beginDelayLine(Context& context, Block& line, Cursor& cursor) {
  constexpr double kMost = 255;
  line.setName(std::string(cursor.take()));
  for (const Key key : {Key("down"), Key("up")}) {
    if (cursor.hasWord()) {
      const auto delay = context.time(cursor, {0, kMost}, takes::kSecond);
      if (!delay) {
        return false;
      }
      line.say(key, *delay, &cursor.statement);
    }
  }
  cursor.word = cursor.statement.words.size();
  if (!line.isSaid("up")) {
    line.assume("up", line.value("down"), "as for down");
  }
  return true;
}

const Table& linkbeatLineTable() {
  using L = schema::Linkbeat::Builder;
  constexpr Takes kMethod = takes::orBare(takes::custom(readMethod, ""));
  // clang-format off
  static constexpr Row kRows[] = {
    {"method", takes::part(takes::oneOf(kMethods)), value("any"), {to<&L::setMethod>()},
     "how the link is looked at: the first that works of MII, ETHTOOL and IOCTL"},
    {"MII", kMethod, nothing(), {byCompiler()},
     "by the MII registers, if the driver has them"},
    {"ETHTOOL", kMethod, nothing(), {byCompiler()},
     "by ethtool's request"},
    {"IOCTL", kMethod, nothing(), {byCompiler()},
     "by the interface's flags"},
  };
  // clang-format on
  static const Table kTable("linkbeat_interfaces line", kRows, {unknownLinkbeat});
  return kTable;
}

const Table& delayLineTable() {
  using D = schema::InterfaceDelay::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"down", takes::part(takes::seconds(0, 255)), value("0"), {to<&D::setDownNs>()},
     "how long it is down before that counts"},
    {"up", takes::part(takes::seconds(0, 255)), rule("as for down"), {to<&D::setUpNs>()},
     "how long it is up before that counts"},
  };
  // clang-format on
  static const Table kTable("interface_up_down_delays line", kRows);
  return kTable;
}

const Table& garpGroupTable() {
  using A = schema::AnnounceGroup::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"garp_interval", takes::seconds(0, 2147.483647), value("0"), {to<&A::setArpIntervalNs>()},
     "between gratuitous ARP frames"},
    {"gna_interval", takes::seconds(0, 2147.483647), value("0"), {to<&A::setNaIntervalNs>()},
     "between unsolicited neighbour advertisements"},
    {"interface", takes::word(), nothing(), {bySealer()},
     "the interface that this is about"},
    {"interfaces", takes::names(nameTable), nothing(), {bySealer()},
     "several at one switch, which share the intervals"},
  };
  // clang-format on
  static const Table kTable("garp_group", kRows);
  return kTable;
}

}  // namespace holdfast::config
