// The health checks of a real server.
#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "config/resolve/lvs.h"
#include "config/statement.h"
#include "config/tables/regex_options.h"
#include "config/tables/tls_rows.h"

namespace holdfast::config {
namespace {

constexpr std::int64_t kFirstFreePort = 1024;

// "at offset 9: missing closing parenthesis".
std::optional<std::string> mistakeIn(const std::string& regex, std::uint32_t options) {
  int code = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* const compiled = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(regex.data()),
                                             regex.size(), options, &code, &offset, nullptr);
  if (compiled != nullptr) {
    pcre2_code_free(compiled);
    return std::nullopt;
  }
  std::array<PCRE2_UCHAR, 128> text{};
  pcre2_get_error_message(code, text.data(), text.size());
  return "at offset " + std::to_string(offset) + ": " + reinterpret_cast<const char*>(text.data());
}

class Rules {
 public:
  Rules(VirtualServerRules& rules, const Block& real) : rules_(rules), real_(real) {}

  void resolve(Block& check) {
    const std::string_view kind = check.row()->name;
    if (check.table().find("host") != nullptr) {
      adoptFromHosts(check);
    }
    if (!resolveConnection(check, kind) || !resolveKind(check, kind)) {
      check.drop();
    }
  }

 private:
  static constexpr const char* kSkipped = "the check is skipped";

  bool refuse(const Block& check, std::string message, std::string hint = kSkipped) const {
    rules_.resolution.error(Code::kMissingSetting, check.statement(), std::move(message),
                            std::move(hint));
    return false;
  }

  // What is said for an old-style host holds for the check.
  static void adoptFromHosts(Block& check) {
    for (const Block* host : check.blocks("host")) {
      adopt(check, *host);
    }
  }

  static void adopt(Block& check, const Block& host) {
    for (const char* keyword :
         {"alpha", "retry", "delay_before_retry", "warmup", "delay_loop", "log_all_failures"}) {
      const Key key{std::string_view(keyword)};
      const Setting* said = host.setting(key);
      if (said != nullptr && check.setting(key) == nullptr) {
        check.assume(key, said->value, "its host says so");
      }
    }
  }

  // True also where there is nothing to connect to.
  bool resolveConnection(Block& check, std::string_view kind) {
    if (check.table().find(Key("connect_ip")) == nullptr) {
      return true;
    }
    const IpAddress& address = *check.address("connect_ip");
    if (address.isIpv6LinkLocal() && check.find<std::string>("bind_if") == nullptr) {
      return refuse(check,
                    "Checker link local address " + address.toString() + " requires a bind_if");
    }
    const IpAddress* source = check.address("bindto");
    if (source != nullptr && source->family != address.family) {
      rules_.resolution.error(Code::kConflict, check.at("bindto"),
                              "bindto address " + source->toString() +
                                  " does not match address family of connect_ip - skipping");
      check.forget("bindto");
    }
    placeSocket(check, kind);
    return true;
  }

  // Marks and low ports are a privilege.
  void placeSocket(const Block& check, std::string_view kind) const {
    const auto* mark = check.find<std::int64_t>("fwmark");
    const auto* port = check.find<std::int64_t>("bind_port");
    const bool hasLowPort = port != nullptr && *port != 0 && *port < kFirstFreePort;
    if ((mark == nullptr || *mark == 0) && !hasLowPort) {
      return;
    }
    Plan& plan = rules_.resolution.plan;
    plan.checkSocketOf[&check] = static_cast<std::uint32_t>(plan.checkSockets.size());
    plan.checkSockets.push_back({&check,
                                 kind == "PING_CHECK" ? CheckSocketKind::kPing
                                 : kind == "UDP_CHECK" || kind == "DNS_CHECK"
                                     ? CheckSocketKind::kUdp
                                     : CheckSocketKind::kTcp,
                                 hasLowPort});
  }

  bool resolveKind(Block& check, std::string_view kind) {
    if (kind == "HTTP_GET" || kind == "SSL_GET") {
      return resolveUrls(check);
    }
    if (kind == "SMTP_CHECK") {
      resolveSmtp(check);
      for (Block* host : check.blocks("host")) {
        if (!resolveConnection(*host, kind)) {
          host->drop();
        }
      }
      return true;
    }
    if (kind == "UDP_CHECK" &&
        check.number("min_reply_length") > check.number("max_reply_length")) {
      rules_.resolution.error(
          Code::kConflict, check.at("min_reply_length"),
          "UDP_CHECK min_reply length " + std::to_string(check.number("min_reply_length")) +
              " > max_reply_length " + std::to_string(check.number("max_reply_length")) +
              " - will always fail");
    }
    return kind == "MISC_CHECK"   ? resolveScript(check)
           : kind == "FILE_CHECK" ? resolveFile(check)
           : kind == "BFD_CHECK"  ? resolveBfd(check)
                                  : true;
  }

  void resolveSmtp(Block& check) const {
    for (const Row& row : kTlsRows) {
      if (!check.flag("starttls") && check.isSaid(Key(row.name))) {
        rules_.resolution.error(Code::kConflict, check.at(Key(row.name)),
                                "SMTP_CHECK " + std::string(row.name) + " needs starttls",
                                "starttls is taken to be on");
        check.adjust("starttls", true, "there are settings of TLS");
      }
    }
    if (check.flag("starttls") && check.isSaid("ehlo")) {
      check.adjust("ehlo", true, "starttls needs it");
    } else if (check.flag("starttls")) {
      check.assume("ehlo", true, "starttls needs it");
    }
    if (check.setting("rcpt_to") != nullptr && check.setting("mail_from") == nullptr) {
      check.assume("mail_from", std::string(), "rcpt_to needs a sender, which is the empty one");
    }
  }

  bool resolveUrls(Block& check) const {
    for (Block* url : check.blocks("url")) {
      if (url->find<std::string>("path") == nullptr) {
        refuse(*url, "HTTP/SSL_GET checker url has no path - ignoring", "say path /");
        url->drop();
      } else {
        checkRegex(*url);
      }
    }
    return check.firstBlock("url") != nullptr ||
           refuse(check, "HTTP/SSL_GET checker has no urls specified - ignoring");
  }

  void checkRegex(const Block& url) const {
    const std::string* regex = url.find<std::string>("regex");
    if (regex == nullptr) {
      return;
    }
    std::uint32_t options = 0;
    if (const auto* words = url.find<std::shared_ptr<const WordList>>("regex_options")) {
      for (const std::string& word : **words) {
        const auto* found = std::find(kRegexOptions.begin(), kRegexOptions.end(), word);
        options |= kRegexBits.at(static_cast<std::size_t>(found - kRegexOptions.begin()));
      }
    }
    if (const auto wrong = mistakeIn(*regex, options)) {
      rules_.resolution.error(Code::kInvalidValue, url.at("regex"),
                              "Invalid regex: '" + *regex + "' " + *wrong, "the check will fail");
    }
  }

  bool resolveScript(Block& check) const {
    const Command* command = check.command("misc_path");
    if (command == nullptr) {
      return refuse(check, "No script path has been specified for MISC_CHECKER - skipping");
    }
    const auto* user = check.find<std::shared_ptr<const UserName>>("user");
    const bool own = user != nullptr && check.isSaid("user");
    const std::string name = real_.name() + " of " + rules_.server.name();
    auto runnable = rules_.resolution.scripts.place(
        rules_.resolution, *command, own ? user->get() : nullptr,
        {.by = name + " MISC_CHECK", .isCheck = true, .ofServers = true},
        own ? Severity::kError : Severity::kNotice);
    if (!runnable) {
      rules_.resolution.notice(Code::kUnknownName, command->statement,
                               "Misc checker script '" + command->arguments.front() + "' of " +
                                   name + " cannot be run: it counts as failed");
      return true;
    }
    auto& checks = rules_.resolution.plan.identities[runnable->identity].checks;
    rules_.resolution.plan.checks[&check] = {runnable->identity,
                                             static_cast<std::uint32_t>(checks.size())};
    checks.push_back({&check, name, std::move(runnable->arguments)});
    return true;
  }

  // Of one that is defined further down keepalived does not know yet.
  const Block* namedBefore(const Block& check, const Definitions& definitions,
                           const std::string& name, const std::string& message) const {
    const Block* block = definitions.find(name);
    if (block == nullptr) {
      rules_.resolution.error(Code::kUnknownName, check.statement(), message);
    } else if (block->statement()->line > check.statement()->line) {
      rules_.resolution.complain(Severity::kWarning, Code::kUnknownName, check.statement(), message,
                                 "it is defined further down, which is used here");
    }
    return block;
  }

  bool resolveFile(Block& check) const {
    const std::string* name = check.find<std::string>("track_file");
    const Block* file = name == nullptr ? nullptr
                                        : namedBefore(check, rules_.resolution.plan.trackFiles,
                                                      *name, "track_file " + *name + " not found");
    if (file == nullptr) {
      return refuse(check, "FILE_CHECK has no track_file specified - ignoring");
    }
    if (check.setting("weight") == nullptr) {
      const auto* weight = file->find<std::int64_t>("weight");
      check.assume("weight", weight == nullptr ? Value(std::int64_t{1}) : Value(*weight),
                   "that of the track_file");
    }
    return true;
  }

  bool resolveBfd(const Block& check) {
    const std::string* name = check.find<std::string>("name");
    const std::string prefix = "(" + real_.name() + ") ";
    if (name == nullptr) {
      return refuse(check, prefix + "No name has been specified for BFD_CHECKER - skipping");
    }
    const std::string message = prefix + "BFD_CHECK - BFD " + *name + " not configured";
    const Block* session = namedBefore(check, rules_.resolution.plan.bfdSessions, *name, message);
    if (session != nullptr && !session->flag("checker")) {
      return refuse(check, message, "that bfd_instance is for vrrp only: say checker in it");
    }
    if (session != nullptr && !watched_.insert(session).second) {
      return refuse(check, prefix + "BFD_CHECK - RS already monitoring " + *name);
    }
    return session != nullptr;
  }

  VirtualServerRules& rules_;
  const Block& real_;
  std::set<const Block*> watched_;  // sessions
};

}  // namespace

void resolveCheckers(VirtualServerRules& rules, Block& realServer) {
  Rules checks(rules, realServer);
  for (Block* check : realServer.each()) {
    checks.resolve(*check);
  }
}

void placeNotifier(Resolution& resolution, Block& owner, std::string_view keyword,
                   const std::function<std::string()>& of) {
  const Command* command = owner.command(Key(keyword));
  if (command == nullptr) {
    return;
  }
  const std::string usedBy = of() + " " + std::string(keyword);
  auto runnable =
      resolution.scripts.place(resolution, *command, command->user ? &*command->user : nullptr,
                               {.by = usedBy, .ofServers = true}, Severity::kNotice);
  if (!runnable) {
    return;
  }
  auto& notifiers = resolution.plan.identities[runnable->identity].notifiers;
  const ScriptPlace place{runnable->identity, static_cast<std::uint32_t>(notifiers.size())};
  resolution.plan.hooks[&owner].push_back({owner.table().find(Key(keyword)), place});
  notifiers.push_back({usedBy, std::move(runnable->arguments)});
}

}  // namespace holdfast::config
