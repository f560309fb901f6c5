#include "policy/users.h"

#include <grp.h>
#include <pwd.h>

#include <cstdio>
#include <memory>

namespace holdfast::policy {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// The first entry of a passwd or group file that `matches`. `next` is fgetpwent or fgetgrent.
template <typename Entry, typename Matches>
Result<Entry*> firstEntry(const char* path, std::FILE* file, Entry* (*next)(std::FILE*),
                          Matches matches) {
  for (;;) {
    errno = 0;
    Entry* const entry = next(file);
    if (entry == nullptr) {
      if (errno != 0 && errno != ENOENT) {
        return systemError(path);
      }
      return entry;
    }
    if (matches(*entry)) {
      return entry;
    }
  }
}

template <typename Entry, typename Matches>
Result<Entry*> openAndFind(const char* path, File& file, Entry* (*next)(std::FILE*),
                           Matches matches) {
  file.reset(std::fopen(path, "re"));
  if (file == nullptr) {
    return systemError(path);
  }
  return firstEntry(path, file.get(), next, matches);
}

}  // namespace

Result<std::optional<LocalUser>> findUser(std::string_view name, const char* file) {
  File opened;
  const auto entry = openAndFind<passwd>(file, opened, fgetpwent,
                                         [name](const passwd& p) { return name == p.pw_name; });
  if (!entry.ok()) {
    return entry.error();
  }
  if (*entry == nullptr) {
    return std::optional<LocalUser>{};
  }
  return std::optional<LocalUser>{{(*entry)->pw_name, (*entry)->pw_uid, (*entry)->pw_gid}};
}

Result<std::optional<gid_t>> findGroup(std::string_view name, const char* file) {
  File opened;
  const auto entry = openAndFind<group>(file, opened, fgetgrent,
                                        [name](const group& g) { return name == g.gr_name; });
  if (!entry.ok()) {
    return entry.error();
  }
  if (*entry == nullptr) {
    return std::optional<gid_t>{};
  }
  return std::optional<gid_t>{(*entry)->gr_gid};
}

std::string userName(uid_t uid, const char* file) {
  File opened;
  const auto entry = openAndFind<passwd>(file, opened, fgetpwent,
                                         [uid](const passwd& p) { return uid == p.pw_uid; });
  return entry.ok() && *entry != nullptr ? (*entry)->pw_name : std::to_string(uid);
}

std::string groupName(gid_t gid, const char* file) {
  File opened;
  const auto entry = openAndFind<group>(file, opened, fgetgrent,
                                        [gid](const group& g) { return gid == g.gr_gid; });
  return entry.ok() && *entry != nullptr ? (*entry)->gr_name : std::to_string(gid);
}

Result<LocalUser> daemonUser(const char* name, const char* file) {
  const auto found = findUser(name, file);
  if (!found.ok()) {
    return found.error();
  }
  if (!found->has_value()) {
    return Error{std::string("user ") + name + " is not in " + file +
                 ": create it with systemd-sysusers holdfast.sysusers, or with useradd --system " +
                 "--user-group --no-create-home --shell /usr/sbin/nologin " + name};
  }
  const LocalUser& user = **found;
  if (user.uid == 0 || user.gid == 0) {
    return Error{std::string("user ") + name + " has uid " + std::to_string(user.uid) + ", gid " +
                 std::to_string(user.gid) + " in " + file + ": neither may be 0"};
  }
  return user;
}

}  // namespace holdfast::policy
