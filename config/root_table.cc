// What stands at the outermost level of a configuration.
#include <algorithm>

#include "config/tables.h"

namespace holdfast::config {
namespace {

void readGlobals(Context& context, Model& model, const Statement& statement) {
  model.globals.said.block = &statement;
  readBlock(context, "global_defs", globalTable(), statement.block, model.globals);
}

void readScript(Context& context, Model& model, const Statement& statement) {
  ScriptBlock script;
  script.name = statement.words[1].text;
  script.said.block = &statement;
  const bool known =
      std::any_of(model.scripts.begin(), model.scripts.end(),
                  [&](const ScriptBlock& other) { return other.name == script.name; });
  readBlock(context, "vrrp_script", scriptTable(), statement.block, script);
  if (known) {
    context.error(Code::kDuplicate, statement, 1, "vrrp script " + script.name + " already defined",
                  "this block is skipped");
  } else {
    model.scripts.push_back(std::move(script));
  }
}

void readInstance(Context& context, Model& model, const Statement& statement) {
  InstanceBlock instance;
  instance.name = statement.words[1].text;
  instance.said.block = &statement;
  const bool known =
      std::any_of(model.instances.begin(), model.instances.end(),
                  [&](const InstanceBlock& other) { return other.name == instance.name; });
  if (known) {
    context.error(Code::kDuplicate, statement, 1,
                  "vrrp instance " + instance.name + " already defined", "this block is skipped");
    return;
  }
  readBlock(context, "vrrp_instance", instanceTable(), statement.block, instance);
  model.instances.push_back(std::move(instance));
}

// clang-format off
constexpr Keyword<Model> kRoot[] = {
    {"net_namespace", Takes::kName, {}, "that of the start", &Model::netNamespace,
     "run in this network namespace"},
    {"instance", Takes::kName, {}, "none", &Model::instance,
     "tells several daemons on one host apart: part of pid files' names and of the log's ident"},
    {"use_pid_dir", Takes::kFlag, {}, "off", &Model::usePidDirectory,
     "pid files in a directory of their own"},
    {"child_wait_time", Takes::kSeconds, {0, 4294967295.0}, "5", &Model::childWait,
     "how long the processes may take to leave at the end, before they are killed"},
    {"global_defs", Takes::kBlock, {}, "", readGlobals,
     "what holds for everything"},
    {"vrrp_script", Takes::kNamedBlock, {}, "", readScript,
     "a check that is run periodically"},
    {"vrrp_instance", Takes::kNamedBlock, {}, "", readInstance,
     "a virtual router"},
};
// clang-format on

}  // namespace

std::span<const Keyword<Model>> rootTable() {
  return kRoot;
}

Model buildModel(const Statements& statements, const Source& source, Report& report) {
  Context context(source, report);
  Model model;
  readBlock(context, "", rootTable(), statements, model);
  return model;
}

}  // namespace holdfast::config
