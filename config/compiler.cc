#include "config/compiler.h"

#include "config/digest.h"
#include "config/model.h"
#include "config/statement.h"

namespace holdfast::config {

Compilation compile(const std::string& file, const SourceOptions& options, const Files& files,
                    const Host& host) {
  Compilation out;
  out.source = readSource(file, options, files, out.report);
  if (out.report.refused()) {
    return out;
  }
  const Statements statements = parseStatements(out.source, out.report);
  const Model model = buildModel(statements, out.source, out.report);
  if (out.report.refused()) {
    return out;
  }
  out.plan = resolve(model, out.source, files, host, out.report);
  out.plan.digest = digestOf(out.source);
  return out;
}

}  // namespace holdfast::config
