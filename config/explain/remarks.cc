#include "config/explain/remarks.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "config/explain/show.h"

namespace holdfast::config {
namespace {

// A remark about objects of one table. A key that its table does not have is a mistake in here.
struct Remark {
  std::string_view table;
  bool (*applies)(const Block& block);
  const char* text;
};

bool startsAsBackupInSpiteOfItsState(const Block& instance) {
  return instance.isSaid("state") &&
         show(*instance.table().find(Key("state")), instance.value("state")) == "MASTER" &&
         instance.number("priority") < 255;
}

bool runsAsRoot(const Block& globals) {
  return !globals.isSaid("script_user") && !globals.flag("enable_script_security");
}

constexpr std::array kRemarks = {
    Remark{"vrrp_instance", startsAsBackupInSpiteOfItsState,
           "state MASTER does not make it master: it starts in BACKUP like every router whose "
           "priority is below 255, and takes over when it hears nobody better"},
    Remark{"vrrp_instance", [](const Block& instance) { return instance.flag("nopreempt"); },
           "nopreempt also keeps it backup after it has recovered from a fault, whatever its "
           "priority"},
    Remark{"global_defs", runsAsRoot,
           "a script that names no user runs as keepalived_script if there is such a user, else as "
           "whoever starts Holdfast: that is root; script_user and enable_script_security change "
           "this"},
    Remark{"virtual_server", [](const Block& server) { return !server.isSaid("protocol"); },
           "without `protocol` a virtual server with a port balances UDP, not TCP"},
    Remark{"virtual_server/real_server",
           [](const Block& server) { return !server.isSaid("smtp_alert"); },
           "mail about a real server is sent unless smtp_alert says otherwise"},
};

}  // namespace

std::vector<std::string> remarksOn(const Block& block) {
  std::vector<std::string> remarks;
  for (const Remark& remark : kRemarks) {
    if (remark.table == block.table().path() && remark.applies(block)) {
      remarks.emplace_back(remark.text);
    }
  }
  return remarks;
}

}  // namespace holdfast::config
