#include "config/compiler.h"

#include "config/copy.h"
#include "config/digest.h"
#include "config/reader.h"

namespace holdfast::config {

Compilation compile(const std::string& file, const SourceOptions& options, const Files& files,
                    const Host& host, Subsystems wanted) {
  Compilation out;
  out.source = readSource(file, options, files, out.report);
  if (out.report.refused()) {
    return out;
  }
  out.statements = parseStatements(out.source, out.report);
  std::unique_ptr<Block> configuration = readConfiguration(out.statements, out.source, out.report);
  if (out.report.refused()) {
    return out;
  }
  leaveOut(*configuration, wanted);
  out.plan = resolve(std::move(configuration), out.source, files, host, out.report);
  out.plan.severalFiles = out.source.inSeveralFiles();
  return out;
}

void complete(Compilation& compilation) {
  Plan& plan = compilation.plan;
  plan.digest = digestOf(compilation.source);
  if (plan.configuration->firstBlock("global_defs")->isSaid("config_save_dir")) {
    plan.text = copyOf(compilation.source);
  }
}

}  // namespace holdfast::config
