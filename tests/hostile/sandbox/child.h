// A child process of the test that drops its privileges and then tries something. The child's end
// of the conversation are two pipes, which stay open through the drop; the parent looks at it in
// /proc.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "ipc/unique_fd.h"
#include "policy/sandbox.h"

namespace holdfast::policy {

// How a daemon can be started.
enum class StartMode {
  kRoot,         // uid 0 with everything
  kAmbient,      // as systemd's DynamicUser= with AmbientCapabilities=: no CAP_SETPCAP
  kUnprivileged  // a user in a shell, with -t
};

inline constexpr uid_t kNobody = 65534;

// Makes the calling process what `mode` says.
void becomeStarted(StartMode mode, CapabilitySet ambient);

class Child {
 public:
  struct Plan {
    std::function<void()> before = [] {};      // the state that it is started in
    SandboxRequest request;                    // its pipes are added to the kept descriptors
    std::function<void()> afterwards = [] {};  // what it tries; then it exits with 0
  };

  explicit Child(const Plan& plan);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  // What enterSandbox said: "" for success. Waits for it.
  [[nodiscard]] const std::string& refusal() const { return refusal_; }
  void letGo();
  // Lets it go on, and gives its wait status.
  [[nodiscard]] int finish();
  [[nodiscard]] int readEnd() const { return toChild_[0].get(); }
  [[nodiscard]] int writeEnd() const { return fromChild_[1].get(); }

 private:
  [[noreturn]] void live(const Plan& plan);

  pid_t pid_ = -1;
  UniqueFd toChild_[2];
  UniqueFd fromChild_[2];
  std::string refusal_;
};

// From a child's `afterwards`: ends it with a number that the parent sees as its exit status.
[[noreturn]] void say(bool asWished);

}  // namespace holdfast::policy
