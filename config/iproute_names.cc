#include "config/iproute_names.h"

#include <linux/rtnetlink.h>
#include <netinet/in.h>

#include "config/numbers.h"
#include "config/text.h"

namespace holdfast::config {
namespace {

constexpr std::size_t kMaxBytes = 262144;
constexpr std::size_t kMaxNames = 4096;
constexpr std::size_t kMaxNameLength = 63;

std::string_view takeLine(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line.substr(0, std::min(line.find('#'), line.size()));
}

std::string_view takeWord(std::string_view& line) {
  line = trimLeft(line);
  std::size_t length = 0;
  while (length < line.size() && !isSpace(line[length])) {
    ++length;
  }
  const std::string_view word = line.substr(0, length);
  line.remove_prefix(length);
  return word;
}

std::optional<std::uint32_t> fileNumber(std::string_view word) {
  const bool isHex = word.starts_with("0x") || word.starts_with("0X");
  return numberOfBase(word.substr(isHex ? 2 : 0), isHex ? 16 : 10);
}

void add(NumberNames& names, std::string_view name, std::uint32_t number) {
  if (!name.empty() && name.size() <= kMaxNameLength && names.size() < kMaxNames) {
    names.insert_or_assign(std::string(name), number);
  }
}

NumberNames builtIn(IprouteNames::Kind kind) {
  switch (kind) {
    case IprouteNames::Kind::kTable:
      return {{"default", RT_TABLE_DEFAULT}, {"main", RT_TABLE_MAIN}, {"local", RT_TABLE_LOCAL}};
    case IprouteNames::Kind::kTos:
    case IprouteNames::Kind::kGroup:
      return {{"default", 0}};
    case IprouteNames::Kind::kRealm:
      return {{"cosmos", 0}};
    case IprouteNames::Kind::kProtocol:
      return {{"unspec", RTPROT_UNSPEC}, {"redirect", RTPROT_REDIRECT}, {"kernel", RTPROT_KERNEL},
              {"boot", RTPROT_BOOT},     {"static", RTPROT_STATIC},     {"gated", RTPROT_GATED},
              {"ra", RTPROT_RA},         {"mrt", RTPROT_MRT},           {"zebra", RTPROT_ZEBRA},
              {"bird", RTPROT_BIRD},     {"dnrouted", RTPROT_DNROUTED}, {"xorp", RTPROT_XORP},
              {"ntk", RTPROT_NTK},       {"dhcp", RTPROT_DHCP},         {"mrouted", RTPROT_MROUTED},
              {"keepalived", 18},        {"babel", RTPROT_BABEL}};
    case IprouteNames::Kind::kScope:
      return {{"global", RT_SCOPE_UNIVERSE},
              {"site", RT_SCOPE_SITE},
              {"link", RT_SCOPE_LINK},
              {"host", RT_SCOPE_HOST},
              {"nowhere", RT_SCOPE_NOWHERE}};
    case IprouteNames::Kind::kIpProtocol:
      return {{"ip", IPPROTO_IP},    {"icmp", IPPROTO_ICMP},        {"tcp", IPPROTO_TCP},
              {"udp", IPPROTO_UDP},  {"gre", IPPROTO_GRE},          {"esp", IPPROTO_ESP},
              {"ah", IPPROTO_AH},    {"ipv6-icmp", IPPROTO_ICMPV6}, {"vrrp", 112},
              {"sctp", IPPROTO_SCTP}};
  }
  return {};
}

// The names of their files.
constexpr std::array<const char*, 7> kFiles = {
    "rt_tables", "rt_dsfield", "rt_realms", "rt_protos", "rt_scopes", "group", "/etc/protocols"};

}  // namespace

void readNumberNames(std::string_view text, NumberNames& names) {
  while (!text.empty()) {
    std::string_view line = takeLine(text);
    const auto number = fileNumber(takeWord(line));
    if (number) {
      add(names, takeWord(line), *number);
    }
  }
}

void readProtocolNames(std::string_view text, NumberNames& names) {
  while (!text.empty()) {
    std::string_view line = takeLine(text);
    std::string_view name = takeWord(line);
    const auto number = fileNumber(takeWord(line));
    while (number && !name.empty()) {
      add(names, name, *number);
      name = takeWord(line);
    }
  }
}

const NumberNames& IprouteNames::namesOf(Kind kind) {
  const auto index = static_cast<std::size_t>(kind);
  if (names_.at(index)) {
    return *names_.at(index);
  }
  NumberNames& names = names_.at(index).emplace(builtIn(kind));
  const std::string file = kFiles.at(index);
  const auto readFile = [this, &names, kind](const std::string& path) {
    if (const auto text = files_.read(path, kMaxBytes)) {
      kind == Kind::kIpProtocol ? readProtocolNames(*text, names) : readNumberNames(*text, names);
    }
  };
  if (kind == Kind::kIpProtocol) {
    readFile(file);
    return names;
  }
  std::vector<std::string> directories = directories_.usr;
  directories.push_back(directories_.etc);
  for (const std::string& directory : directories) {
    readFile(directory + "/" + file);
    for (const std::string& part : files_.match(directory + "/" + file + ".d/*.conf")) {
      readFile(part);
    }
  }
  return names;
}

std::optional<std::uint32_t> IprouteNames::find(Kind kind, std::string_view word,
                                                std::uint32_t highest) {
  const NumberNames& names = namesOf(kind);
  const auto found = names.find(word);
  const auto number = found != names.end() ? std::optional(found->second) : numberOfAnyBase(word);
  return number && *number <= highest ? number : std::nullopt;
}

}  // namespace holdfast::config
