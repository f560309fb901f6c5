// The real holdfast-scriptd, started as the supervisor starts it, with the test as its supervisor
// and as its vrrpd.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ipc/channel.h"
#include "ipc/schemas/config.capnp.h"
#include "ipc/schemas/messages.capnp.h"
#include "ipc/time.h"
#include "ipc/unique_fd.h"

namespace holdfast::scriptd {

struct PlannedScript {
  std::string name;
  std::vector<std::string> arguments;
  Duration interval = std::chrono::hours(1);
  Duration timeout = std::chrono::hours(1);
};
struct PlannedHook {
  std::string instance;
  schema::NotifyHook::Event event = schema::NotifyHook::Event::ANY;
  std::vector<std::string> arguments;
  bool appendState = true;
};

struct Plan {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<std::string> words;        // after uid and gid on the command line
  std::function<void()> before = [] {};  // in the child, before exec
  std::vector<std::string> environment;
  bool scriptSecurity = true;
  std::vector<PlannedScript> scripts;
  std::vector<PlannedHook> hooks;
};

struct RunReport {
  std::uint32_t script = 0;
  schema::ScriptEvent::Outcome outcome = schema::ScriptEvent::Outcome::EXITED;
  std::uint32_t status = 0;
};

class ScriptdProcess {
 public:
  static constexpr std::uint32_t kGeneration = 7;

  explicit ScriptdProcess(const Plan& plan);
  ~ScriptdProcess();
  ScriptdProcess(const ScriptdProcess&) = delete;
  ScriptdProcess& operator=(const ScriptdProcess&) = delete;

  // load, attach, start, hello; waits for `loaded` and `ready`. False when it refuses.
  [[nodiscard]] bool begin();
  // The answer to a load of any descriptor: ControlEvent.result.
  [[nodiscard]] std::optional<std::uint32_t> load(int fd);
  void attach();
  void request(schema::ControlRequest::Verb verb, int fd = -1);
  void hello();
  void notify(std::uint32_t hook, schema::VrrpState state, std::uint32_t sequence);
  // Any bytes on vrrpd's channel.
  void sendRaw(const std::string& bytes, int fd = -1);

  // Each waits at most 20 seconds.
  [[nodiscard]] std::optional<RunReport> nextReport();
  [[nodiscard]] bool waitForHelloEnd();
  [[nodiscard]] bool waitForStopped();
  [[nodiscard]] bool waitForLog(const std::string& part);
  [[nodiscard]] bool vrrpdChannelClosed();
  // The wait status; -1 when it does not end.
  [[nodiscard]] int waitForExit();

  [[nodiscard]] bool alive() const;
  [[nodiscard]] pid_t pid() const { return pid_; }
  void closeControl() { control_.close(); }
  [[nodiscard]] const std::vector<std::string>& log();
  [[nodiscard]] UniqueFd sealedConfig() const;

 private:
  [[noreturn]] void live(const Plan& plan, int control, int log) const;
  [[nodiscard]] std::optional<schema::ScriptEvent::Kind> nextEvent();

  Plan plan_;
  pid_t pid_ = -1;
  Channel control_;
  Channel vrrpd_;
  UniqueFd logEnd_;
  std::vector<std::string> log_;
  RunReport lastReport_;
};

}  // namespace holdfast::scriptd
