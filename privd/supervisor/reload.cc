// A reload, step by step: confd compiles; privd loads the new configuration beside the old one;
// vrrpd and the scriptds are replaced, and go on from what privd has noted; privd retires the old.
// Until the last step everything can go back to where it was.
#include <algorithm>
#include <csignal>
#include <utility>

#include "privd/supervisor/process_start.h"
#include "privd/supervisor/supervisor.h"

namespace holdfast::supervisor {
namespace {

using schema::ControlEvent;

constexpr std::size_t kMaxReport = 65536;
constexpr Duration kFarewell = std::chrono::seconds(2);

std::vector<std::pair<uid_t, gid_t>> identitiesOf(const Plan& plan) {
  std::vector<std::pair<uid_t, gid_t>> ids;
  for (const IdentityPlan& identity : plan.identities) {
    ids.emplace_back(identity.uid, identity.gid);
  }
  return ids;
}

// Where a path can make the supervisor write or read.
std::vector<std::string> filesOf(const Plan& plan) {
  return {plan.statsDumpFile, plan.stateDumpFile,  plan.jsonDumpFile,       plan.reloadCheckLog,
          plan.reloadFile,    plan.reloadTimeFile, plan.configSaveDirectory};
}

// Files may go at a reload, but not come.
bool hasOtherFiles(const Plan& plan, const Plan& now) {
  const std::vector<std::string> wanted = filesOf(plan);
  const std::vector<std::string> permitted = filesOf(now);
  return !std::equal(wanted.begin(), wanted.end(), permitted.begin(),
                     [](const std::string& path, const std::string& present) {
                       return path.empty() || path == present;
                     });
}

}  // namespace

void Supervisor::reload() {
  if (phase_ != Phase::kRunning || compiler_ || next_ || previous_) {
    parts_.log.own(kInfo, "Reload already in progress, request queued", 1);
    reloadAgain_ = phase_ != Phase::kStopping;
    return;
  }
  reloadAgain_ = false;
  parts_.log.own(kInfo, "Reloading ...");
  parts_.manager.reloading();
  markReading();
  report_.clear();
  compiler_ = std::make_unique<Compiler>(
      parts_.loop,
      [this](const LogRecord& record) {
        parts_.log.write(record);
        if (report_.size() < kMaxReport) {
          report_ += std::string(record.text) + '\n';
        }
      },
      [this](Compilation compilation) { compiled(std::move(compilation)); });
  const CommandLine& line = parts_.line;
  if (Status started = compiler_->start({.file = line.configFile,
                                         .configId = line.configId,
                                         .allIncludeChecks = line.allIncludeChecks,
                                         .withoutVrrp = !line.startVrrp,
                                         .withoutCheckers = !line.startChecker,
                                         .credentialsDirectory = line.credentialsDirectory,
                                         .variables = line.variables});
      !started) {
    compilerFailed(started.error().message);
  }
}

void Supervisor::markReading() {
  if (running_.plan.reloadFile.empty()) {
    return;
  }
  if (auto mark = ReadingMark::make(running_.plan.reloadFile)) {
    readingMark_ = std::move(mark).value();
  } else {
    parts_.log.own(kWarning, mark.error().message);
  }
}

// Why it is not taken.
std::string Supervisor::refusal(const Compilation& compilation) const {
  const Plan& now = running_.plan;
  if (!now.reloadCheckConfig) {
    return "the new configuration cannot be used" +
           (compilation.failure.empty() ? "" : ": " + compilation.failure);
  }
  const std::string refused = "New config failed validation";
  if (now.reloadCheckLog.empty()) {
    return refused;
  }
  const Status written = writeReport(now.reloadCheckLog, report_);
  return refused + (written ? ", see " + now.reloadCheckLog + " for details"
                            : "; " + written.error().message);
}

// A confd that runs all the same is ended, and is nobody's by the time that it is reaped.
void Supervisor::compilerFailed(const std::string& why) {
  if (compiler_->pid() > 0) {
    ::kill(compiler_->pid(), SIGKILL);
  }
  compiler_.reset();
  readingMark_.reset();
  endReload(why);
}

void Supervisor::compiled(Compilation compilation) {
  readingMark_.reset();
  if (phase_ == Phase::kStopping) {
    return;
  }
  if (!compilation.sealed || (running_.plan.reloadCheckConfig && compilation.exitCode != 0)) {
    endReload(refusal(compilation));
    return;
  }
  auto plan = planOf(compilation, parts_.line, parts_.site);
  const Status usable = plan ? fits(*plan) : Status(plan.error());
  if (!usable) {
    endReload(usable.error().message);
    return;
  }
  scriptCheck_.start(*plan);
  if (!plan->hasWork()) {
    running_.plan = std::move(plan).value();
    endReload("");
    return;
  }
  newest_ = static_cast<Generation>(static_cast<std::uint32_t>(newest_) + 1);
  next_ = Running{std::move(plan).value(), std::move(compilation), newest_};
  handConfig(privd(), *next_, false);
  limitStart();
}

// Privileges can shrink at a reload, but what has been dropped is gone.
Status Supervisor::fits(const Plan& plan) const {
  const Plan& now = running_.plan;
  const std::string restart = " at a reload - please restart";
  if (plan.netNamespace != now.netNamespace) {
    return Error{"Cannot change network namespace" + restart};
  }
  if (plan.instanceName != now.instanceName) {
    return Error{"Cannot change instance name" + restart};
  }
  if (plan.startVrrp != now.startVrrp) {
    return Error{"Cannot start or end VRRP" + restart};
  }
  if (plan.startChecker != now.startChecker) {
    return Error{"Cannot start or end health checking" + restart};
  }
  if (plan.pings && !now.pings) {
    return Error{"Cannot begin to send echo requests (PING_CHECK)" + restart};
  }
  if (plan.disableLocalIgmp != now.disableLocalIgmp) {
    return Error{"Cannot change disable_local_igmp" + restart};
  }
  if (plan.bindsLowPorts && !now.bindsLowPorts) {
    return Error{"Cannot begin to bind checks to ports below 1024 (bind_port)" + restart};
  }
  if (plan.scriptNoNewPrivileges != now.scriptNoNewPrivileges ||
      plan.scriptSetuidPrograms != now.scriptSetuidPrograms) {
    return Error{"Cannot change script_no_new_privs or script_setuid_programs" + restart};
  }
  if (Status fifos = parts_.fifos.fits(plan); !fifos) {
    return Error{fifos.error().message + restart};
  }
  // The supervisor writes them as who started it, and confd alone says where they are.
  if (hasOtherFiles(plan, now)) {
    return Error{"Cannot name another file that the daemon writes or watches" + restart};
  }
  const auto permitted = identitiesOf(now);
  for (const IdentityPlan& identity : plan.identities) {
    if (std::find(permitted.begin(), permitted.end(), std::pair(identity.uid, identity.gid)) ==
        permitted.end()) {
      return Error{"Cannot run scripts as another user (" + identity.userName + ")" + restart};
    }
  }
  return success();
}

bool Supervisor::reloadConcerns(const Worker& worker, ControlEvent::Reader event) const {
  const auto generation = static_cast<Generation>(event.getGeneration());
  const WorkerId id = worker.spec().id;
  const bool answersNow = farewell_.armed() ? id == kCheckd : id == kPrivd;
  return (next_ && answersNow && generation == next_->generation) ||
         (previous_ && generation == running_.generation && event.getResult() != 0);
}

// Either privd has answered for the new configuration, or a new worker has refused it.
void Supervisor::continueReload(bool loaded) {
  if (next_) {
    if (!loaded && !farewell_.armed()) {
      next_.reset();
      endReload("the new configuration cannot be used");
      return;
    }
    if (farewell_.armed()) {
      takeNext();
    } else {
      sayFarewell();
    }
    return;
  }
  rollBack();
}

// What is not in the next configuration goes down, and only the present processes know whom that
// concerns.
void Supervisor::sayFarewell() {
  Worker* const checkd = crew_.find(kCheckd);
  if (checkd == nullptr || checkd->state() != Worker::State::kReady) {
    takeNext();
    return;
  }
  startLimit_.disarm();
  handConfig(*checkd, *next_, false);
  farewell_.arm(EventLoop::now() + kFarewell);
}

void Supervisor::takeNext() {
  farewell_.disarm();
  if (next_ && phase_ == Phase::kRunning) {
    Running by = std::move(*next_);
    next_.reset();
    replaceWorkers(std::move(by));
  }
}

// Once: when the old configuration fares no better, its workers are started again like any other.
void Supervisor::rollBack() {
  if (previous_ && !std::exchange(rolledBack_, true)) {
    Running back = std::move(*previous_);
    replaceWorkers(std::move(back));
  }
}

void Supervisor::replaceWorkers(Running by) {
  previous_ = std::exchange(running_, std::move(by));
  stateDump_.abandon();
  for (auto& worker : crew_.removeAllBut(kPrivd)) {
    worker->cancelRespawn();
    if (!worker->running()) {
      continue;
    }
    if (worker->spec().id == kVrrpd || worker->spec().id == kCheckd) {
      // Not told to stop: it would give its addresses or servers up. It has noted where it was.
      worker->kill(SIGKILL);
    } else {
      worker->stop();
      worker->endAfter(running_.plan.childWait, "did not leave");
    }
    leaving_.push_back(std::move(worker));
  }
  parts_.fifos.open(running_.plan, parts_.log);
  engage();
  limitStart();
  startWorkers();
}

void Supervisor::finishReload() {
  if (previous_ && everybodyIsReady()) {
    endReload(rolledBack_ ? "the new configuration cannot be used" : "");
  }
}

// `failure` is empty for a reload that is complete.
void Supervisor::endReload(const std::string& failure) {
  startLimit_.disarm();
  if (previous_) {
    privd().retire(previous_->generation);
    parts_.fifos.keepOnly(running_.plan);
  }
  previous_.reset();
  rolledBack_ = false;
  if (failure.empty()) {
    configCopies_.save(running_.plan);
    setProcessName(running_.plan.processName);
    parts_.log.own(kInfo, "Reload complete");
    parts_.manager.ready("running");
  } else {
    parts_.log.own(kError, failure + ". The old configuration stays in force");
    parts_.manager.ready("running; the last reload failed: " + failure);
  }
  schedule_.watch(running_.plan.reloadTimeFile, running_.plan.reloadRepeat);
  if (reloadAgain_) {
    reload();
  }
}

}  // namespace holdfast::supervisor
