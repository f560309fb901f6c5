#include "vrrpd/notifier.h"

#include <utility>

namespace holdfast::vrrpd {
namespace {

schema::VrrpState toldState(NotifyEvent event) {
  switch (event) {
    case NotifyEvent::kMaster:
    case NotifyEvent::kMasterReceivedLowerPriority:
    case NotifyEvent::kMasterPriority:
      return schema::VrrpState::MASTER;
    case NotifyEvent::kBackup:
    case NotifyEvent::kBackupPriority:
      return schema::VrrpState::BACKUP;
    case NotifyEvent::kFault:
      return schema::VrrpState::FAULT;
    case NotifyEvent::kStop:
      return schema::VrrpState::STOP;
  }
  return schema::VrrpState::INIT;
}

}  // namespace

Notifier::Notifier(Outlets outlets, std::uint32_t subject, std::vector<Hook> hooks)
    : outlets_(std::move(outlets)), subject_(subject), hooks_(std::move(hooks)) {}

void Notifier::notify(const Notify& action) {
  if (!action.isRepeated) {
    run(action);
  }
  outlets_.fifos(action);
}

void Notifier::run(const Notify& action) {
  const bool isTransition = isState(action.event);
  sequence_ += isTransition ? 1 : 0;
  for (const bool anyState : {false, true}) {
    for (const Hook& hook : hooks_) {
      if (hook.anyState == anyState && (anyState ? isTransition : hook.event == action.event)) {
        outlets_.scripts(hook.identity, {.hook = hook.hook,
                                         .subject = subject_,
                                         .state = toldState(action.event),
                                         .priority = action.priority,
                                         .sequence = sequence_});
      }
    }
  }
}

}  // namespace holdfast::vrrpd
