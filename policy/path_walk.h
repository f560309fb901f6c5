// One walk from "/" to what a path names, without letting the kernel follow anything: the mechanism
// behind script_path.h. Reports each component that is not as it should be into a verdict.
#pragma once

#include <sys/stat.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "ipc/unique_fd.h"
#include "policy/script_path.h"

namespace holdfast::policy {

// Whether this process runs as the identity, so that the kernel's own answers are the identity's.
[[nodiscard]] bool isIdentity(ScriptIdentity identity);

// By the mode's bits alone; `bit` is one of S_IXOTH, S_IROTH.
[[nodiscard]] bool permits(const struct stat& status, ScriptIdentity identity, mode_t bit);

class PathWalk {
 public:
  PathWalk(ScriptVerdict& verdict, ScriptIdentity identity, bool inInterpreter)
      : verdict_(verdict), identity_(identity), inInterpreter_(inInterpreter) {}

  // False where the end was not reached; the verdict then says why.
  bool to(std::string_view path);

  // Of what was reached.
  [[nodiscard]] const struct stat& status() const { return status_; }
  [[nodiscard]] UniqueFd takeFile() { return std::move(current_); }
  // The first bytes of a regular file, read through another descriptor of the same file. False
  // where it cannot be read.
  [[nodiscard]] bool readHead(std::span<char> head, std::size_t& size);

  // Adds a finding about the present place, with its owner and mode. Always false.
  bool reportStatus(ScriptProblem problem);

 private:
  bool report(ScriptProblem problem, std::string component, int error = 0);
  bool keep(ScriptFinding finding);
  [[nodiscard]] std::string takeName();
  bool enterRoot();
  bool step(const std::string& name);
  bool enter(const std::string& name);
  bool follow(int link, const std::string& directory);
  bool restart(std::string path);
  bool reportOpenError(int error);
  void judge();

  ScriptVerdict& verdict_;
  ScriptIdentity identity_;
  bool inInterpreter_;
  std::string rest_;   // still to be walked
  std::string where_;  // of current_, without links; empty is "/"
  UniqueFd current_;
  UniqueFd parent_;  // of current_, and its name in there
  std::string name_;
  struct stat status_ {};
  int links_ = 0;
  int steps_ = 0;
};

}  // namespace holdfast::policy
