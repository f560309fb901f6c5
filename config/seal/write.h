// Small writers that the sealed messages share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/block.h"
#include "config/field.h"
#include "config/plan.h"
#include "ipc/schemas/config.capnp.h"
#include "ipc/schemas/lvs_config.capnp.h"
#include "ipc/schemas/management_config.capnp.h"
#include "ipc/schemas/watch_config.capnp.h"

namespace holdfast::config {

template <typename List>
unsigned sizeOf(const List& list) {
  return static_cast<unsigned>(list.size());
}

void write(schema::Digest::Builder out, const Digest& digest);

template <typename Builder>
void write(Builder out, const std::vector<std::string>& texts) {
  for (unsigned i = 0; i < sizeOf(texts); ++i) {
    out.set(i, texts[i]);
  }
}

[[nodiscard]] schema::NotifyHook::Event eventOf(const Row& hook);

// How long a run of a MISC_CHECK may take.
[[nodiscard]] std::uint64_t timeLimitOf(const Block& miscCheck);

// The TrackGroupId of a line with track_group.
[[nodiscard]] std::optional<std::uint32_t> trackGroupOf(const Block& line, const Plan& plan);
void write(schema::Route::Builder out, const Block& route, const Plan& plan);
void write(schema::Rule::Builder out, const Block& rule, const Plan& plan);

// One for each reader.
void write(schema::SupervisorConfig::Builder out, const Plan& plan);
void write(schema::BrokerConfig::Builder out, const Plan& plan);
void write(schema::VrrpConfig::Builder out, const Plan& plan);
void write(schema::IpvsConfig::Builder out, const Plan& plan);
void write(schema::CheckerConfig::Builder out, const Plan& plan);
void write(schema::ScriptConfig::Builder out, const PlannedIdentity& identity, const Plan& plan);
void write(schema::BfdConfig::Builder out, const Plan& plan);
void write(schema::ManagementConfig::Builder out, const Plan& plan);
void write(schema::WatchConfig::Builder out, const Plan& plan);

// Whether there is a watchd.
[[nodiscard]] bool hasSomethingToWatch(const Plan& plan);

// Parts of privd's.
void writeLinks(schema::BrokerConfig::Builder out, const Plan& plan);
void writeMonitors(schema::BrokerConfig::Builder out, const Plan& plan);

}  // namespace holdfast::config
