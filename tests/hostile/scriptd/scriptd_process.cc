#include "scriptd/scriptd_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "ipc/descriptors.h"
#include "ipc/event_loop.h"
#include "ipc/sealed.h"

namespace holdfast::scriptd {
namespace {

constexpr Duration kPatience = std::chrono::seconds(20);

bool waitReadable(int fd, TimePoint until) {
  const Duration left = until - EventLoop::now();
  pollfd poll{fd, POLLIN, 0};
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(left).count();
  return milliseconds > 0 && ::poll(&poll, 1, static_cast<int>(milliseconds)) > 0;
}

std::vector<char*> pointersTo(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) {
    pointers.push_back(word.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

template <typename List>
void setWords(List list, const std::vector<std::string>& words) {
  for (unsigned i = 0; i < words.size(); ++i) {
    list.set(i, kj::StringPtr(words[i].c_str(), words[i].size()));
  }
}

}  // namespace

ScriptdProcess::ScriptdProcess(const Plan& plan) : plan_(plan) {
  auto control = Channel::createPair();
  auto log = Channel::createPair();
  control_ = Channel(std::move(control->first));
  logEnd_ = std::move(log->first);
  pid_ = ::fork();
  if (pid_ == 0) {
    live(plan, control->second.get(), log->second.get());
  }
}

ScriptdProcess::~ScriptdProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

void ScriptdProcess::live(const Plan& plan, int control, int log) const {
  std::vector<std::string> words{"holdfast-scriptd", std::to_string(plan.uid),
                                 std::to_string(plan.gid)};
  words.insert(words.end(), plan.words.begin(), plan.words.end());
  std::vector<std::string> environment = plan.environment;
  // Out of the way of the two numbers, then to them.
  const int controlCopy = ::fcntl(control, F_DUPFD, 100);
  const int logCopy = ::fcntl(log, F_DUPFD, 100);
  ::dup2(controlCopy, kControlFd);
  ::dup2(logCopy, kLogFd);
  ::close(controlCopy);
  ::close(logCopy);
  plan.before();
  ::execve(HOLDFAST_SCRIPTD, pointersTo(words).data(), pointersTo(environment).data());
  ::_exit(126);
}

UniqueFd ScriptdProcess::sealedConfig() const {
  SealedBuilder message("scripts");
  auto config = message.initRoot<schema::ScriptConfig>();
  config.setUserName("tester");
  config.setUid(plan_.uid);
  config.setGid(plan_.gid);
  config.setScriptSecurity(plan_.scriptSecurity);
  auto scripts = config.initScripts(static_cast<unsigned>(plan_.scripts.size()));
  for (unsigned i = 0; i < scripts.size(); ++i) {
    const PlannedScript& script = plan_.scripts[i];
    scripts[i].setName(script.name);
    scripts[i].setIntervalNs(static_cast<std::uint64_t>(script.interval.count()));
    scripts[i].setTimeoutNs(static_cast<std::uint64_t>(script.timeout.count()));
    setWords(scripts[i].initArguments(static_cast<unsigned>(script.arguments.size())),
             script.arguments);
  }
  auto hooks = config.initHooks(static_cast<unsigned>(plan_.hooks.size()));
  for (unsigned i = 0; i < hooks.size(); ++i) {
    const PlannedHook& hook = plan_.hooks[i];
    hooks[i].setInstanceName(hook.instance);
    hooks[i].setEvent(hook.event);
    hooks[i].setAppendState(hook.appendState);
    setWords(hooks[i].initArguments(static_cast<unsigned>(hook.arguments.size())), hook.arguments);
  }
  return std::move(message.seal()).value();
}

void ScriptdProcess::request(schema::ControlRequest::Verb verb, int fd) {
  MessageBuffer<schema::ControlRequest> message;
  message.root().setVerb(verb);
  message.root().setPeer(schema::ControlRequest::Peer::VRRPD);
  message.root().setGeneration(kGeneration);
  static_cast<void>(fd < 0 ? control_.send(message) : control_.send(message, fd));
}

std::optional<std::uint32_t> ScriptdProcess::load(int fd) {
  request(schema::ControlRequest::Verb::LOAD, fd);
  Received received;
  while (waitReadable(control_.fd(), EventLoop::now() + kPatience)) {
    control_.receive(received);
    if (received.kind != Received::Kind::kMessage) {
      return std::nullopt;
    }
    const Decoded<schema::ControlEvent> decoded(received.segment());
    if (decoded && decoded.root().getKind() == schema::ControlEvent::Kind::LOADED) {
      return decoded.root().getResult();
    }
  }
  return std::nullopt;
}

void ScriptdProcess::attach() {
  auto pair = Channel::createPair();
  vrrpd_ = Channel(std::move(pair->first));
  request(schema::ControlRequest::Verb::ATTACH, pair->second.get());
}

bool ScriptdProcess::begin() {
  const UniqueFd config = sealedConfig();
  if (load(config.get()) != std::optional<std::uint32_t>(0)) {
    return false;
  }
  attach();
  hello();
  request(schema::ControlRequest::Verb::START);
  Received received;
  while (waitReadable(control_.fd(), EventLoop::now() + kPatience)) {
    control_.receive(received);
    const Decoded<schema::ControlEvent> decoded(received.segment());
    if (received.kind != Received::Kind::kMessage || !decoded) {
      return false;
    }
    if (decoded.root().getKind() == schema::ControlEvent::Kind::READY) {
      return true;
    }
  }
  return false;
}

void ScriptdProcess::hello() {
  MessageBuffer<schema::ScriptRequest> message;
  message.root().setVerb(schema::ScriptRequest::Verb::HELLO);
  message.root().setGeneration(kGeneration);
  static_cast<void>(vrrpd_.send(message));
}

void ScriptdProcess::notify(std::uint32_t hook, schema::VrrpState state, std::uint32_t sequence) {
  MessageBuffer<schema::ScriptRequest> message;
  auto root = message.root();
  root.setVerb(schema::ScriptRequest::Verb::NOTIFY);
  root.setGeneration(kGeneration);
  root.setScript(hook);
  root.setState(state);
  root.setPriority(100);
  root.setSequence(sequence);
  static_cast<void>(vrrpd_.send(message));
}

void ScriptdProcess::sendRaw(const std::string& bytes, int fd) {
  const auto span = std::as_bytes(std::span(bytes.data(), bytes.size()));
  static_cast<void>(fd < 0 ? vrrpd_.sendBytes(span) : vrrpd_.sendBytesWithDescriptor(span, fd));
}

std::optional<schema::ScriptEvent::Kind> ScriptdProcess::nextEvent() {
  Received received;
  if (!waitReadable(vrrpd_.fd(), EventLoop::now() + kPatience)) {
    return std::nullopt;
  }
  vrrpd_.receive(received);
  const Decoded<schema::ScriptEvent> decoded(received.segment());
  if (received.kind != Received::Kind::kMessage || !decoded) {
    return std::nullopt;
  }
  const auto event = decoded.root();
  EXPECT_EQ(event.getGeneration(), kGeneration);
  lastReport_ = {event.getScript(), event.getOutcome(), event.getStatus()};
  return event.getKind();
}

std::optional<RunReport> ScriptdProcess::nextReport() {
  while (const auto kind = nextEvent()) {
    if (*kind == schema::ScriptEvent::Kind::RESULT) {
      return lastReport_;
    }
  }
  return std::nullopt;
}

bool ScriptdProcess::waitForHelloEnd() {
  while (const auto kind = nextEvent()) {
    if (*kind == schema::ScriptEvent::Kind::HELLO_END) {
      return true;
    }
  }
  return false;
}

bool ScriptdProcess::waitForStopped() {
  Received received;
  while (waitReadable(control_.fd(), EventLoop::now() + kPatience)) {
    control_.receive(received);
    const Decoded<schema::ControlEvent> decoded(received.segment());
    if (received.kind != Received::Kind::kMessage || !decoded) {
      return false;
    }
    if (decoded.root().getKind() == schema::ControlEvent::Kind::STOPPED) {
      return true;
    }
  }
  return false;
}

const std::vector<std::string>& ScriptdProcess::log() {
  std::array<capnp::word, 256> words{};
  for (ssize_t got = 0;
       (got = ::recv(logEnd_.get(), words.data(), sizeof(words), MSG_DONTWAIT)) > 0;) {
    const kj::ArrayPtr<const capnp::word> segment(words.data(), static_cast<std::size_t>(got) / 8);
    capnp::SegmentArrayMessageReader reader(kj::arrayPtr(&segment, 1));
    log_.emplace_back(reader.getRoot<schema::LogLine>().getText().cStr());
  }
  return log_;
}

bool ScriptdProcess::waitForLog(const std::string& part) {
  const TimePoint until = EventLoop::now() + kPatience;
  do {
    for (const std::string& line : log()) {
      if (line.find(part) != std::string::npos) {
        return true;
      }
    }
  } while (waitReadable(logEnd_.get(), until) && EventLoop::now() < until);
  return false;
}

bool ScriptdProcess::vrrpdChannelClosed() {
  Received received;
  while (waitReadable(vrrpd_.fd(), EventLoop::now() + kPatience)) {
    vrrpd_.receive(received);
    if (received.kind == Received::Kind::kEndOfFile) {
      return true;
    }
  }
  return false;
}

int ScriptdProcess::waitForExit() {
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0U)));
  if (!waitReadable(process.get(), EventLoop::now() + kPatience)) {
    return -1;
  }
  int status = 0;
  ::waitpid(std::exchange(pid_, -1), &status, 0);
  return status;
}

bool ScriptdProcess::alive() const {
  return pid_ > 0 && ::kill(pid_, 0) == 0;
}

}  // namespace holdfast::scriptd
