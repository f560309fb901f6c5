#include "policy/path_walk.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <utility>

namespace holdfast::policy {
namespace {

constexpr int kMaxLinks = 40;
constexpr int kMaxSteps = 1024;  // components looked at, those seen again after a link included

}  // namespace

bool isIdentity(ScriptIdentity identity) {
  return ::geteuid() == identity.uid && ::getegid() == identity.gid;
}

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

bool PathWalk::to(std::string_view path) {
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

bool PathWalk::readHead(std::span<char> head, std::size_t& size) {
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

bool PathWalk::report(ScriptProblem problem, std::string component, int error) {
  ScriptFinding finding;
  finding.problem = problem;
  finding.component = std::move(component);
  finding.inInterpreter = inInterpreter_;
  finding.error = error;
  return keep(std::move(finding));
}

bool PathWalk::reportStatus(ScriptProblem problem) {
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

bool PathWalk::keep(ScriptFinding finding) {
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

std::string PathWalk::takeName() {
  const std::size_t begin = std::min(rest_.find_first_not_of('/'), rest_.size());
  const std::size_t end = std::min(rest_.find('/', begin), rest_.size());
  std::string name = rest_.substr(begin, end - begin);
  rest_.erase(0, end);
  return name;
}

bool PathWalk::enterRoot() {
  where_.clear();
  parent_.reset();
  current_.reset(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!current_ || ::fstat(current_.get(), &status_) != 0) {
    return report(ScriptProblem::kUnreadable, "/", errno);
  }
  judge();
  return true;
}

bool PathWalk::step(const std::string& name) {
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

bool PathWalk::enter(const std::string& name) {
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

bool PathWalk::reportOpenError(int error) {
  switch (error) {
    case ENOENT:
      return report(ScriptProblem::kMissing, where_);
    case ENOTDIR:
      return report(ScriptProblem::kNotADirectory, where_);
    case ENAMETOOLONG:
      return report(ScriptProblem::kTooLong, where_.substr(0, 64));
    case EACCES:
      return report(
          isIdentity(identity_) ? ScriptProblem::kNotReachable : ScriptProblem::kUnchecked, where_,
          error);
    default:
      return report(ScriptProblem::kUnreadable, where_, error);
  }
}

bool PathWalk::follow(int link, const std::string& directory) {
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
bool PathWalk::restart(std::string path) {
  rest_ = std::move(path);
  return enterRoot();
}

// Owner and mode of what status_ and where_ are about.
void PathWalk::judge() {
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

}  // namespace holdfast::policy
