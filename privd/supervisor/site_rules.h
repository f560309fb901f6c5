// The site's policy (policy/site/site_policy.h) as the supervisor holds it: read once, before
// anything is started, so that no reload can widen it.
#pragma once

#include <string>

#include "ipc/result.h"
#include "ipc/unique_fd.h"
#include "policy/site/site_policy.h"
#include "privd/supervisor/plan.h"

namespace holdfast::supervisor {

class Site {
 public:
  // A site without a file permits everything. An Error where the file has a mistake, or cannot be
  // relied on: nothing is started then.
  [[nodiscard]] static Result<Site> read(const std::string& path = policy::kSitePolicyFile);

  // An Error names the first thing that is not permitted: where the configuration asks for it, and
  // which line of the policy says so.
  [[nodiscard]] Status permits(const Plan& plan) const;

  // Its text, sealed, for privd; -1 where the site has none.
  [[nodiscard]] int text() const { return text_.get(); }

 private:
  policy::SitePolicy policy_;
  UniqueFd text_;
};

}  // namespace holdfast::supervisor
