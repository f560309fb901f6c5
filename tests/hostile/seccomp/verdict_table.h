// A filter's verdicts as text that a person can read and a test can compare.
#pragma once

#include <linux/filter.h>

#include <span>
#include <string>
#include <vector>

#include "policy/seccomp.h"

namespace holdfast::policy {

inline constexpr pid_t kTestPid = 4242;  // "own pid" in the tables
inline constexpr int kNumbers = 1024;    // system call numbers that are asked about

// "?" where it has none.
[[nodiscard]] std::string nameOfCall(int number);

[[nodiscard]] std::string verdictOf(std::span<const sock_filter> program,
                                    std::uint32_t architecture, unsigned number,
                                    std::span<const std::uint64_t> arguments = {});

// Every number of this machine's ABI with arguments of zeros and of ones; for each rule of `rules`
// that checks arguments, a call that it is about, and one more for each check that does not hold;
// every number of the foreign ABIs. `rules` chooses what is asked, `program` alone answers.
[[nodiscard]] std::string verdictTable(std::span<const sock_filter> program,
                                       std::span<const Rule> rules, Verdict otherwise);

}  // namespace holdfast::policy
