#include "privd/supervisor/site_rules.h"

#include <utility>

#include "ipc/concat.h"
#include "ipc/sealed.h"
#include "policy/site/file.h"
#include "policy/site/parse.h"
#include "policy/users.h"

namespace holdfast::supervisor {
namespace {

using policy::CapabilitySet;
using policy::PolicyLine;

CapabilitySet of(const ProcessSettings& settings) {
  CapabilitySet wanted;
  if (settings.noSwap) {
    wanted = wanted | CapabilitySet{CAP_IPC_LOCK};
  }
  if (settings.realtimePriority > 0 || settings.niceness < 0) {
    wanted = wanted | CapabilitySet{CAP_SYS_NICE};
  }
  return wanted;
}

// Beyond what every configuration takes.
CapabilitySet wantedBy(const Plan& plan) {
  return of(plan.vrrp) | of(plan.checker) |
         (plan.netNamespace.empty() ? CapabilitySet{} : CapabilitySet{CAP_SYS_ADMIN}) |
         (plan.bindsLowPorts ? policy::kLowPortCapabilities : CapabilitySet{});
}

Error refusal(const ScriptPlan& script, const std::string& what, PolicyLine line) {
  return Error{concat("(", script.file, ": Line ", std::to_string(script.line), ") ", script.usedBy,
                      ": ", policy::refusalText(what, line))};
}

Status judge(const policy::SitePolicy& site, const IdentityPlan& identity) {
  const PolicyLine ofIdentity = site.refusesIdentity(identity.uid, identity.gid);
  const PolicyLine ofRoot = identity.uid == 0 ? site.refuses(policy::Practice::kRootScripts) : 0;
  for (const ScriptPlan& script : identity.scripts) {
    if (ofRoot != 0) {
      return refusal(script, "a script of root", ofRoot);
    }
    if (ofIdentity != 0) {
      return refusal(script, "script user " + identity.userName, ofIdentity);
    }
    if (const PolicyLine line = site.refusesScript(script.path); line != 0) {
      return refusal(script, "script " + script.path, line);
    }
  }
  return success();
}

}  // namespace

Result<Site> Site::read(const std::string& path) {
  Site site;
  auto text = policy::readSitePolicyFile(path);
  if (!text) {
    return text.error();
  }
  if (!text->has_value()) {
    return site;
  }
  auto parsed = policy::parseSitePolicy(**text);
  if (!parsed) {
    return parsed.error();
  }
  site.policy_ = std::move(parsed).value();
  if (Status known = resolveScriptUsers(site.policy_, policy::kPasswdFile, policy::kGroupFile);
      !known) {
    return known.error();
  }
  auto sealed = sealText("site policy", std::move(**text));
  if (!sealed) {
    return sealed.error();
  }
  site.text_ = std::move(sealed).value();
  return site;
}

Status Site::permits(const Plan& plan) const {
  const CapabilitySet wanted = wantedBy(plan);
  if (const PolicyLine line = policy_.refusesCapabilities(wanted); line != 0) {
    return Error{policy::refusalText("what takes the capabilities " + wanted.names() +
                                         " (net_namespace, no_swap, priorities, bind_port)",
                                     line)};
  }
  for (const IdentityPlan& identity : plan.identities) {
    if (Status judged = judge(policy_, identity); !judged) {
      return judged;
    }
  }
  return success();
}

}  // namespace holdfast::supervisor
