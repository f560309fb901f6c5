// vrrp_sync_group, track_group, and the names in them.
#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/tables.h"
#include "config/tables/areas.h"

namespace holdfast::config {
namespace {

void readGlobalTracking(Context& context, Block& group, Cursor& cursor) {
  context.error(Code::kInvalidValue, cursor.statement, 0,
                "(" + group.name() +
                    ") global_tracking is deprecated. Use track_interface/script/file on the sync "
                    "group",
                "it means the same as sync_group_tracking_weight");
  group.say("sync_group_tracking_weight", true, &cursor.statement);
}

std::span<const Row> groupRows() {
  using Group = schema::SyncGroup::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"group", takes::names(nameTable, "sync group"), rule("has to be said"),
     {bySealer()},
     "the vrrp_instances that are master together, or not at all"},
    {"sync_group_tracking_weight", takes::flag(), value("off"),
     {to<&Group::setTrackingWeight>()},
     "its instances keep what they track with a weight"},
    {"global_tracking", takes::orBare(takes::custom(readGlobalTracking, "")), nothing(),
     {byCompiler()},
     "deprecated: sync_group_tracking_weight"},
  };
  // clang-format on
  return kRows;
}

}  // namespace

const Table& nameTable() {
  static const Table kTable("name", std::span<const Row>());
  return kTable;
}

const Table& syncGroupTable() {
  static const Table kTable("vrrp_sync_group", {groupRows(), trackRows(), notifyRows()});
  return kTable;
}

const Table& trackGroupTable() {
  // clang-format off
  static constexpr Row kRows[] = {
    {"group", takes::names(nameTable, "track group"), rule("has to be said"),
     {bySealer()},
     "the vrrp_instances that are in FAULT while a static address, route or rule is not there"},
  };
  // clang-format on
  static const Table kTable("track_group", kRows);
  return kTable;
}

}  // namespace holdfast::config
