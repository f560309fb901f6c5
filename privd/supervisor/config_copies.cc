#include "privd/supervisor/config_copies.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "ipc/unique_fd.h"
#include "privd/supervisor/state_file.h"

namespace holdfast::supervisor {
namespace {

Status write(const std::string& directory, const std::string& name, std::string text) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return systemError("cannot make " + directory);
  }
  const UniqueFd opened(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!opened) {
    return systemError("cannot open " + directory);
  }
  // Through the descriptor: what has been opened is no link, whatever is there by now.
  return publish("/proc/self/fd/" + std::to_string(opened.get()) + "/" + name, std::move(text));
}

}  // namespace

void ConfigCopies::save(Plan& plan) {
  const std::uint32_t number = next_++;
  const std::string text = std::exchange(plan.configText, {});
  if (plan.configSaveDirectory.empty()) {
    return;
  }
  const std::string name =
      "keepalived.conf." + std::to_string(::getpid()) + "." + std::to_string(number);
  if (Status written = write(plan.configSaveDirectory, name, text); !written) {
    log_.own(kWarning,
             "config_save_dir " + plan.configSaveDirectory + ": " + written.error().message);
  }
}

}  // namespace holdfast::supervisor
