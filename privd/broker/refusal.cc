#include "privd/broker/refusal.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

namespace holdfast::privd {
namespace {

struct Advice {
  int error;
  const char* text;
};

constexpr Advice kAdvice[] = {
    {EPERM, "privd needs CAP_NET_ADMIN in this network namespace (holdfast posture shows it)"},
    {EINVAL, "check its prefix length, scope, label, broadcast and peer"},
    {ENODEV, "the interface is not there (any more)"},
    {ENOMEM, "the kernel has no memory for it"},
    {ENOBUFS, "the kernel has no memory for it"},
};

std::string reason(const VirtualAddress& address, std::string_view interface, int error) {
  std::string text = std::string(": ") + std::strerror(error);
  // How the kernel says that IPv6 is switched off on a device.
  if (error == EACCES && address.address.family == AddressFamily::kIpv6) {
    return text + ": is IPv6 off there? (sysctl net.ipv6.conf." + std::string(interface) +
           ".disable_ipv6)";
  }
  const auto* advice = std::find_if(std::begin(kAdvice), std::end(kAdvice),
                                    [error](const Advice& row) { return row.error == error; });
  return advice == std::end(kAdvice) ? text : text + ": " + advice->text;
}

}  // namespace

std::string textOf(const VirtualAddress& address) {
  return address.address.toString() + "/" + std::to_string(address.prefixLength);
}

std::string cannotSet(const VirtualAddress& address, std::string_view interface, int error) {
  return "cannot set " + textOf(address) + " on " + std::string(interface) +
         reason(address, interface, error);
}

std::string cannotRemove(const VirtualAddress& address, std::string_view interface, int error) {
  return "cannot remove " + textOf(address) + " from " + std::string(interface) +
         reason(address, interface, error);
}

}  // namespace holdfast::privd
