// The whole way: a file in, a plan and diagnostics out. Pure but for the files that it reads.
#pragma once

#include <string>

#include "config/diagnostic.h"
#include "config/files.h"
#include "config/plan.h"
#include "config/source.h"

namespace holdfast::config {

struct Compilation {
  Source source;
  Report report;
  Plan plan;  // to be used only if the report is not one of refusal
};

[[nodiscard]] Compilation compile(const std::string& file, const SourceOptions& options,
                                  const Files& files, const Host& host);

}  // namespace holdfast::config
