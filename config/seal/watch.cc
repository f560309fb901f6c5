// What watchd gets.
#include "config/seal/write.h"

namespace holdfast::config {

bool hasSomethingToWatch(const Plan& plan) {
  return !plan.trackFiles.all().empty() || !plan.trackProcesses.all().empty();
}

void write(schema::WatchConfig::Builder out, const Plan& plan) {
  write(out.initDigest(), plan.digest);
  const auto& fileBlocks = plan.trackFiles.all();
  auto files = out.initFiles(sizeOf(fileBlocks));
  for (unsigned i = 0; i < files.size(); ++i) {
    files[i].setName(fileBlocks[i]->name());
    writeSettings(*fileBlocks[i], files[i]);
  }
  const auto& processBlocks = plan.trackProcesses.all();
  auto processes = out.initProcesses(sizeOf(processBlocks));
  for (unsigned i = 0; i < processes.size(); ++i) {
    processes[i].setName(processBlocks[i]->name());
    writeSettings(*processBlocks[i], processes[i]);
  }
}

}  // namespace holdfast::config
