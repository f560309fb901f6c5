#include "privd/broker/site_rules.h"

#include <algorithm>

#include "ipc/concat.h"

namespace holdfast::privd {
namespace {

using policy::PolicyLine;
using policy::refusalText;
using policy::SitePolicy;

// Each is empty where there is nothing to object to.

std::string onInterface(const std::string& name, const SitePolicy& site) {
  const PolicyLine line = name.empty() ? 0 : site.refusesInterface(name);
  return line == 0 ? "" : refusalText("interface " + name, line);
}

std::string onAddress(const IpAddress& address, const SitePolicy& site) {
  const PolicyLine line = site.refusesAddress(address);
  return line == 0 ? "" : refusalText("address " + address.toString(), line);
}

std::string onInstance(const Instance& instance, const SitePolicy& site) {
  if (const PolicyLine line = site.refusesVirtualRouter(instance.virtualRouterId); line != 0) {
    return refusalText(concat("virtual_router_id ", std::to_string(instance.virtualRouterId)),
                       line);
  }
  const PolicyLine line = site.refuses(policy::Practice::kAuthenticationHeader);
  if (instance.authenticationHeader && line != 0) {
    return refusalText("auth_type AH", line);
  }
  for (const VirtualAddress& held : instance.addresses) {
    if (std::string objection = onAddress(held.address, site); !objection.empty()) {
      return objection;
    }
  }
  return {};
}

// A link's own is on one of the others.
bool isMade(const Configuration& configuration, std::size_t interface) {
  return std::ranges::any_of(configuration.links, [interface](const VirtualLink& link) {
    return indexOf(link.interface) == interface;
  });
}

std::string onServices(const ipvs::ServiceRange& range, const SitePolicy& site) {
  if (range.first.mark != 0) {
    return {};
  }
  for (std::uint32_t index = 0; index < range.count; ++index) {
    if (std::string objection = onAddress(range.at(index).address, site); !objection.empty()) {
      return objection;
    }
  }
  return {};
}

}  // namespace

std::optional<Refusal> refused(const Configuration& configuration, const SitePolicy& site) {
  for (std::uint32_t index = 0; index < configuration.interfaces.size(); ++index) {
    if (std::string objection = onInterface(configuration.interfaces[index], site);
        !objection.empty() && !isMade(configuration, index)) {
      return Refusal{std::move(objection), index};
    }
  }
  for (std::uint32_t index = 0; index < configuration.instances.size(); ++index) {
    const Instance& instance = configuration.instances[index];
    if (const std::string objection = onInstance(instance, site); !objection.empty()) {
      return Refusal{concat("(", instance.name, ") ", objection), index};
    }
  }
  for (const VirtualAddress& held : configuration.staticAddresses) {
    if (std::string objection = onAddress(held.address, site); !objection.empty()) {
      return Refusal{std::move(objection), 0};
    }
  }
  return std::nullopt;
}

std::optional<std::string> refused(const ipvs::Configuration& configuration,
                                   const SitePolicy& site) {
  const auto first = [&]() -> std::string {
    for (const ipvs::VirtualServer& server : configuration.virtualServers) {
      for (const ipvs::ServiceRange& range : server.services) {
        if (std::string objection = onServices(range, site); !objection.empty()) {
          return concat(server.name, ": ", objection);
        }
      }
    }
    for (const ipvs::CheckSocket& socket : configuration.checkSockets) {
      if (std::string objection = onInterface(socket.interface, site); !objection.empty()) {
        return objection;
      }
    }
    return configuration.syncDaemon ? onInterface(configuration.syncDaemon->interface, site) : "";
  };
  std::string objection = first();
  return objection.empty() ? std::nullopt : std::optional(std::move(objection));
}

}  // namespace holdfast::privd
