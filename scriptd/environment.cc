#include "scriptd/environment.h"

#include <pwd.h>

#include <cstdio>
#include <memory>

namespace holdfast::scriptd {
namespace {

constexpr const char* kDirectories[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                                        "/usr/bin",        "/sbin",          "/bin"};

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

std::string homeOf(uid_t uid) {
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen("/etc/passwd", "re"));
  while (const passwd* entry = file ? ::fgetpwent(file.get()) : nullptr) {
    if (entry->pw_uid == uid && entry->pw_dir[0] == '/') {
      return entry->pw_dir;
    }
  }
  return "/";
}

std::string searchPath(policy::ScriptIdentity identity, bool scriptSecurity) {
  std::string path;
  for (const char* directory : kDirectories) {
    if (!scriptSecurity || policy::isSafeDirectory(directory, identity)) {
      path += path.empty() ? "" : ":";
      path += directory;
    }
  }
  return path;
}

}  // namespace

std::vector<std::string> buildEnvironment(const std::string& userName,
                                          policy::ScriptIdentity identity, bool scriptSecurity) {
  return {"PATH=" + searchPath(identity, scriptSecurity),
          "LANG=C",
          "SHELL=/bin/sh",
          "HOME=" + homeOf(identity.uid),
          "USER=" + userName,
          "LOGNAME=" + userName};
}

}  // namespace holdfast::scriptd
