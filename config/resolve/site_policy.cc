// What the site does not permit (policy/site/site_policy.h), at the line that asks for it. The
// supervisor and privd look again, at what has been sealed.
#include "policy/site/site_policy.h"

#include "config/resolve/resolution.h"
#include "ipc/concat.h"
#include "ipc/schemas/config.capnp.h"
#include "policy/site/parse.h"

namespace holdfast::config {
namespace {

using policy::PolicyLine;
using policy::Practice;

constexpr auto kAh = static_cast<std::int64_t>(schema::Authentication::AH);

class SiteRules {
 public:
  explicit SiteRules(Resolution& resolution)
      : resolution_(resolution), site_(resolution.site), root_(resolution.root) {}

  void judgeAll() const {
    for (const Block* instance : resolution_.plan.instances.all()) {
      judgeInstance(*instance);
    }
    judgeAddresses(root_, "static_ipaddress");
    for (const Block* group : root_.blocks("virtual_server_group")) {
      for (const Block* line : group->blocks("line")) {
        judgeAddress(line->address("address"), line->statement());
        judgeAddress(line->address("last"), line->statement());
      }
    }
    for (const Block* server : root_.blocks("virtual_server")) {
      judgeAddress(server->address("address"), server->statement());
      for (const Block* real : server->blocks("real_server")) {
        for (Block* check : real->blocks()) {
          judgeCheck(*check);
        }
      }
    }
    for (const PlannedIdentity& identity : resolution_.plan.identities) {
      judgeScripts(identity);
    }
  }

 private:
  void refuse(const Statement* statement, const std::string& what, PolicyLine line) const {
    if (line != 0) {
      resolution_.fatal(Code::kNotPermitted, statement, policy::refusalText(what, line));
    }
  }

  void judgeAddress(const IpAddress* address, const Statement* statement) const {
    if (address != nullptr) {
      refuse(statement, "address " + address->toString(), site_.refusesAddress(*address));
    }
  }

  void judgeAddresses(const Block& owner, Key keyword) const {
    for (const Block* line : owner.blocks(keyword)) {
      judgeAddress(line->address("address"), line->statement());
    }
  }

  void judgeInstance(const Block& instance) const {
    if (const auto* id = instance.find<std::int64_t>("virtual_router_id")) {
      refuse(instance.at("virtual_router_id"), concat("virtual_router_id ", *id),
             site_.refusesVirtualRouter(static_cast<std::uint8_t>(*id)));
    }
    judgeAddress(instance.address("use_ipvlan address"), instance.at("use_ipvlan"));
    judgeAddresses(instance, "virtual_ipaddress");
    judgeAddresses(instance, "virtual_ipaddress_excluded");
    if (const Block* authentication = instance.firstBlock("authentication")) {
      const auto* type = authentication->find<std::int64_t>("auth_type");
      const bool isAh = type != nullptr && *type == kAh;
      refuse(authentication->at("auth_type"), isAh ? "auth_type AH" : "auth_type PASS",
             site_.refuses(isAh ? Practice::kAuthenticationHeader : Practice::kPassword));
    }
  }

  void judgeCheck(Block& check) const {
    if (check.isDropped() || check.table().find(Key("tls_min_version")) == nullptr) {
      return;
    }
    const bool isSmtp = check.row()->name == "SMTP_CHECK";
    if (isSmtp && !check.flag("starttls")) {
      refuse(check.statement(), "SMTP_CHECK without starttls", site_.refuses(Practice::kPlainSmtp));
      return;
    }
    const auto* lowest = check.find<std::int64_t>("tls_min_version");
    if (lowest != nullptr) {
      refuse(check.at("tls_min_version"), "this tls_min_version",
             site_.refusesTls(static_cast<policy::TlsVersion>(*lowest)));
    } else if (site_.minimumTlsLine != 0) {
      check.assume("tls_min_version", std::int64_t{site_.minimumTls}, "the site's policy");
    }
  }

  void judgeScripts(const PlannedIdentity& identity) const {
    const PolicyLine ofIdentity = site_.refusesIdentity(identity.uid, identity.gid);
    const PolicyLine ofRoot = identity.uid == 0 ? site_.refuses(Practice::kRootScripts) : 0;
    for (const ScriptPath& script : identity.paths) {
      refuse(script, "a script of root", ofRoot);
      refuse(script, "script user " + identity.userName, ofIdentity);
      refuse(script, "script " + script.path, site_.refusesScript(script.path));
    }
  }

  void refuse(const ScriptPath& script, const std::string& what, PolicyLine line) const {
    if (line != 0) {
      resolution_.report.add(Severity::kFatal, Code::kNotPermitted,
                             {script.file, script.line, 0, {}},
                             concat(script.use.by, ": ", policy::refusalText(what, line)));
    }
  }

  Resolution& resolution_;
  const policy::SitePolicy& site_;
  Block& root_;
};

}  // namespace

void readSitePolicy(Resolution& resolution) {
  const std::string& path = resolution.host.sitePolicyFile;
  if (path.empty() || resolution.files.kind(path) == Files::Kind::kMissing) {
    return;
  }
  const auto refuse = [&resolution](const Error& error) {
    resolution.fatal(Code::kNotPermitted, nullptr, error.message,
                     "nothing is started under a policy that cannot be read");
  };
  const auto text = resolution.files.read(path, policy::kMaxSitePolicyBytes);
  if (!text) {
    refuse(text.error());
    return;
  }
  auto parsed = policy::parseSitePolicy(*text);
  if (!parsed) {
    refuse(parsed.error());
    return;
  }
  resolution.site = std::move(parsed).value();
  if (Status known = resolveScriptUsers(resolution.site, resolution.host.passwdFile.c_str(),
                                        resolution.host.groupFile.c_str());
      !known) {
    refuse(known.error());
  }
}

void resolveSitePolicy(Resolution& resolution) {
  SiteRules(resolution).judgeAll();
}

}  // namespace holdfast::config
