#include "tests/hostile/seccomp/system_calls_page.h"

#include <array>
#include <cstdint>
#include <span>
#include <sstream>

#include "policy/seccomp.h"
#include "tests/hostile/seccomp/verdict_table.h"

namespace holdfast::policy {
namespace {

constexpr const char* kHead =
    "# Which system calls each process may make\n"
    "\n"
    "Made from `policy/seccomp_tables.cc` by `seccomp_test --update`; a test fails where the two "
    "differ.\n"
    "The kernel is given these tables before a process reads its first byte from outside, and "
    "another ABI\n"
    "(i386, x32) ends the process. Arguments count from 0.\n";

struct Part {
  Role role;
  const char* about;
};

constexpr std::array kParts = {
    Part{Role::kSupervisor,
         "Every script inherits its filter, so it is a list of what is taken away; what is not in "
         "it works."},
    Part{Role::kPrivd, "What is not in the list ends it."},
    Part{Role::kVrrpd, "What is not in the list ends it."},
    Part{Role::kCheckd, "What is not in the list ends it."},
    Part{Role::kWatchd, "What is not in the list ends it."},
    Part{Role::kConfd, "What is not in the list ends it."},
    Part{Role::kScriptd,
         "Every script inherits its filter, so it is a list of what is taken away; what is not in "
         "it works."},
};

std::string_view textOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAllow:
      return "allowed";
    case Verdict::kKill:
      return "the end";
    case Verdict::kNotImplemented:
      return "ENOSYS";
    case Verdict::kRefuse:
      return "EPERM";
  }
  return "";
}

std::string textOf(const Check& check) {
  std::ostringstream out;
  out << "argument " << check.argument;
  if (check.ownPid) {
    out << " is its own pid";
  } else if (check.unequal) {
    out << " is not " << check.value;
  } else if (check.value == 0 && check.mask != ~std::uint64_t{0} && check.mask != 0xffffffff) {
    out << " has none of 0x" << std::hex << check.mask;
  } else if (check.value == check.mask) {
    out << " has 0x" << std::hex << check.value;
  } else {
    out << " is " << check.value;
  }
  return out.str();
}

std::string textOf(std::span<const Check> checks) {
  std::string text;
  for (const Check& check : checks) {
    if (check.mask != 0) {
      text += (text.empty() ? "" : ", ") + textOf(check);
    }
  }
  return text;
}

}  // namespace

std::string systemCallsPage() {
  std::ostringstream page;
  page << kHead;
  for (const Part& part : kParts) {
    page << "\n## " << nameOf(part.role) << "\n\n"
         << part.about << "\n\n| call | verdict | where | why |\n|---|---|---|---|\n";
    for (const Rule& rule : filterOf(part.role).rules()) {
      page << "| `" << nameOfCall(rule.systemCall) << "` | " << textOf(rule.verdict) << " | "
           << textOf(rule.checks) << " | " << rule.reason << " |\n";
    }
  }
  return page.str();
}

}  // namespace holdfast::policy
