#include "privd/broker/object.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

#include "privd/broker/object_kind.h"

namespace holdfast::privd {
namespace {

struct Advice {
  int error;
  const char* text;
};

// For every kind.
constexpr Advice kAdvice[] = {
    {EPERM, "privd needs CAP_NET_ADMIN in this network namespace (holdfast posture shows it)"},
    {ENODEV, "the interface is not there (any more)"},
    {ENOMEM, "the kernel has no memory for it"},
    {ENOBUFS, "the kernel has no memory for it"},
};

template <typename Body>
auto visit(const Placement& placement, const Body& body) {
  return std::visit([&](const auto* object) { return body(*object, *placement.devices); },
                    placement.object);
}

// "10.0.0.1/24 on eth0".
std::string withPlace(const Placement& placement, const char* preposition) {
  return visit(placement, [&](const auto& object, const Devices& devices) {
    const std::string place = placeOf(object, devices);
    return nounOf(object) + textOf(object, devices) + (place.empty() ? "" : preposition + place);
  });
}

std::string reason(const Placement& placement, int error) {
  std::string advice = visit(placement, [error](const auto& object, const Devices& devices) {
    return adviceAbout(object, devices, error);
  });
  const auto* known = std::find_if(std::begin(kAdvice), std::end(kAdvice),
                                   [error](const Advice& row) { return row.error == error; });
  if (advice.empty() && known != std::end(kAdvice)) {
    advice = known->text;
  }
  return std::string(": ") + std::strerror(error) + (advice.empty() ? "" : ": " + advice);
}

}  // namespace

std::vector<InterfaceId> devicesOf(const KernelObject& object) {
  return std::visit([](const auto* kind) { return devicesOf(*kind); }, object);
}

bool hasPlace(const Placement& placement) {
  return visit(placement, [](const auto& object, const Devices& devices) {
    return hasPlace(object, devices);
  });
}

bool needsUp(const KernelObject& object) {
  return std::holds_alternative<const Route*>(object);
}

bool isGone(const KernelObject& object, int error) {
  return error == 0 ||
         std::visit([error](const auto* kind) { return isGone(*kind, error); }, object);
}

std::string textOf(const Placement& placement) {
  return visit(placement, [](const auto& object, const Devices& devices) {
    return nounOf(object) + textOf(object, devices);
  });
}

std::string fullTextOf(const Placement& placement) {
  const bool isAddress = std::holds_alternative<const VirtualAddress*>(placement.object);
  return (isAddress ? "address " : "") + withPlace(placement, " dev ");
}

std::string cannotSet(const Placement& placement, int error) {
  return "cannot set " + withPlace(placement, " on ") + reason(placement, error);
}

std::string cannotRemove(const Placement& placement, int error) {
  return "cannot remove " + withPlace(placement, " from ") + reason(placement, error);
}

std::string removed(const Placement& placement) {
  return "removed " + withPlace(placement, " from ");
}

std::string putBack(const Placement& placement) {
  const std::string place = visit(placement, [](const auto& object, const Devices& devices) {
    return placeOf(object, devices);
  });
  return "put " + textOf(placement) + " back" + (place.empty() ? "" : " on " + place);
}

std::string byHand(const Placement& placement) {
  return visit(placement,
               [](const auto& object, const Devices& devices) { return byHand(object, devices); });
}

}  // namespace holdfast::privd
