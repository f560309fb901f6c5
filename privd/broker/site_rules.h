// What the site does not permit of a configuration (policy/site/site_policy.h). The compiler has
// said so already, with the line of the file; this is for one that has been taken over.
#pragma once

#include <optional>
#include <string>

#include "policy/site/site_policy.h"
#include "privd/broker/configuration.h"
#include "privd/broker/ipvs/configuration.h"

namespace holdfast::privd {

// The first thing; nothing where all of it is permitted.
[[nodiscard]] std::optional<Refusal> refused(const Configuration& configuration,
                                             const policy::SitePolicy& site);
[[nodiscard]] std::optional<std::string> refused(const ipvs::Configuration& configuration,
                                                 const policy::SitePolicy& site);

}  // namespace holdfast::privd
