#include "tests/hostile/seccomp/verdict_table.h"

#include <linux/audit.h>
#include <seccomp.h>

#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <sstream>

#include "tests/hostile/seccomp/bpf_evaluator.h"

namespace holdfast::policy {
namespace {

constexpr unsigned kX32 = 0x40000000;

using Arguments = std::array<std::uint64_t, 6>;

constexpr Arguments kOnes = {~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL};

std::string textOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAllow:
      return "allow";
    case Verdict::kKill:
      return "KILL";
    case Verdict::kNotImplemented:
      return "ENOSYS";
    case Verdict::kRefuse:
      return "EPERM";
  }
  return "";
}

std::uint64_t valueOf(const Check& check) {
  return check.ownPid ? std::uint64_t{kTestPid} : check.value;
}

// A call for which all checks hold, except the one with index `broken`.
Arguments argumentsFor(const Rule& rule, int broken) {
  Arguments arguments{};
  for (int i = 0; i < static_cast<int>(kMaxChecks); ++i) {
    const Check& check = rule.checks[i];
    if (check.mask != 0) {
      const std::uint64_t lowest = check.mask & (~check.mask + 1);
      const bool differs = check.unequal != (i == broken);
      arguments[check.argument] = valueOf(check) ^ (differs ? lowest : 0);
    }
  }
  return arguments;
}

std::string describe(const Arguments& arguments, const Rule& rule) {
  std::ostringstream text;
  for (const Check& check : rule.checks) {
    if (check.mask != 0) {
      text << " arg" << check.argument << "=0x" << std::hex << arguments[check.argument]
           << std::dec;
    }
  }
  return text.str();
}

class Table {
 public:
  Table(std::span<const sock_filter> program, std::span<const Rule> rules, Verdict otherwise)
      : program_(program), otherwise_(textOf(otherwise)) {
    for (const Rule& rule : rules) {
      byNumber_[rule.systemCall].push_back(&rule);
    }
  }

  std::string text() {
    foreign("i386", AUDIT_ARCH_I386, 0);
    foreign("x32", AUDIT_ARCH_X86_64, kX32);
    foreign("aarch64", AUDIT_ARCH_AARCH64, 0);
    int others = 0;
    for (int number = 0; number < kNumbers; ++number) {
      others += native(number) ? 0 : 1;
    }
    out_ << "x86_64: " << others << " other numbers: " << otherwise_ << "\n";
    return out_.str();
  }

 private:
  void foreign(const char* name, std::uint32_t architecture, unsigned firstNumber) {
    std::map<std::string, int> verdicts;
    for (unsigned number = 0; number < kNumbers; ++number) {
      ++verdicts[verdictOf(program_, architecture, firstNumber + number)];
    }
    for (const auto& [verdict, count] : verdicts) {
      out_ << name << ": " << count << " numbers: " << verdict << "\n";
    }
  }

  // False where there is nothing to tell.
  bool native(int number) {
    const auto call = static_cast<unsigned>(number);
    const std::string zeros = verdictOf(program_, AUDIT_ARCH_X86_64, call);
    const std::string ones = verdictOf(program_, AUDIT_ARCH_X86_64, call, kOnes);
    const auto found = byNumber_.find(number);
    if (zeros == otherwise_ && ones == otherwise_ && found == byNumber_.end()) {
      return false;
    }
    out_ << "x86_64: " << number << " " << nameOfCall(number) << ": " << zeros;
    if (ones != zeros) {
      out_ << "; all ones: " << ones;
    }
    out_ << "\n";
    for (const Rule* rule : found != byNumber_.end() ? found->second : std::vector<const Rule*>{}) {
      probe(*rule);
    }
    return true;
  }

  void probe(const Rule& rule) {
    for (int broken = -1; broken < static_cast<int>(kMaxChecks); ++broken) {
      const bool asked = broken < 0 ? rule.checks[0].mask != 0 : rule.checks[broken].mask != 0;
      if (!asked) {
        continue;
      }
      const Arguments arguments = argumentsFor(rule, broken);
      out_ << "    " << nameOfCall(rule.systemCall) << describe(arguments, rule) << ": "
           << verdictOf(program_, AUDIT_ARCH_X86_64, static_cast<unsigned>(rule.systemCall),
                        arguments)
           << "\n";
    }
  }

  std::span<const sock_filter> program_;
  std::string otherwise_;
  std::map<int, std::vector<const Rule*>> byNumber_;
  std::ostringstream out_;
};

}  // namespace

std::string nameOfCall(int number) {
  const std::unique_ptr<char, decltype(&std::free)> name(
      seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, number), &std::free);
  return name != nullptr ? name.get() : "?";
}

std::string verdictOf(std::span<const sock_filter> program, std::uint32_t architecture,
                      unsigned number, std::span<const std::uint64_t> arguments) {
  seccomp_data call{};
  call.nr = static_cast<int>(number);
  call.arch = architecture;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    call.args[i] = arguments[i];
  }
  const auto result = evaluate(program, call);
  if (!result.has_value()) {
    return "BROKEN";
  }
  switch (*result & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
      return "allow";
    case SECCOMP_RET_KILL_PROCESS:
      return "KILL";
    case SECCOMP_RET_ERRNO:
      return (*result & SECCOMP_RET_DATA) == ENOSYS  ? "ENOSYS"
             : (*result & SECCOMP_RET_DATA) == EPERM ? "EPERM"
                                                     : "ERRNO";
    default:
      return "OTHER";
  }
}

std::string verdictTable(std::span<const sock_filter> program, std::span<const Rule> rules,
                         Verdict otherwise) {
  return Table(program, rules, otherwise).text();
}

}  // namespace holdfast::policy
