// What a dump of vrrpd's state says that is the same for as long as the configuration is.
#pragma once

#include "config/seal/write.h"

namespace holdfast::config {

// After everything else has been written to `out`. Keys and passwords are masked; scripts are left
// out, since vrrpd is not told what they are.
void writeDisplay(schema::VrrpInstance::Builder out, const Block& instance, const Plan& plan);

// The lines that keepalived.data begins with.
[[nodiscard]] std::string displayOf(const Plan& plan);

}  // namespace holdfast::config
