#include "policy/script_path.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

namespace holdfast::policy {
namespace {

constexpr int kMaxLinks = 40;
constexpr int kMaxSteps = 1024;      // components looked at, those seen again after a link included
constexpr int kMaxInterpreters = 5;  // of interpreters that are scripts, as in execve(2)
constexpr std::size_t kHeadBytes = 256;  // of the file, where the kernel looks for #!
constexpr std::string_view kShell = "/bin/sh";

bool isIdentity(ScriptIdentity identity) {
  return ::geteuid() == identity.uid && ::getegid() == identity.gid;
}

// By the mode's bits alone: one of S_IXOTH, S_IROTH.
bool permits(const struct stat& status, ScriptIdentity identity, mode_t bit) {
  if (identity.uid == 0) {
    return S_ISDIR(status.st_mode) || (status.st_mode & (bit | bit << 3 | bit << 6)) != 0;
  }
  if (status.st_uid == identity.uid) {
    return (status.st_mode & bit << 6) != 0;
  }
  if (status.st_gid == identity.gid) {
    return (status.st_mode & bit << 3) != 0;
  }
  return (status.st_mode & bit) != 0;
}

// One walk from "/" to what a path names.
class Walk {
 public:
  Walk(ScriptVerdict& verdict, ScriptIdentity identity, bool inInterpreter)
      : verdict_(verdict), identity_(identity), inInterpreter_(inInterpreter) {}

  // False where the end was not reached; the verdict then says why.
  bool to(std::string_view path) {
    if (path.empty() || path.front() != '/') {
      return report(ScriptProblem::kNotAbsolute, std::string(path));
    }
    if (path.size() >= PATH_MAX) {
      return report(ScriptProblem::kTooLong, std::string(path.substr(0, 64)));
    }
    rest_ = path;
    if (!enterRoot()) {
      return false;
    }
    while (!rest_.empty()) {
      if (!step(takeName())) {
        return false;
      }
    }
    return true;
  }

  [[nodiscard]] const std::string& where() const { return where_; }
  [[nodiscard]] const struct stat& status() const { return status_; }
  [[nodiscard]] UniqueFd takeFile() { return std::move(current_); }

  // The file's first bytes, read through a descriptor of the same file.
  bool readHead(std::array<char, kHeadBytes>& head, std::size_t& size) {
    const UniqueFd file(::openat(parent_.get(), name_.c_str(),
                                 O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat opened {};
    if (!file && errno == EACCES && !isIdentity(identity_)) {
      return report(ScriptProblem::kUnchecked, where_, EACCES);
    }
    if (!file || ::fstat(file.get(), &opened) != 0) {
      return false;
    }
    if (opened.st_dev != status_.st_dev || opened.st_ino != status_.st_ino) {
      return report(ScriptProblem::kChanged, where_);
    }
    const ssize_t got = ::pread(file.get(), head.data(), head.size(), 0);
    size = got > 0 ? static_cast<std::size_t>(got) : 0;
    return got >= 0;
  }

  bool report(ScriptProblem problem, std::string component, int error = 0) {
    ScriptFinding finding;
    finding.problem = problem;
    finding.component = std::move(component);
    finding.inInterpreter = inInterpreter_;
    finding.error = error;
    return keep(std::move(finding));
  }

  bool reportStatus(ScriptProblem problem) {
    ScriptFinding finding;
    finding.problem = problem;
    finding.component = where_.empty() ? "/" : where_;
    finding.inInterpreter = inInterpreter_;
    finding.hasStatus = true;
    finding.owner = status_.st_uid;
    finding.group = status_.st_gid;
    finding.mode = status_.st_mode;
    return keep(std::move(finding));
  }

 private:
  bool keep(ScriptFinding finding) {
    std::optional<ScriptFinding>* slot = nullptr;
    switch (severityOf(finding.problem)) {
      case ScriptSeverity::kUnchecked:
        slot = &verdict_.unchecked;
        break;
      case ScriptSeverity::kUnsafe:
        slot = &verdict_.unsafe;
        break;
      case ScriptSeverity::kUnusable:
        slot = &verdict_.unusable;
        break;
    }
    if (!slot->has_value()) {
      *slot = std::move(finding);
    }
    return false;
  }

  std::string takeName() {
    const std::size_t begin = std::min(rest_.find_first_not_of('/'), rest_.size());
    const std::size_t end = std::min(rest_.find('/', begin), rest_.size());
    std::string name = rest_.substr(begin, end - begin);
    rest_.erase(0, end);
    return name;
  }

  bool enterRoot() {
    where_.clear();
    parent_.reset();
    current_.reset(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!current_ || ::fstat(current_.get(), &status_) != 0) {
      return report(ScriptProblem::kUnreadable, "/", errno);
    }
    judge();
    return true;
  }

  bool step(const std::string& name) {
    if (++steps_ > kMaxSteps) {
      return report(ScriptProblem::kTooLong, where_);
    }
    if (name.empty()) {  // a slash at the end: only a directory may have one
      return S_ISDIR(status_.st_mode) || report(ScriptProblem::kNotADirectory, where_);
    }
    if (!S_ISDIR(status_.st_mode)) {
      return reportStatus(ScriptProblem::kNotADirectory);
    }
    if (name == ".") {
      return true;
    }
    if (name == "..") {
      where_.resize(where_.empty() ? 0 : where_.rfind('/'));
      return restart(where_ + rest_);
    }
    return enter(name);
  }

  bool enter(const std::string& name) {
    UniqueFd found(::openat(current_.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    const std::string before = where_;
    where_ += '/';
    where_ += name;
    if (!found || ::fstat(found.get(), &status_) != 0) {
      return reportOpenError(errno);
    }
    judge();
    if (S_ISLNK(status_.st_mode)) {
      return follow(found.get(), before);
    }
    name_ = name;
    parent_ = std::move(current_);
    current_ = std::move(found);
    return true;
  }

  bool reportOpenError(int error) {
    switch (error) {
      case ENOENT:
        return report(ScriptProblem::kMissing, where_);
      case ENOTDIR:
        return report(ScriptProblem::kNotADirectory, where_);
      case ENAMETOOLONG:
        return report(ScriptProblem::kTooLong, where_.substr(0, 64));
      case EACCES:
        return report(
            isIdentity(identity_) ? ScriptProblem::kNotReachable : ScriptProblem::kUnchecked,
            where_, error);
      default:
        return report(ScriptProblem::kUnreadable, where_, error);
    }
  }

  bool follow(int link, const std::string& directory) {
    if (++links_ > kMaxLinks) {
      return report(ScriptProblem::kTooManyLinks, where_);
    }
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlinkat(link, "", target.data(), target.size());
    if (size <= 0) {
      return report(ScriptProblem::kUnreadable, where_, errno);
    }
    const std::string_view text(target.data(), static_cast<std::size_t>(size));
    if (text.size() + rest_.size() >= PATH_MAX) {
      return report(ScriptProblem::kTooLong, where_);
    }
    if (text.front() == '/') {
      return restart(std::string(text) + rest_);
    }
    std::string rest("/");
    rest.append(text).append(rest_);
    rest_ = std::move(rest);
    where_ = directory;
    return ::fstat(current_.get(), &status_) == 0 ||
           report(ScriptProblem::kUnreadable, where_, errno);
  }

  // Begins again at "/": what ".." and an absolute link lead to is then judged as anything else is.
  bool restart(std::string path) {
    rest_ = std::move(path);
    return enterRoot();
  }

  // Owner and mode of what status_ and where_ are about.
  void judge() {
    if (status_.st_uid != 0 && status_.st_uid != identity_.uid) {
      reportStatus(ScriptProblem::kForeignOwner);
    }
    if (S_ISLNK(status_.st_mode)) {
      return;  // its mode means nothing
    }
    const bool isDirectory = S_ISDIR(status_.st_mode);
    const bool sticky = isDirectory && (status_.st_mode & S_ISVTX) != 0;
    if ((status_.st_mode & S_IWOTH) != 0 && !sticky) {
      reportStatus(ScriptProblem::kOtherWritable);
    } else if ((status_.st_mode & S_IWGRP) != 0 && !sticky && status_.st_gid != 0) {
      reportStatus(ScriptProblem::kGroupWritable);
    }
    if (isDirectory && !isIdentity(identity_) && !permits(status_, identity_, S_IXOTH)) {
      reportStatus(ScriptProblem::kNotReachable);
    }
  }

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

// What follows #! up to the next blank, as execve(2) reads it.
std::string interpreterIn(std::string_view head) {
  head = head.substr(2, head.find('\n') - 2);
  const std::size_t begin = std::min(head.find_first_not_of(" \t"), head.size());
  head.remove_prefix(begin);
  head = head.substr(0, head.find_first_of(std::string_view(" \t\0", 3)));
  // The kernel looks for a relative one in the working directory, which is "/".
  std::string path(head.empty() || head.front() == '/' ? "" : "/");
  return path.append(head);
}

ScriptFormat formatOf(std::string_view head) {
  if (head.starts_with("#!")) {
    return ScriptFormat::kInterpreted;
  }
  return head.starts_with("\177ELF") ? ScriptFormat::kElf : ScriptFormat::kPlainText;
}

// Walks to the file at `path` and judges it; what it is goes to the verdict only for the script.
void walkFile(ScriptVerdict& verdict, std::string_view path, ScriptIdentity identity, int depth) {
  Walk walk(verdict, identity, depth > 0);
  if (!walk.to(path)) {
    return;
  }
  if (!S_ISREG(walk.status().st_mode)) {
    walk.reportStatus(ScriptProblem::kNotRegular);
    return;
  }
  std::array<char, kHeadBytes> head{};
  std::size_t size = 0;
  const bool readable = walk.readHead(head, size);
  UniqueFd file = walk.takeFile();
  if (!mayExecute(file.get(), walk.status(), identity)) {
    walk.reportStatus(ScriptProblem::kNotExecutable);
  }
  const std::string_view text(head.data(), size);
  const ScriptFormat format = readable ? formatOf(text) : ScriptFormat::kUnknown;
  const std::string interpreter = format == ScriptFormat::kInterpreted ? interpreterIn(text)
                                  : format == ScriptFormat::kPlainText ? std::string(kShell)
                                                                       : std::string();
  if (depth == 0) {
    verdict.file = std::move(file);
    verdict.format = format;
    verdict.interpreter = interpreter;
  }
  if (!interpreter.empty() && depth < kMaxInterpreters) {
    walkFile(verdict, interpreter, identity, depth + 1);
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

bool isSafeDirectory(std::string_view path, ScriptIdentity identity) {
  ScriptVerdict verdict;
  Walk walk(verdict, identity, false);
  if (!walk.to(path) || !S_ISDIR(walk.status().st_mode) || verdict.worst() != nullptr) {
    return false;
  }
  // Sticky is not enough at the end: who may add a file there could add a command.
  const bool groupWritable = (walk.status().st_mode & S_IWGRP) != 0 && walk.status().st_gid != 0;
  return !groupWritable && (walk.status().st_mode & S_IWOTH) == 0;
}

}  // namespace holdfast::policy
