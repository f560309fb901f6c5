// The notify hooks of one instance or sync group, and its way to the notify FIFOs.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "vrrpd/configuration.h"
#include "vrrpd/script_link.h"

namespace holdfast::vrrpd {

class Notifier {
 public:
  using Send = std::function<void(IdentityId identity, const Notification& notification)>;

  using Tell = std::function<void(const Notify& action)>;
  struct Outlets {
    Send scripts;
    Tell fifos;
  };

  // `subject` is the index of the instance or the sync group.
  Notifier(Outlets outlets, std::uint32_t subject, std::vector<Hook> hooks);

  // The script of the state first, then the one of every state, then the FIFOs.
  void notify(const Notify& action);

 private:
  void run(const Notify& action);

  Outlets outlets_;
  std::uint32_t subject_;
  std::vector<Hook> hooks_;
  std::uint32_t sequence_ = 0;  // of transitions that scripts are told
};

}  // namespace holdfast::vrrpd
