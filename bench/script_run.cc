// What one run of a script costs scriptd: path walk, process, exec, reaping. For comparison, the
// same program started with fork and execve alone, and the walk alone.
//
// usage: script_run [RUNS]
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <functional>

#include "scriptd/environment.h"
#include "scriptd/runner.h"

namespace {

using namespace holdfast;
using namespace holdfast::scriptd;

double processorMicroseconds() {
  double sum = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    ::getrusage(static_cast<__rusage_who>(who), &usage);
    for (const timeval& time : {usage.ru_utime, usage.ru_stime}) {
      sum += static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
    }
  }
  return sum;
}

void measure(const char* what, int runs, const std::function<void()>& once) {
  once();
  const TimePoint begin = EventLoop::now();
  const double used = processorMicroseconds();
  for (int i = 0; i < runs; ++i) {
    once();
  }
  const Duration passed = EventLoop::now() - begin;
  std::printf("%-32s %8.1f us each, %8.1f us of processor time\n", what,
              std::chrono::duration<double, std::micro>(passed).count() / runs,
              (processorMicroseconds() - used) / runs);
}

void forkAndExec(const char* path) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::execl(path, path, nullptr);
    ::_exit(127);
  }
  ::waitpid(pid, nullptr, 0);
}

}  // namespace

int main(int argc, char** argv) {
  const int runs = argc > 1 ? std::atoi(argv[1]) : 2000;
  const policy::ScriptIdentity identity{::geteuid(), ::getegid()};
  const char* const program = "/bin/true";
  measure("walk", runs, [&] { (void)policy::walkScriptPath(program, identity); });
  measure("fork and execve", runs, [&] { forkAndExec(program); });

  auto loop = EventLoop::create();
  if (!loop) {
    return EXIT_FAILURE;
  }
  Log log(STDERR_FILENO);
  bool ended = false;
  Runner runner(*loop, log,
                RunnerSettings{identity, true, false, buildEnvironment("bench", identity, true)},
                [&ended](SlotId, const RunResult&) { ended = true; });
  if (!runner.watch()) {
    return EXIT_FAILURE;
  }
  Command command("bench", {program});
  measure("a run by scriptd", runs, [&] {
    ended = runner.start(SlotId{0}, command, {}).has_value();
    while (!ended && loop->turnOnce()) {
    }
  });
  return EXIT_SUCCESS;
}
