// holdfast posture: what every running process is and may do, beside what is promised about it.
// Started by an operator or an auditor as root; reads /proc, and changes nothing.
#include <getopt.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

#include "policy/posture/report.h"
#include "policy/seccomp.h"

namespace {

using namespace holdfast;
using namespace holdfast::policy;

constexpr int kAsPromised = 0;
constexpr int kDifferences = 1;
constexpr int kCannotTell = 2;

constexpr std::string_view kUsage =
    "Usage: holdfast posture [--json] [--strict] [--pid-file=FILE | --pid=PID]\n"
    "  --json      for programs\n"
    "  --strict    a finding ends with 1 as a difference does\n"
    "  --pid-file  of the supervisor (/run/keepalived.pid)\n"
    "Ends with 0: every process is as promised, 1: one is not, 2: it cannot be told.\n";

struct Options {
  bool json = false;
  bool strict = false;
  bool help = false;
  std::string pidFile = "/run/keepalived.pid";
  pid_t pid = 0;
};

bool parsePid(std::string_view text, pid_t& pid) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), pid);
  return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size() && pid > 0;
}

constexpr option kOptions[] = {
    {"json", no_argument, nullptr, 'j'},      {"strict", no_argument, nullptr, 's'},
    {"help", no_argument, nullptr, 'h'},      {"pid-file", required_argument, nullptr, 'f'},
    {"pid", required_argument, nullptr, 'p'}, {nullptr, 0, nullptr, 0}};

// False: an argument that there is not.
bool parse(int argc, char** argv, Options& options) {
  opterr = 0;
  int letter = 0;
  while ((letter = ::getopt_long(argc, argv, "h", kOptions, nullptr)) != -1) {
    switch (letter) {
      case 'j':
        options.json = true;
        break;
      case 's':
        options.strict = true;
        break;
      case 'h':
        options.help = true;
        break;
      case 'f':
        options.pidFile = optarg;
        break;
      case 'p':
        if (parsePid(optarg, options.pid)) {
          break;
        }
        return false;
      default:
        return false;
    }
  }
  return optind == argc;
}

Result<pid_t> supervisorPid(const Options& options) {
  if (options.pid > 0) {
    return options.pid;
  }
  std::ifstream file(options.pidFile);
  std::string word;
  pid_t pid = 0;
  if (!(file >> word) || !parsePid(word, pid)) {
    return Error{options.pidFile +
                 " holds no pid: holdfast is not running, or has another one "
                 "(--pid-file=FILE)"};
  }
  return pid;
}

int report(const Options& options) {
  if (::geteuid() != 0) {
    std::cerr << "holdfast posture: run it as root: others cannot see into processes that are not "
                 "dumpable\n";
    return kCannotTell;
  }
  const auto pid = supervisorPid(options);
  if (!pid.ok()) {
    std::cerr << "holdfast posture: " << pid.error().message << "\n";
    return kCannotTell;
  }
  const auto processes = observeTree(*pid);
  if (!processes.ok()) {
    std::cerr << "holdfast posture: " << processes.error().message << "\n";
    return kCannotTell;
  }
  Judgement judgement = judge(*processes);
  if (kSeccompOnlyLogs) {
    judgement.differences.emplace_back(
        "this build (-Dseccomp=log) does not kill: what is forbidden is only logged");
  }
  std::cout << (options.json ? jsonReport : textReport)(*processes, judgement);
  const bool kept =
      judgement.differences.empty() && (!options.strict || judgement.findings.empty());
  return kept ? kAsPromised : kDifferences;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    std::cerr << kUsage;
    return kCannotTell;
  }
  if (options.help) {
    std::cout << kUsage;
    return kAsPromised;
  }
  return report(options);
}
