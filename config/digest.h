// The digest that names a configuration: SHA-256 over its preprocessed text.
#pragma once

#include "config/plan.h"
#include "config/source.h"

namespace holdfast::config {

[[nodiscard]] Digest digestOf(const Source& source);

}  // namespace holdfast::config
