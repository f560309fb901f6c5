// Instances and sync groups as keepalived.data and keepalived.json show them, which monitoring
// reads.
#pragma once

#include <chrono>
#include <string>

#include "vrrpd/configuration.h"
#include "vrrpd/instance.h"

namespace holdfast::vrrpd {

struct ShownInstance {
  const Instance& instance;
  const InstanceDisplay& display;
  bool hasAddresses = false;
  std::chrono::system_clock::time_point lastTransition;
};

// Appends the lines of one instance, or of one group.
void appendData(std::string& out, const ShownInstance& shown);
void appendData(std::string& out, const ConfiguredGroup& group, State state);

// Appends {"data":{...},"stats":{...}}.
void appendJson(std::string& out, const ShownInstance& shown);

}  // namespace holdfast::vrrpd
