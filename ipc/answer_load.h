// A worker's answer to `load`: its sealed configuration is taken, or refused with a reason.
#pragma once

#include <cerrno>
#include <cstdint>

#include "ipc/control.h"
#include "ipc/kj_edge.h"
#include "ipc/log.h"
#include "ipc/sealed.h"

namespace holdfast {

// Calls `adopt` with the reader of a Config and a place for the index of what it refuses; it
// returns a Status. Tells the supervisor and the log how that ended.
template <typename Config, typename Adopt>
void answerLoad(Control& control, Log& log, Generation generation, const UniqueFd& sealed,
                Adopt&& adopt) {
  std::uint32_t refused = 0;
  const Status status = [&]() -> Status {
    const auto config = SealedConfig<Config>::map(sealed.get());
    if (!config) {
      return config.error();
    }
    return catchKj("sealed configuration", [&] { return adopt(config->root(), refused); });
  }();
  if (!status) {
    log.error("configuration refused: " + status.error().message);
  }
  const int code = status ? 0 : status.error().code == 0 ? EINVAL : status.error().code;
  control.loaded(generation, static_cast<std::uint32_t>(code), refused);
}

}  // namespace holdfast
