#include "config/seal/write.h"

#include <array>
#include <utility>

namespace holdfast::config {

void write(schema::Address::Builder out, const IpAddress& address) {
  out.setFamily(address.family == AddressFamily::kIpv4 ? schema::Family::IPV4
                                                       : schema::Family::IPV6);
  out.setHigh(address.high());
  out.setLow(address.low());
}

void write(schema::Digest::Builder out, const Digest& digest) {
  std::array<std::uint64_t, 4> words{};
  for (std::size_t i = 0; i < digest.size(); ++i) {
    words.at(i / 8) = words.at(i / 8) << 8 | digest.at(i);
  }
  out.setWord0(words[0]);
  out.setWord1(words[1]);
  out.setWord2(words[2]);
  out.setWord3(words[3]);
}

schema::NotifyHook::Event eventOf(const Row& hook) {
  using Event = schema::NotifyHook::Event;
  static constexpr std::array<std::pair<std::string_view, Event>, 6> kEvents = {{
      {"notify_master", Event::MASTER},
      {"notify_backup", Event::BACKUP},
      {"notify_fault", Event::FAULT},
      {"notify_stop", Event::STOP},
      {"notify_deleted", Event::DELETED},
      {"notify_master_rx_lower_pri", Event::MASTER_RX_LOWER_PRIORITY},
  }};
  for (const auto& [name, event] : kEvents) {
    if (hook.name == name) {
      return event;
    }
  }
  return Event::ANY;
}

}  // namespace holdfast::config
