// Rows about tracking and notifying that a vrrp_instance and a vrrp_sync_group have in common.
#include "config/field.h"
#include "config/lines.h"
#include "config/tables.h"
#include "config/tables/areas.h"

namespace holdfast::config {

std::span<const Row> trackRows() {
  // clang-format off
  static constexpr Row kRows[] = {
    {"track_script", takes::list(trackLineTable, beginTrackLine, "NAME"), nothing(),
     {bySealer()},
     "name [weight N [reverse]]: checks that count for it"},
    {"track_interface", takes::list(trackLineTable, beginTrackLine, "NAME"), nothing(),
     {bySealer()},
     "name [weight N [reverse]]: interfaces that count for it"},
    {"track_file", takes::list(trackLineTable, beginTrackLine, "NAME"), nothing(),
     {bySealer()},
     "name [weight N [reverse]]: files whose number counts for it"},
    {"track_process", takes::list(trackLineTable, beginTrackLine, "NAME"), nothing(),
     {bySealer()},
     "name [weight N [reverse]]: processes that count for it"},
    {"track_bfd", takes::list(trackLineTable, beginTrackLine, "NAME"), nothing(),
     {bySealer()},
     "name [weight N [reverse]]: BFD sessions that count for it", kNotYet},
  };
  // clang-format on
  return kRows;
}

std::span<const Row> notifyRows() {
  using Instance = schema::VrrpInstance::Builder;
  using Group = schema::SyncGroup::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"notify", takes::command(), nothing(),
     {bySealer()},
     "run at every transition, with INSTANCE or GROUP, name, state and priority behind its arguments"},
    {"notify_master", takes::command(), nothing(),
     {bySealer()},
     "run when it is master"},
    {"notify_backup", takes::command(), nothing(),
     {bySealer()},
     "run when it is backup"},
    {"notify_fault", takes::command(), nothing(),
     {bySealer()},
     "run when it is in FAULT"},
    {"notify_stop", takes::command(), nothing(),
     {bySealer()},
     "run at the end"},
    {"notify_priority_changes", takes::onOff(), from("vrrp_notify_priority_changes"),
     {to<&Instance::setNotifyPriorityChanges>(), to<&Group::setNotifyPriorityChanges>()},
     "changes of priority are told to the notify FIFOs too"},
    {"smtp_alert", takes::onOff(), from("smtp_alert_vrrp"),
     {to<&Instance::setSmtpAlert>(), to<&Group::setSmtpAlert>()},
     "mail at every transition", kNotYet},
  };
  // clang-format on
  return kRows;
}

}  // namespace holdfast::config
