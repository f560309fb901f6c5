#include "policy/script_path.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "policy/path_walk.h"
#include "policy/script_head.h"

namespace holdfast::policy {
namespace {

constexpr int kMaxInterpreters = 5;  // of interpreters that are scripts, as in execve(2)

bool mayExecute(int file, const struct stat& status, ScriptIdentity identity) {
  if (identity.uid == 0 || !isIdentity(identity)) {
    return permits(status, identity, S_IXOTH);
  }
  // Knows ACLs and mounts without execution.
  if (::faccessat(file, "", X_OK, AT_EMPTY_PATH) == 0) {
    return true;
  }
  return errno != EACCES && permits(status, identity, S_IXOTH);
}

// Walks to the file at `path` and judges it; what it is goes to the verdict only for the script.
void walkFile(ScriptVerdict& verdict, std::string_view path, ScriptIdentity identity, int depth) {
  PathWalk walk(verdict, identity, depth > 0);
  if (!walk.to(path)) {
    return;
  }
  if (!S_ISREG(walk.status().st_mode)) {
    walk.reportStatus(ScriptProblem::kNotRegular);
    return;
  }
  std::array<char, kScriptHeadBytes> bytes{};
  std::size_t size = 0;
  ScriptHead head;
  if (walk.readHead(bytes, size)) {
    head = parseScriptHead({bytes.data(), size});
  }
  UniqueFd file = walk.takeFile();
  if (!mayExecute(file.get(), walk.status(), identity)) {
    walk.reportStatus(ScriptProblem::kNotExecutable);
  }
  if (depth == 0) {
    verdict.file = std::move(file);
    verdict.format = head.format;
    verdict.interpreter = head.interpreter;
  }
  if (!head.interpreter.empty() && depth < kMaxInterpreters) {
    walkFile(verdict, head.interpreter, identity, depth + 1);
  }
}

}  // namespace

ScriptSeverity severityOf(ScriptProblem problem) {
  switch (problem) {
    case ScriptProblem::kNotAbsolute:
    case ScriptProblem::kMissing:
    case ScriptProblem::kNotADirectory:
    case ScriptProblem::kTooManyLinks:
    case ScriptProblem::kTooLong:
    case ScriptProblem::kNotRegular:
    case ScriptProblem::kNotExecutable:
    case ScriptProblem::kNotReachable:
    case ScriptProblem::kChanged:
    case ScriptProblem::kUnreadable:
      return ScriptSeverity::kUnusable;
    case ScriptProblem::kForeignOwner:
    case ScriptProblem::kGroupWritable:
    case ScriptProblem::kOtherWritable:
      return ScriptSeverity::kUnsafe;
    case ScriptProblem::kUnchecked:
      return ScriptSeverity::kUnchecked;
  }
  return ScriptSeverity::kUnusable;
}

const ScriptFinding* ScriptVerdict::worst() const {
  for (const std::optional<ScriptFinding>* finding : {&unusable, &unsafe, &unchecked}) {
    if (finding->has_value()) {
      return &finding->value();
    }
  }
  return nullptr;
}

ScriptVerdict walkScriptPath(std::string_view path, ScriptIdentity identity) {
  ScriptVerdict verdict;
  walkFile(verdict, path, identity, 0);
  return verdict;
}

Result<UniqueFd> openSafeDirectory(std::string_view path, ScriptIdentity identity) {
  ScriptVerdict verdict;
  PathWalk walk(verdict, identity, false);
  const bool reached = walk.to(path);
  if (!reached || verdict.unsafe) {
    return Error{describe(verdict.unsafe ? *verdict.unsafe : *verdict.worst(), identity), EPERM};
  }
  if (!S_ISDIR(walk.status().st_mode)) {
    return Error{std::string(path) + " is not a directory", ENOTDIR};
  }
  return walk.takeFile();
}

bool isSafeDirectory(std::string_view path, ScriptIdentity identity) {
  ScriptVerdict verdict;
  PathWalk walk(verdict, identity, false);
  if (!walk.to(path) || !S_ISDIR(walk.status().st_mode) || verdict.worst() != nullptr) {
    return false;
  }
  // Sticky is not enough at the end: who may add a file there could add a command.
  const bool groupWritable = (walk.status().st_mode & S_IWGRP) != 0 && walk.status().st_gid != 0;
  return !groupWritable && (walk.status().st_mode & S_IWOTH) == 0;
}

}  // namespace holdfast::policy
