#include "privd/supervisor/compile_once.h"

#include <utility>

#include "privd/supervisor/signals.h"

namespace holdfast::supervisor {

Result<Compilation> compileOnce(const CommandLine& line, const LogReader::Consumer& consumer) {
  auto loop = EventLoop::create();
  if (!loop) {
    return loop.error();
  }
  Compilation result;
  Compiler compiler(*loop, consumer, [&](Compilation compilation) {
    result = std::move(compilation);
    loop->stop();
  });
  bool interrupted = false;
  SignalSource signals(*loop, {.stop =
                                   [&] {
                                     interrupted = true;
                                     loop->stop();
                                   },
                               .reload = [] {},
                               .dump = [](int) {},
                               .reaped =
                                   [&](pid_t pid, int status) {
                                     if (pid == compiler.pid()) {
                                       compiler.ended(status);
                                     }
                                   }});
  if (Status watched = signals.watch(); !watched) {
    return watched.error();
  }
  if (Status started = compiler.start({.file = line.configFile,
                                       .configId = line.configId,
                                       .allIncludeChecks = line.allIncludeChecks,
                                       .check = line.action == CommandLine::Action::kTest,
                                       .json = line.jsonDiagnostics,
                                       .dump = line.dumpConfig,
                                       .strict = line.strict,
                                       .assumedInterfaces = line.assumedInterfaces,
                                       .assumeAllInterfaces = line.assumeAllInterfaces,
                                       .withoutVrrp = !line.startVrrp,
                                       .withoutCheckers = !line.startChecker,
                                       .credentialsDirectory = line.credentialsDirectory,
                                       .variables = line.variables});
      !started) {
    return started.error();
  }
  if (Status ran = loop->run(); !ran) {
    return ran.error();
  }
  if (interrupted) {
    return Error{"interrupted while the configuration was read"};
  }
  return result;
}

}  // namespace holdfast::supervisor
