// One transaction of nftables that gives packets to virtual servers their firewall marks
// (nftables_ipvs): a map from addresses and ports to marks for each protocol, as keepalived has it.
#pragma once

#include <cstdint>
#include <set>
#include <span>

#include "privd/broker/ipvs/configuration.h"
#include "privd/broker/nft_transaction.h"

namespace holdfast::privd::ipvs {

class MarksTransaction : public NftTransaction {
 public:
  // Whatever there is of the table goes. `marks` are in order.
  MarksTransaction(const FirewallTable& table, std::span<const MarkedAddresses> marks,
                   std::uint32_t sequence);

 private:
  void addMap(AddressFamily family, std::uint16_t protocol, std::span<const MarkedAddresses> marks);
  void addElements(AddressFamily family, const char* map, std::span<const MarkedAddresses> marks);
  void addRule(AddressFamily family, std::uint16_t protocol, const char* map);
};

[[nodiscard]] std::set<AddressFamily> familiesOf(std::span<const MarkedAddresses> marks);

}  // namespace holdfast::privd::ipvs
