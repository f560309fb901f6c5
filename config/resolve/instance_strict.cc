// One vrrp_instance: what strict mode takes back of what the others allowed.
#include "config/resolve/resolution.h"
#include "ipc/schemas/config.capnp.h"

namespace holdfast::config {
namespace {

constexpr std::int64_t kOwner = 255;
constexpr auto kBackup = static_cast<std::int64_t>(schema::InitialState::BACKUP);
constexpr auto kMaster = static_cast<std::int64_t>(schema::InitialState::MASTER);
const char* const kStrict = "strict mode";

void resolveAccept(Block& instance) {
  const bool isOwner = instance.number("priority") == kOwner;
  if (instance.flag("no_accept")) {
    instance.adjust("accept", false, "no_accept");
  } else if (!instance.isSaid("accept")) {
    const bool strict = instance.flag("strict_mode") && !isOwner;
    instance.assume("accept", !strict, strict ? kStrict : "the default");
  }
}

void resetAccept(Resolution& resolution, Block& instance, const std::string& prefix) {
  const bool isOwner = instance.number("priority") == kOwner;
  if (instance.isSaid("accept") && instance.number("version") == 2 && !isOwner) {
    resolution.error(Code::kConflict, instance.at("accept"),
                     prefix +
                         "warning - accept mode for VRRP version 2 does not comply with RFC3768 - "
                         "resetting");
    instance.adjust("accept", false, kStrict);
  }
}

void resetAnnouncements(Resolution& resolution, Block& instance, const std::string& prefix) {
  if (instance.isSaid("garp_lower_prio_repeat") && instance.number("garp_lower_prio_repeat") != 0) {
    resolution.error(Code::kConflict, instance.at("garp_lower_prio_repeat"),
                     prefix + "Strict mode requires no repeat garps. resetting");
  }
  instance.adjust("garp_lower_prio_repeat", std::int64_t{0}, kStrict);
  if (!instance.flag("lower_prio_no_advert")) {
    resolution.error(Code::kConflict, instance.at("lower_prio_no_advert"),
                     prefix + "Strict mode requires no lower priority advert. resetting");
    instance.adjust("lower_prio_no_advert", true, kStrict);
  }
  if (instance.flag("higher_prio_send_advert")) {
    resolution.error(
        Code::kConflict, instance.at("higher_prio_send_advert"),
        prefix + "strict mode requires higher_prio_send_advert to be clear. resetting");
    instance.adjust("higher_prio_send_advert", false, kStrict);
  }
  if (instance.flag("fast_handover")) {
    resolution.error(Code::kConflict, instance.at("fast_handover"),
                     prefix + "strict mode requires fast_handover to be clear. resetting");
    instance.adjust("fast_handover", false, kStrict);
  }
}

void resetState(Resolution& resolution, Block& instance, const std::string& prefix) {
  const bool isOwner = instance.number("priority") == kOwner;
  if (instance.isSaid("state") && (instance.number("state") == kMaster) != isOwner) {
    resolution.error(Code::kConflict, instance.at("state"),
                     prefix + "State MASTER must match being address owner");
    instance.adjust("state", isOwner ? kMaster : kBackup,
                    "the address owner, and nobody else, starts as master in strict mode");
  }
}

void resetDownTimer(Resolution& resolution, Block& instance, const std::string& prefix) {
  constexpr std::int64_t kAdverts = 3;
  if (instance.number("down_timer_adverts") != kAdverts) {
    resolution.error(Code::kConflict, instance.at("down_timer_adverts"),
                     prefix + "down_timer_adverts is incompatible with strict mode - resetting");
    instance.adjust("down_timer_adverts", kAdverts, kStrict);
  }
}

}  // namespace

void resolveInstanceStrict(Resolution& resolution, Block& instance) {
  resolveAccept(instance);
  if (!instance.flag("strict_mode")) {
    return;
  }
  const std::string prefix = "(" + instance.name() + ") ";
  resetState(resolution, instance, prefix);
  resetDownTimer(resolution, instance, prefix);
  resetAccept(resolution, instance, prefix);
  resetAnnouncements(resolution, instance, prefix);
}

}  // namespace holdfast::config
