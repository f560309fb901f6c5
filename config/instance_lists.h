// The lists in a vrrp_instance: addresses, peers, what is tracked.
#pragma once

#include "config/keyword.h"
#include "config/model.h"

namespace holdfast::config {

void readAddresses(Context& context, InstanceBlock& instance, const Statement& statement);
void readExcludedAddresses(Context& context, InstanceBlock& instance, const Statement& statement);
void readUnicastPeers(Context& context, InstanceBlock& instance, const Statement& statement);
void readTrackedScripts(Context& context, InstanceBlock& instance, const Statement& statement);
void readTrackedInterfaces(Context& context, InstanceBlock& instance, const Statement& statement);

}  // namespace holdfast::config
