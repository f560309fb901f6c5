#include "policy/site/parse.h"

#include <charconv>
#include <limits>
#include <utility>

#include "ipc/concat.h"

namespace holdfast::policy {
namespace {

constexpr std::string_view kSpace = " \t\r";

// Takes the next word off the front; empty at the end.
std::string_view takeWord(std::string_view& rest) {
  const std::size_t start = std::min(rest.find_first_not_of(kSpace), rest.size());
  const std::size_t end = std::min(rest.find_first_of(kSpace, start), rest.size());
  const std::string_view word = rest.substr(start, end - start);
  rest.remove_prefix(end);
  return word;
}

template <typename Number>
std::optional<Number> numberOf(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                  : std::nullopt;
}

// {what is before `separator`, what is behind it}; all and nothing where there is none.
std::pair<std::string_view, std::string_view> halves(std::string_view text, char separator) {
  const std::size_t at = text.find(separator);
  return at == std::string_view::npos ? std::pair(text, std::string_view())
                                      : std::pair(text.substr(0, at), text.substr(at + 1));
}

template <typename T>
bool add(Permitted<T>& permitted, PolicyLine line, T value) {
  if (permitted.line == 0) {
    permitted.line = line;
  }
  permitted.values.push_back(std::move(value));
  return true;
}

// Each reads one value of its row. False where it is none.

bool readInterface(SitePolicy& policy, PolicyLine line, std::string_view value) {
  return add(policy.interfaces, line, std::string(value));
}

bool readAddress(SitePolicy& policy, PolicyLine line, std::string_view value) {
  const auto [text, length] = halves(value, '/');
  const auto address = IpAddress::parse(text);
  if (!address) {
    return false;
  }
  const auto bits = static_cast<std::uint8_t>(8 * address->size());
  const auto prefixLength = length.empty() ? bits : numberOf<std::uint8_t>(length);
  if (!prefixLength || *prefixLength > bits || value.ends_with('/')) {
    return false;
  }
  return add(policy.addresses, line, {*address, *prefixLength});
}

bool readVirtualRouter(SitePolicy& policy, PolicyLine line, std::string_view value) {
  const auto [low, high] = halves(value, '-');
  const auto first = numberOf<std::uint8_t>(low);
  const auto last = high.empty() ? first : numberOf<std::uint8_t>(high);
  if (!first || !last || *first == 0 || *first > *last || value.ends_with('-')) {
    return false;
  }
  return add(policy.virtualRouters, line, {*first, *last});
}

bool readScriptDirectory(SitePolicy& policy, PolicyLine line, std::string_view value) {
  while (value.ends_with('/')) {
    value.remove_suffix(1);
  }
  return value.starts_with('/') && add(policy.scriptDirectories, line, std::string(value));
}

bool readScriptUser(SitePolicy& policy, PolicyLine line, std::string_view value) {
  const auto [user, group] = halves(value, ':');
  return !user.empty() && !value.ends_with(':') &&
         add(policy.scriptUsers, line,
             {.user = std::string(user), .group = std::string(group), .uid = {}, .gid = {}});
}

bool readCapability(SitePolicy& policy, PolicyLine line, std::string_view value) {
  if (policy.capabilitiesLine == 0) {
    policy.capabilitiesLine = line;
  }
  if (value == "none") {
    return true;
  }
  for (unsigned capability = 0; capability <= CAP_LAST_CAP; ++capability) {
    if (CapabilitySet::nameOf(capability) == value) {
      policy.capabilities = policy.capabilities | CapabilitySet{capability};
      return true;
    }
  }
  return false;
}

bool readForbidden(SitePolicy& policy, PolicyLine line, std::string_view value) {
  constexpr std::array<std::string_view, kPractices> kNames{"root_scripts", "ah_authentication",
                                                            "pass_authentication", "plain_smtp"};
  for (std::size_t practice = 0; practice < kPractices; ++practice) {
    if (value == kNames.at(practice)) {
      policy.forbidden.at(practice) = line;
      return true;
    }
  }
  return false;
}

bool readMinimumTls(SitePolicy& policy, PolicyLine line, std::string_view value) {
  constexpr std::pair<std::string_view, TlsVersion> kVersions[] = {
      {"1.0", 0x0301}, {"1.1", 0x0302}, {"1.2", 0x0303}, {"1.3", 0x0304}};
  for (const auto& [name, version] : kVersions) {
    if (value == name && policy.minimumTlsLine == 0) {
      policy.minimumTlsLine = line;
      policy.minimumTls = version;
      return true;
    }
  }
  return false;
}

struct Word {
  std::string_view keyword;
  bool (*read)(SitePolicy&, PolicyLine, std::string_view);
  const char* expected;  // of each value
};

constexpr Word kWords[] = {
    {"interfaces", readInterface, "names of interfaces, with * and ? for any"},
    {"addresses", readAddress, "addresses, or networks as 192.0.2.0/24"},
    {"virtual_routers", readVirtualRouter, "numbers from 1 to 255, or ranges as 10-20"},
    {"script_directories", readScriptDirectory, "directories, from / on"},
    {"script_users", readScriptUser, "users, or USER:GROUP"},
    {"capabilities", readCapability, "names as net_bind_service, or none"},
    {"forbid", readForbidden,
     "root_scripts, ah_authentication, pass_authentication and plain_smtp"},
    {"minimum_tls", readMinimumTls, "one of 1.0, 1.1, 1.2 and 1.3"},
};

Error mistake(PolicyLine line, std::string_view what) {
  return Error{concat(kSitePolicyFile, ", line ", std::to_string(line), ": ", what)};
}

Status readRow(SitePolicy& policy, PolicyLine line, std::string_view row) {
  row = row.substr(0, row.find('#'));
  const std::string_view keyword = takeWord(row);
  if (keyword.empty()) {
    return success();
  }
  for (const Word& word : kWords) {
    if (word.keyword != keyword) {
      continue;
    }
    std::string_view value = takeWord(row);
    if (value.empty()) {
      return mistake(line, concat(keyword, " takes ", word.expected));
    }
    for (; !value.empty(); value = takeWord(row)) {
      if (!word.read(policy, line, value)) {
        return mistake(line, concat("'", value, "': ", keyword, " takes ", word.expected));
      }
    }
    return success();
  }
  return mistake(line, concat("'", keyword, "' is not a keyword of the policy"));
}

}  // namespace

Result<SitePolicy> parseSitePolicy(std::string_view text) {
  SitePolicy policy;
  for (PolicyLine line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view row = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    for (const char c : row) {
      if (static_cast<unsigned char>(c) < ' ' && c != '\t' && c != '\r') {
        return mistake(line, "a byte that no text has");
      }
    }
    if (Status read = readRow(policy, line, row); !read) {
      return read.error();
    }
  }
  return policy;
}

}  // namespace holdfast::policy
