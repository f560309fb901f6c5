// The kinds of kernel objects that privd holds for somebody, seen alike: what an object is called,
// which devices it needs, how the kernel says that it is not there. How it is put and removed is
// in address_object.cc and its like. Everything that reconciles works on these alone.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "privd/broker/configuration.h"

namespace holdfast::privd {

// What the interfaces of one configuration stand for at present.
class Devices {
 public:
  virtual ~Devices() = default;
  [[nodiscard]] virtual int indexOf(InterfaceId id) const = 0;  // 0: not there
  [[nodiscard]] virtual const std::string& nameOf(InterfaceId id) const = 0;
  [[nodiscard]] virtual std::uint32_t tableOf(InterfaceId vrf) const = 0;  // 0: it is no VRF
};

// Borrowed from a Configuration.
using KernelObject = std::variant<const VirtualAddress*, const Route*, const Rule*>;

// An object, and the devices that it is put on.
struct Placement {
  KernelObject object;
  const Devices* devices = nullptr;
};

// Without these it cannot be.
[[nodiscard]] std::vector<InterfaceId> devicesOf(const KernelObject& object);

// Whether all that it needs is there.
[[nodiscard]] bool hasPlace(const Placement& placement);

// Whether it goes with its device when that goes down.
[[nodiscard]] bool needsUp(const KernelObject& object);

// Whether an answer to its removal says that it is not there (any more).
[[nodiscard]] bool isGone(const KernelObject& object, int error);

// "10.0.0.1/24", "route 10.1.0.0/16 via 10.0.0.1 dev eth0".
[[nodiscard]] std::string textOf(const Placement& placement);

// "address 10.0.0.1/24 dev eth0", "route 10.1.0.0/16 via 10.0.0.1 dev eth0".
[[nodiscard]] std::string fullTextOf(const Placement& placement);

// "cannot set 10.0.0.1/24 on eth0: Invalid argument: check its ...": which object, where, the
// reason, and what can be done about it where that is known.
[[nodiscard]] std::string cannotSet(const Placement& placement, int error);
[[nodiscard]] std::string cannotRemove(const Placement& placement, int error);
// "removed 10.0.0.1/24 from eth0".
[[nodiscard]] std::string removed(const Placement& placement);
// "put 10.0.0.1 back on eth0".
[[nodiscard]] std::string putBack(const Placement& placement);
// "it may be in two places: ip address del 10.0.0.1/24 dev eth0".
[[nodiscard]] std::string byHand(const Placement& placement);

}  // namespace holdfast::privd
