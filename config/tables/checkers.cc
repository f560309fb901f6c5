// The health checks of a real server that have few settings of their own.
#include <net/if.h>

#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/tables.h"
#include "config/tables/checker_rows.h"
#include "config/tables/weight.h"

namespace holdfast::config {
namespace {

constexpr double kWeight = 2147483647;

// RFC 1035 section 3.2.2, and later ones.
constexpr std::array<Choice, 9> kQueryTypes = {{{"A", 1},
                                                {"NS", 2},
                                                {"CNAME", 5},
                                                {"SOA", 6},
                                                {"MX", 15},
                                                {"TXT", 16},
                                                {"AAAA", 28},
                                                {"RRSIG", 46},
                                                {"DNSKEY", 48}}};
constexpr const char* kQueryTypeSyntax = "A|NS|CNAME|SOA|MX|TXT|AAAA|RRSIG|DNSKEY";

std::string upperCase(std::string text) {
  for (char& c : text) {
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return text;
}

void readQueryType(Context& context, Block& check, Cursor& cursor) {
  const std::string word(cursor.take());
  for (const Choice& type : kQueryTypes) {
    if (type.word == upperCase(word)) {
      check.say("type", type.value, &cursor.statement);
      return;
    }
  }
  context.error(Code::kInvalidValue, cursor, "Unknown DNS check type " + word + " - ignoring",
                std::string("takes ") + kQueryTypeSyntax);
}

// RFC 1035 section 2.3.4: labels have at most 63 bytes, a name 255 with the lengths of its labels.
void readQueryName(Context& context, Block& check, Cursor& cursor) {
  const std::string name(cursor.take());
  const auto refuse = [&context, &cursor](const std::string& message) {
    context.error(Code::kInvalidValue, cursor, message, "takes a domain name");
  };
  if (check.isSaid("name")) {
    refuse("DNS_CHECK name already specified - ignoring");
    return;
  }
  if (name.empty() || name.starts_with("..") || (name.size() > 1 && name.front() == '.') ||
      name.find("..") != std::string::npos) {
    refuse("DNS_CHECK name '" + name + "' has empty label - ignoring");
    return;
  }
  std::size_t label = 0;
  for (const char c : name) {
    label = c == '.' ? 0 : label + 1;
    if (label > 63 || name.size() > 254) {
      refuse("DNS_CHECK name '" + name + "' is too long - ignoring");
      return;
    }
  }
  check.say("name", name, &cursor.statement);
}

// N [reverse|noreverse]
void readFileWeight(Context& context, Block& check, Cursor& cursor) {
  if (!cursor.hasWord()) {
    context.error(Code::kMissingSetting, cursor.statement, 0, "track file weight missing",
                  "takes a number, and reverse");
    return;
  }
  readWeight(context, check, cursor,
             {.most = kWeight,
              .unknown = "unknown track file weight option ",
              .unknownEnd = " - ignoring",
              .takesNoReverse = true});
}

void readBfdName(Context& context, Block& check, Cursor& cursor) {
  if (cursor.statement.parameterCount() != 1) {
    context.error(Code::kInvalidValue, cursor.statement, 0,
                  "BFD_CHECK - No or too many names specified - skipping checker",
                  "takes the name of a bfd_instance");
    return;
  }
  check.say("name", std::string(cursor.take()), &cursor.statement);
}

}  // namespace

void readCheckAddress(Context& context, Block& check, Cursor& cursor) {
  const std::string keyword(cursor.statement.keyword());
  const std::string word(cursor.take());
  const auto address = IpAddress::parse(std::string_view(word).substr(0, word.find_first_of("-/")));
  if (!address) {
    context.error(Code::kInvalidValue, cursor,
                  "Invalid " + keyword + " address " + word + " - ignoring",
                  "takes an IPv4 or IPv6 address");
    return;
  }
  check.say(Key(keyword), *address, &cursor.statement);
}

void readCheckInterface(Context& context, Block& check, Cursor& cursor) {
  const std::string name(cursor.take());
  if (name.size() >= IFNAMSIZ) {
    context.error(Code::kInvalidValue, cursor, "Interface name " + name + " is too long - ignoring",
                  "an interface's name has at most 15 characters");
    return;
  }
  check.say("bind_if", name, &cursor.statement);
}

const Table& tcpCheckTable() {
  static const Table kTable("virtual_server/real_server/TCP_CHECK",
                            {kConnectingRows, kCheckingRows});
  return kTable;
}

const Table& pingCheckTable() {
  static const Table kTable("virtual_server/real_server/PING_CHECK",
                            {kConnectingRows, kCheckingRows});
  return kTable;
}

const Table& dnsCheckTable() {
  using Dns = schema::DnsCheck::Builder;
  // clang-format off
  static constexpr std::array<Row, 2> kOwn = {{
    {"type", takes::custom(readQueryType, kQueryTypeSyntax, kQueryTypes), value("SOA"), {to<&Dns::setType>()},
     "which records are asked for"},
    {"name", takes::custom(readQueryName, "NAME"), value("."), {to<&Dns::setName>()},
     "which domain name"},
  }};
  // clang-format on
  static constexpr auto kChecking = checkingRows("3", as("delay_loop"));
  static const Table kTable("virtual_server/real_server/DNS_CHECK",
                            {kConnectingRows, kChecking, kOwn});
  return kTable;
}

const Table& fileCheckTable() {
  using File = schema::FileCheck::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"track_file", takes::word(), nothing(), {bySealer()},
     "the name of a track_file"},
    {"weight", takes::orBare(takes::custom(readFileWeight, "-2147483647..2147483647 [reverse]")), rule("that of the track_file, else 1"), {to<&File::setWeight>()},
     "the number in the file is multiplied by it and added to the weight of the server; 0: any number but 0 is a failure"},
    {"weight reverse", takes::part(takes::flag()), value("off"), {to<&File::setReverse>()},
     "the number counts the other way round"},
    {"dynamic", takes::flag(), value("off"), {byCompiler()},
     "the number changes the weight, which is so anyhow"},
  };
  // clang-format on
  static const Table kTable("virtual_server/real_server/FILE_CHECK", kRows);
  return kTable;
}

const Table& bfdCheckTable() {
  // clang-format off
  static constexpr Row kRows[] = {
    {"name", takes::orBare(takes::custom(readBfdName, "NAME")), nothing(), {bySealer()},
     "the name of a bfd_instance"},
    {"alpha", takes::onOff(), from("alpha"), {to<&schema::Checker::Builder::setAlpha>()},
     "it has failed until the session is up"},
  };
  // clang-format on
  static const Table kTable("virtual_server/real_server/BFD_CHECK", kRows);
  return kTable;
}

}  // namespace holdfast::config
