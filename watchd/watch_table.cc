#include "watchd/watch_table.h"

#include <cerrno>
#include <optional>

#include "ipc/kj_edge.h"

namespace holdfast::watchd {
namespace {

std::string textOf(capnp::Text::Reader text) {
  return {text.begin(), text.size()};
}

std::optional<Parameters> parametersOf(schema::ProcessMonitor::Parameters parameters) {
  switch (parameters) {
    case schema::ProcessMonitor::Parameters::IGNORED:
      return Parameters::kIgnored;
    case schema::ProcessMonitor::Parameters::EXACT:
      return Parameters::kExact;
    case schema::ProcessMonitor::Parameters::INITIAL:
      return Parameters::kInitial;
    case schema::ProcessMonitor::Parameters::PARTIAL:
      return Parameters::kPartial;
  }
  return std::nullopt;
}

Status readFiles(schema::WatchConfig::Reader config, WatchTable& table) {
  for (const auto file : config.getFiles()) {
    FileEntry entry{.name = textOf(file.getName()),
                    .path = textOf(file.getPath()),
                    .create = file.getCreate(),
                    .overwrite = file.getOverwrite(),
                    .initialValue = file.getInitialValue()};
    if (!entry.path.starts_with('/') || entry.path.ends_with('/') ||
        entry.path.find('\0') != std::string::npos) {
      return Error{"track_file " + entry.name + ": " + entry.path + " is not the path of a file",
                   EINVAL};
    }
    table.files.push_back(std::move(entry));
  }
  return success();
}

Status readProcesses(schema::WatchConfig::Reader config, WatchTable& table) {
  for (const auto process : config.getProcesses()) {
    std::vector<std::string> arguments;
    for (const auto argument : process.getArguments()) {
      arguments.push_back(textOf(argument));
    }
    const auto parameters = parametersOf(process.getParameters());
    if (arguments.empty() || arguments.front().empty() || !parameters) {
      return Error{"vrrp_track_process " + textOf(process.getName()) + " is malformed", EINVAL};
    }
    table.processes.emplace_back(arguments, *parameters, process.getFullCommand());
  }
  return success();
}

}  // namespace

Result<WatchTable> readWatchTable(schema::WatchConfig::Reader config) {
  WatchTable table;
  const Status read = catchKj("what is watched", [&config, &table]() -> Status {
    if (Status files = readFiles(config, table); !files) {
      return files;
    }
    return readProcesses(config, table);
  });
  if (!read) {
    return read.error();
  }
  return table;
}

}  // namespace holdfast::watchd
