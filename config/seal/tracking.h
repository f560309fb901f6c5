// Parts of vrrpd's message.
#pragma once

#include "config/seal/write.h"

namespace holdfast::config {

// What counts for the instance, and who is told of its transitions.
void writeTracking(schema::VrrpInstance::Builder out, const Block& instance, const Plan& plan);
// Groups, and what instances and groups track.
void writeGroups(schema::VrrpConfig::Builder out, const Plan& plan);

}  // namespace holdfast::config
