#include "watchd/daemon.h"

#include <sys/inotify.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "ipc/answer_load.h"
#include "policy/sandbox.h"
#include "watchd/preparation.h"

namespace holdfast::watchd {

Daemon::Daemon(EventLoop& loop, Log& log, UniqueFd control)
    : loop_(loop),
      log_(log),
      control_(loop, std::move(control),
               {
                   .load = [this](Generation generation,
                                  const UniqueFd& sealed) { load(generation, sealed); },
                   .attach = [this](schema::ControlRequest::Peer peer, std::uint32_t,
                                    UniqueFd channel) { attach(peer, std::move(channel)); },
                   .start = [this] { start(); },
                   .stop = [this] { stop(); },
                   .retire = nullptr,
                   .dump = nullptr,
               }),
      vrrpd_(loop, log, "vrrpd", [this] { giveUp(); }),
      checkd_(loop, log, "checkd", [this] { giveUp(); }),
      privd_(loop, log, {.peer = "privd"},
             {.message = [this](Received& received) { return takeGrant(received); },
              .gone = [] {},
              .misbehaved = [this] { giveUp(); }}) {}

Status Daemon::run() {
  if (Status watching = control_.watch(); !watching) {
    return watching;
  }
  if (Status ran = loop_.run(); !ran) {
    return ran;
  }
  return failed_ ? Status(Error{"a peer broke the rules of its channel"}) : success();
}

void Daemon::load(Generation generation, const UniqueFd& sealed) {
  if (std::exchange(isLoaded_, true)) {
    control_.loaded(generation, EBUSY);
    return;
  }
  answerLoad<schema::WatchConfig>(
      control_, log_, generation, sealed,
      [this, generation](schema::WatchConfig::Reader config, std::uint32_t&) -> Status {
        const auto table = readWatchTable(config);
        return table ? adopt(generation, *table) : Status(table.error());
      });
}

Status Daemon::adopt(Generation generation, const WatchTable& table) {
  if (control_.isStart()) {
    initializeFiles(table.files, log_);
  }
  UniqueFd notifications(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!notifications) {
    return systemError("inotify_init1");
  }
  if (Status confined = confine(table); !confined) {
    return confined;
  }
  vrrpd_.configure(generation, table.files.size(), table.processes.size());
  checkd_.configure(generation, table.files.size(), 0);
  files_ = std::make_unique<FileWatcher>(loop_, log_, std::move(notifications), table.files,
                                         [this](std::size_t file, std::int32_t number) {
                                           vrrpd_.tellFile(file, number);
                                           checkd_.tellFile(file, number);
                                         });
  if (!table.processes.empty()) {
    processes_ = std::make_unique<ProcessWatcher>(
        loop_, log_, table.processes,
        [this](std::size_t monitor, std::uint32_t count, bool byFork) {
          vrrpd_.tellProcesses(monitor, count, byFork);
        });
  }
  return success();
}

Status Daemon::confine(const WatchTable& table) {
  const std::vector<UniqueFd> directories = directoriesOf(table, log_);
  std::vector<int> borrowed;
  for (const UniqueFd& directory : directories) {
    borrowed.push_back(directory.get());
  }
  const auto version = policy::confineToReading(borrowed);
  if (!version) {
    return version.error();
  }
  log_.detail("sandbox: seccomp on, " + (*version > 0
                                             ? "Landlock version " + std::to_string(*version)
                                             : std::string("no Landlock in this kernel")));
  return success();
}

void Daemon::attach(schema::ControlRequest::Peer peer, UniqueFd channel) {
  if (!isLoaded_) {
    return;
  }
  if (peer == schema::ControlRequest::Peer::VRRPD) {
    vrrpd_.attach(std::move(channel));
  } else if (peer == schema::ControlRequest::Peer::CHECKD) {
    checkd_.attach(std::move(channel));
  } else if (peer == schema::ControlRequest::Peer::PRIVD) {
    privd_.attach(std::move(channel));
  }
}

void Daemon::start() {
  if (!files_ || std::exchange(isStarted_, true)) {
    return;
  }
  if (Status watching = files_->start(); !watching) {
    log_.error(watching.error().message);
    giveUp();
    return;
  }
  if (processes_) {
    processes_->start();
  }
  control_.ready();
}

void Daemon::stop() {
  control_.stopped();
  loop_.stop();
}

// Only a new pair of channels helps, and only a process that starts again gets one.
void Daemon::giveUp() {
  failed_ = true;
  stop();
}

bool Daemon::takeGrant(Received& received) {
  const Decoded<schema::WatchGrant> decoded(received.segment());
  if (!decoded || received.fd.valid() == (decoded.root().getResult() != 0)) {
    return false;
  }
  if (processes_) {
    processes_->adoptConnector(std::move(received.fd),
                               static_cast<int>(decoded.root().getResult()));
  }
  return true;
}

}  // namespace holdfast::watchd
