// Runs a classic BPF program over a system call, as the kernel would, so that a filter can be asked
// about calls that nobody could survive making.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstdint>
#include <optional>
#include <span>

namespace holdfast::policy {

// The filter's return value, SECCOMP_RET_*. nullopt: an instruction that the kernel would refuse in
// a seccomp filter, a jump or a load that leaves the program or the data, or a missing return.
[[nodiscard]] std::optional<std::uint32_t> evaluate(std::span<const sock_filter> program,
                                                    const seccomp_data& call);

}  // namespace holdfast::policy
