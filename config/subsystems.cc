#include "config/subsystems.h"

#include <array>
#include <span>

namespace holdfast::config {
namespace {

constexpr std::array kVrrp = {
    Key("vrrp_instance"),      Key("vrrp_sync_group"), Key("vrrp_script"),
    Key("vrrp_track_process"), Key("track_group"),     Key("static_ipaddress"),
    Key("static_routes"),      Key("static_rules"),    Key("garp_group"),
};
constexpr std::array kCheckers = {Key("virtual_server"), Key("virtual_server_group"), Key("SSL")};

void drop(Block& configuration, std::span<const Key> keys) {
  for (const Key key : keys) {
    for (Block* block : configuration.blocks(key)) {
      block->drop();
    }
  }
}

}  // namespace

void leaveOut(Block& configuration, Subsystems wanted) {
  if (!wanted.vrrp) {
    drop(configuration, kVrrp);
  }
  if (!wanted.checkers) {
    drop(configuration, kCheckers);
  }
}

}  // namespace holdfast::config
