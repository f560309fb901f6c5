// virtual_ipaddress and virtual_ipaddress_excluded:
// ADDRESS[/LENGTH] [brd ADDRESS|+|-] [dev NAME] [scope NAME] [label NAME] [peer ADDRESS] ...
#include <linux/rtnetlink.h>

#include <array>
#include <charconv>

#include "config/instance_lists.h"
#include "config/suggest.h"

namespace holdfast::config {
namespace {

constexpr std::size_t kMaxLabel = 15;  // IFNAMSIZ - 1

struct Entry {
  Context& context;
  const Statement& statement;
  AddressLine& line;
  std::size_t word;  // of the option's value, or of the option itself where it takes none
  bool dropped = false;

  [[nodiscard]] std::string_view text() const { return statement.words[word].text; }
  void error(std::string message, std::string hint = {}) const {
    context.error(Code::kInvalidValue, statement, word, std::move(message), std::move(hint));
  }
};

struct Scope {
  std::string_view name;
  std::int64_t value;
};
constexpr std::array<Scope, 5> kScopes = {{{"global", RT_SCOPE_UNIVERSE},
                                           {"site", RT_SCOPE_SITE},
                                           {"link", RT_SCOPE_LINK},
                                           {"host", RT_SCOPE_HOST},
                                           {"nowhere", RT_SCOPE_NOWHERE}}};

void readScope(Entry& entry) {
  for (const Scope& scope : kScopes) {
    if (scope.name == entry.text()) {
      entry.line.scope = scope.value;
      return;
    }
  }
  std::int64_t number = 0;
  const std::string text(entry.text());
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0 || number > 255) {
    entry.error("Invalid scope '" + text + "'",
                "takes global, site, link, host, nowhere, or 0 to 255");
    return;
  }
  entry.line.scope = number;
}

void readLabel(Entry& entry) {
  if (entry.text().size() > kMaxLabel) {
    entry.error("Address label " + std::string(entry.text()) + " is longer than maximum length " +
                std::to_string(kMaxLabel) + " - removing address");
    entry.dropped = true;
    return;
  }
  entry.line.label = entry.text();
}

void readBroadcast(Entry& entry) {
  const auto address = IpAddress::parse(entry.text());
  if (entry.line.address.family != AddressFamily::kIpv4) {
    entry.error("Cannot specify broadcast with an IPv6 address - ignoring");
  } else if (entry.text() == "+" || entry.text() == "-") {
    entry.line.broadcastHostBits =
        entry.text() == "+" ? AddressLine::HostBits::kSet : AddressLine::HostBits::kClear;
  } else if (address && address->family == AddressFamily::kIpv4) {
    entry.line.broadcast = address;
  } else {
    entry.error("Invalid broadcast address '" + std::string(entry.text()) + "'",
                "takes an address, + or -");
  }
}

void readPeerAddress(Entry& entry) {
  const auto address = IpAddress::parse(entry.text());
  if (!address || address->family != entry.line.address.family) {
    entry.error("Invalid peer address " + std::string(entry.text()),
                "takes an address of the same family, without a prefix length");
    return;
  }
  if (entry.line.prefixLength) {
    entry.error("Cannot specify address prefix when specifying peer address - ignoring");
    entry.line.prefixLength.reset();
  }
  entry.line.peer = address;
}

void readPreferredLifetime(Entry& entry) {
  if (entry.text() == "forever") {
    entry.line.preferredLifetime = AddressLine::kForever;
  } else if (const auto value =
                 entry.context.number(entry.statement, entry.word, {0, 4294967294.0})) {
    entry.line.preferredLifetime = value;
  }
}

void unsupportedVmac(Entry& entry) {
  entry.context.error(Code::kNotSupported, entry.statement, entry.word,
                      "Keyword 'use_vmac' is not supported yet - ignoring");
}

struct Option {
  std::string_view name;
  bool takesValue;
  void (*read)(Entry&);
  std::string_view meaning;
};
constexpr std::array<Option, 16> kOptions = {{
    {"dev", true, [](Entry& e) { e.line.interface = e.text(); }, "the interface it is put on"},
    {"scope", true, readScope, "how far it is valid"},
    {"label", true, readLabel, "a name for it, such as eth0:1"},
    {"brd", true, readBroadcast, "its broadcast address; + and - set and clear the host bits"},
    {"broadcast", true, readBroadcast, "the same"},
    {"peer", true, readPeerAddress, "the other end of a point-to-point link"},
    {"preferred_lft", true, readPreferredLifetime, "seconds, or forever; 0 is deprecated"},
    {"home", false, [](Entry& e) { e.line.home = true; }, "IPv6: a mobile node's home address"},
    {"-nodad", false, [](Entry& e) { e.line.duplicateDetection = true; },
     "IPv6: do detect duplicates"},
    {"mngtmpaddr", false, [](Entry& e) { e.line.manageTemporary = true; },
     "IPv6: the kernel makes temporary addresses from it"},
    {"noprefixroute", false, [](Entry& e) { e.line.noPrefixRoute = true; },
     "no route for its prefix"},
    {"autojoin", false, [](Entry& e) { e.line.autojoin = true; }, "join it as a multicast group"},
    {"no_track", false, [](Entry& e) { e.line.noTrack = true; },
     "it is not put back when someone deletes it"},
    {"use_vmac", false, unsupportedVmac, "on a macvlan interface of its own"},
    {"nodad", false, [](Entry&) {}, "IPv6: do not detect duplicates, which is so anyhow"},
    {"track_group", true,
     [](Entry& e) {
       e.context.error(Code::kInvalidValue, e.statement, e.word - 1,
                       "track_group is for static addresses only - ignoring");
     },
     "static addresses only"},
}};

// ADDRESS[/LENGTH]
bool readAddress(Context& context, const Statement& statement, AddressLine& line) {
  const std::string text(statement.keyword());
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto address = IpAddress::parse(std::string_view(text).substr(0, slash));
  if (!address) {
    context.error(Code::kInvalidValue, statement, 0,
                  "VRRP parsed invalid IP " + text + ". skipping IP...",
                  "takes an IPv4 or IPv6 address, with /LENGTH if wanted");
    return false;
  }
  line.address = *address;
  if (slash == text.size()) {
    return true;
  }
  const int longest = address->family == AddressFamily::kIpv4 ? 32 : 128;
  int length = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, length);
  line.prefixLength = length;
  if (error != std::errc{} || stop != end || length < 0 || length > longest) {
    line.prefixLength = longest;
    context.error(Code::kInvalidValue, statement, 0,
                  "Invalid address prefix len " + text.substr(slash + 1) + " for address " + text +
                      " - using " + std::to_string(longest));
  }
  return true;
}

void readOptions(Entry& entry) {
  for (std::size_t i = 1; i < entry.statement.words.size() && !entry.dropped; ++i) {
    const std::string word(entry.statement.words[i].text);
    entry.word = i;
    const Option* option = nullptr;
    std::vector<std::string_view> names;
    for (const Option& candidate : kOptions) {
      option = candidate.name == word ? &candidate : option;
      names.push_back(candidate.name);
    }
    if (option == nullptr) {
      const auto nearest = nearestWord(word, names);
      entry.error("Unknown configuration entry '" + word + "' for ip address - ignoring",
                  nearest ? "did you mean '" + std::string(*nearest) + "'?" : std::string());
    } else if (option->takesValue && i + 1 >= entry.statement.words.size()) {
      entry.error("No " + word + " parameter specified for " +
                  std::string(entry.statement.keyword()));
    } else {
      entry.word = option->takesValue ? ++i : i;
      option->read(entry);
    }
  }
}

void readList(Context& context, const Statement& statement, std::vector<AddressLine>& out) {
  for (const Statement& entry : statement.block) {
    AddressLine line;
    line.statement = &entry;
    if (!readAddress(context, entry, line)) {
      continue;
    }
    Entry options{context, entry, line, 0};
    readOptions(options);
    if (!options.dropped) {
      out.push_back(std::move(line));
    }
  }
}

}  // namespace

void readAddresses(Context& context, InstanceBlock& instance, const Statement& statement) {
  readList(context, statement, instance.addresses);
}

void readExcludedAddresses(Context& context, InstanceBlock& instance, const Statement& statement) {
  readList(context, statement, instance.excludedAddresses);
}

}  // namespace holdfast::config
