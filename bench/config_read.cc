// What each level of the configuration compiler costs for one file, in processor time and memory.
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>

#include "config/digest.h"
#include "config/files.h"
#include "config/reader.h"
#include "config/seal/seal.h"
#include "config/source.h"
#include "config/statement.h"
#include "config/this_host.h"

namespace {

using namespace holdfast::config;

double processorMilliseconds() {
  return static_cast<double>(std::clock()) * 1000 / CLOCKS_PER_SEC;
}

// VmHWM of this program: RUSAGE_SELF would say what its parent had when it forked.
double peakMegabytes() {
  std::ifstream status("/proc/self/status");
  std::string word;
  double kilobytes = 0;
  while (status >> word) {
    if (word == "VmHWM:") {
      status >> kilobytes;
    }
  }
  return kilobytes / 1024;
}

void print(const char* level, double since, std::size_t count) {
  std::printf("%-10s %9zu  %8.1f ms  %7.1f MiB at most\n", level, count,
              processorMilliseconds() - since, peakMegabytes());
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: config_read FILE\n", stderr);
    return 2;
  }
  Report report;
  double begin = processorMilliseconds();
  Source source = readSource(arguments[1], SourceOptions{}, RealFiles(), report);
  print("source", begin, source.lines.size());
  begin = processorMilliseconds();
  const Statements statements = parseStatements(source, report);
  print("statements", begin, statements.size());
  begin = processorMilliseconds();
  const Digest digest = digestOf(source);
  print("digest", begin, digest.size());
  begin = processorMilliseconds();
  std::unique_ptr<Block> configuration = readConfiguration(statements, source, report);
  print("blocks", begin, configuration->blocks().size());
  begin = processorMilliseconds();
  Host host = thisHost();
  host.everyInterface = true;
  Plan plan = resolve(std::move(configuration), source, RealFiles(), host, report);
  print("rules", begin, plan.interfaces.all().size());
  begin = processorMilliseconds();
  const auto sealed = seal(plan);
  print("sealed", begin, sealed ? 1 : 0);
  std::printf("%zu messages\n", report.all().size() + report.notKept());
  return 0;
}
