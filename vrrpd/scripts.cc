#include "vrrpd/scripts.h"

#include <algorithm>
#include <utility>

namespace holdfast::vrrpd {

Scripts::Scripts(EventLoop& loop, Log& log, Generation generation,
                 const Configuration& configuration, Handlers handlers)
    : loop_(loop),
      log_(log),
      generation_(generation),
      configured_(configuration.scripts),
      handlers_(std::move(handlers)) {
  for (const ConfiguredScript& script : configured_) {
    scripts_.emplace_back(script.config);
    if (!script.config.neverRuns) {
      expect(script.identity);
    }
  }
}

ScriptLink& Scripts::linkTo(IdentityId identity) {
  std::unique_ptr<ScriptLink>& link = links_[identity];
  if (!link) {
    link = std::make_unique<ScriptLink>(
        loop_, log_,
        ScriptLink::Handlers{.ended =
                                 [this, identity](ScriptId script, const ScriptOutcome& outcome) {
                                   ended(identity, script, outcome);
                                 },
                             .misbehaved = [this, identity] { handlers_.misbehaved(identity); }});
    link->setGeneration(generation_);
  }
  return *link;
}

void Scripts::attach(IdentityId identity, UniqueFd channel) {
  const auto found = links_.find(identity);
  if (found != links_.end()) {
    found->second->attach(std::move(channel));
  }
}

void Scripts::carryOn() {
  for (TrackScript& script : scripts_) {
    script.carryOn();
  }
}

void Scripts::listen() {
  for (const auto& [identity, link] : links_) {
    link->listen();
  }
}

void Scripts::notify(IdentityId identity, const Notification& notification) {
  linkTo(identity).notify(notification);
}

bool Scripts::isIdle() const {
  return std::ranges::all_of(links_, [](const auto& link) { return link.second->isIdle(); });
}

void Scripts::ended(IdentityId identity, ScriptId script, const ScriptOutcome& outcome) {
  for (std::size_t i = 0; i < scripts_.size(); ++i) {
    const ConfiguredScript& configured = configured_[i];
    if (configured.config.neverRuns || configured.identity != identity ||
        configured.script != script) {
      continue;
    }
    Actions lines;
    const bool hasChanged = scripts_[i].record(outcome, lines);
    handlers_.write(lines);
    if (hasChanged) {
      handlers_.changed(idAt<TrackScriptId>(i), scripts_[i].condition());
    }
  }
}

}  // namespace holdfast::vrrpd
