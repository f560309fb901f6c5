// One transaction of nftables under construction: all of it happens, or nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/ip_address.h"
#include "privd/broker/firewall.h"
#include "privd/broker/message_writer.h"

namespace holdfast::privd {

class NftTransaction {
 public:
  // `sequence` is that of its first message.
  NftTransaction(const FirewallTable& table, std::uint32_t sequence);

  // Of both families, whether there is one or not.
  void removeTables();
  // A table with its chains and without an element.
  void addTable(AddressFamily family);
  void change(Change change, const Barrier& barrier);

  // Closes it.
  [[nodiscard]] std::span<const std::byte> finish();
  [[nodiscard]] std::uint32_t lastSequence() const { return sequence_; }

 protected:
  using Body = std::function<void(MessageWriter& message)>;
  using Key = std::vector<std::uint8_t>;

  void add(AddressFamily family, int type, int flags, const Body& body);
  void addBaseChain(AddressFamily family, const char* name, std::uint32_t hook);
  void addRule(AddressFamily family, const char* chain, const Body& expressions);
  [[nodiscard]] const FirewallTable& table() const { return table_; }

 private:
  struct SetPlan {
    const char* name;
    std::uint32_t keyType;  // nft's own number of it, for those who list the set
    std::uint32_t keyBytes;
    std::uint32_t flags;
    std::uint32_t id;
    // Of a map: what its keys stand for.
    std::uint32_t dataType = 0;
    std::uint32_t dataBytes = 0;
  };
  struct Element {
    Key key;
    Key data;  // of a map
  };

  void addSet(AddressFamily family, const SetPlan& plan);
  void addChain(AddressFamily family, const char* name);
  void addIpv4Rules();
  void addIpv6Rules();
  void addIpv6Barrier();
  void addLinks(AddressFamily family);
  // Reports of IGMP, or of MLD with this type.
  void redirect(std::optional<std::uint8_t> icmpType);
  void dropSolicitations();
  void addIpv6Direction(const char* chain, const char* linkLocalChain, std::uint32_t offset,
                        std::uint32_t deviceKey);
  void changeElements(Change change, AddressFamily family, const char* set,
                      std::span<const Element> elements);
  void putCounter(MessageWriter& message) const;

  FirewallTable table_;
  std::vector<std::byte> bytes_;
  std::uint32_t sequence_;
};

// A request for the table itself, which is answered with an error where it is not there.
[[nodiscard]] std::vector<std::byte> nftTableQuestion(const FirewallTable& table,
                                                      AddressFamily family, std::uint32_t sequence);

}  // namespace holdfast::privd
