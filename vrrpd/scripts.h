// The tracked scripts and the channels to the scriptds that run them and the notify scripts.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "ipc/event_loop.h"
#include "ipc/ids.h"
#include "ipc/log.h"
#include "vrrpd/action.h"
#include "vrrpd/configuration.h"
#include "vrrpd/script_link.h"
#include "vrrpd/track_script.h"

namespace holdfast::vrrpd {

// Owned by the Daemon.
class Scripts {
 public:
  struct Handlers {
    std::function<void(TrackScriptId script, Condition condition)> changed;
    std::function<void(IdentityId identity)> misbehaved;
    std::function<void(const Actions& lines)> write;
  };

  Scripts(EventLoop& loop, Log& log, Generation generation, const Configuration& configuration,
          Handlers handlers);

  // There will be a scriptd for `identity`.
  void expect(IdentityId identity) { static_cast<void>(linkTo(identity)); }
  // Ignores one that nobody expects.
  void attach(IdentityId identity, UniqueFd channel);
  // An earlier vrrpd noted something: scripts go on where they were.
  void carryOn();
  // From now on results come in, the last ones first.
  void listen();
  void notify(IdentityId identity, const Notification& notification);
  [[nodiscard]] const std::vector<TrackScript>& tracked() const { return scripts_; }
  // No notification waits for a scriptd that is there.
  [[nodiscard]] bool isIdle() const;

 private:
  ScriptLink& linkTo(IdentityId identity);
  void ended(IdentityId identity, ScriptId script, const ScriptOutcome& outcome);

  EventLoop& loop_;
  Log& log_;
  Generation generation_;
  const std::vector<ConfiguredScript>& configured_;
  Handlers handlers_;
  std::vector<TrackScript> scripts_;
  std::map<IdentityId, std::unique_ptr<ScriptLink>> links_;
};

}  // namespace holdfast::vrrpd
