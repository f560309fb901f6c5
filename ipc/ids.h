// Names of objects of the sealed configuration: their index in the list of their kind. An id means
// something only together with the generation of the configuration that it was read from.
#pragma once

#include <cstddef>
#include <cstdint>

namespace holdfast {

enum class InstanceId : std::uint32_t {};     // VrrpConfig.instances, BrokerConfig.instances
enum class InterfaceId : std::uint32_t {};    // VrrpConfig.interfaces, BrokerConfig.interfaces
enum class PeerId : std::uint32_t {};         // unicast peers of one instance
enum class TrackGroupId : std::uint32_t {};   // VrrpConfig.trackGroups
enum class TrackScriptId : std::uint32_t {};  // VrrpConfig.trackScripts
enum class TrackFileId : std::uint32_t {};    // VrrpConfig.trackFiles, WatchConfig.files
enum class TrackProcessId : std::uint32_t {};  // VrrpConfig.trackProcesses, WatchConfig.processes
enum class IdentityId : std::uint32_t {};     // SupervisorConfig.identities: one scriptd each
enum class ScriptId : std::uint32_t {};       // ScriptConfig.scripts of one identity
enum class Generation : std::uint32_t {};     // counts the configurations loaded since start

template <typename Id>
[[nodiscard]] constexpr std::size_t indexOf(Id id) {
  return static_cast<std::size_t>(id);
}

template <typename Id>
[[nodiscard]] constexpr Id idAt(std::size_t index) {
  return static_cast<Id>(index);
}

}  // namespace holdfast
