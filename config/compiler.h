// The whole way: a file in, a plan and diagnostics out. Pure but for the files that it reads.
#pragma once

#include <string>

#include "config/diagnostic.h"
#include "config/files.h"
#include "config/plan.h"
#include "config/source.h"
#include "config/statement.h"
#include "config/subsystems.h"

namespace holdfast::config {

struct Compilation {
  Source source;
  Statements statements;  // views of `source`
  Report report;
  Plan plan;  // of `statements`; not to be used where the report is one of refusal
};

// The plan is for a check, and for looking at.
[[nodiscard]] Compilation compile(const std::string& file, const SourceOptions& options,
                                  const Files& files, const Host& host, Subsystems wanted = {});

// What the plan needs besides where it is going to be used: its digest, and the text that is saved.
void complete(Compilation& compilation);

}  // namespace holdfast::config
