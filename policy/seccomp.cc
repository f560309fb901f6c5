#include "policy/seccomp.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <memory>

#include "ipc/unique_fd.h"

namespace holdfast::policy {
namespace {

struct Release {
  void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, Release>;

constexpr std::uint32_t actionOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAllow:
      return SCMP_ACT_ALLOW;
    case Verdict::kKill:
      return kSeccompOnlyLogs ? SCMP_ACT_LOG : SCMP_ACT_KILL_PROCESS;
    case Verdict::kNotImplemented:
      return SCMP_ACT_ERRNO(ENOSYS);
    case Verdict::kRefuse:
      return SCMP_ACT_ERRNO(EPERM);
  }
  return SCMP_ACT_KILL_PROCESS;
}

Error libraryError(const char* what, int result) {
  return Error{std::string(what) + ": " + std::strerror(-result), -result};
}

Status addRule(void* context, const Rule& rule, pid_t pid) {
  scmp_arg_cmp compare[kMaxChecks]{};
  unsigned count = 0;
  for (const Check& check : rule.checks) {
    if (check.mask != 0) {
      const std::uint64_t value = check.ownPid ? static_cast<std::uint64_t>(pid) : check.value;
      compare[count++] = check.unequal
                             ? scmp_arg_cmp{check.argument, SCMP_CMP_NE, value, 0}
                             : scmp_arg_cmp{check.argument, SCMP_CMP_MASKED_EQ, check.mask, value};
    }
  }
  const int result =
      seccomp_rule_add_array(context, actionOf(rule.verdict), rule.systemCall, count, compare);
  return result == 0 ? success() : Status(libraryError(rule.reason, result));
}

Result<Context> build(Verdict otherwise, std::span<const Rule> rules, pid_t pid) {
  Context context(seccomp_init(actionOf(otherwise)));
  if (context == nullptr) {
    return Error{"seccomp_init", ENOMEM};
  }
  struct Attribute {
    scmp_filter_attr attribute;
    std::uint32_t value;
  };
  const Attribute attributes[] = {
      {SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS},
      {SCMP_FLTATR_CTL_NNP, 0},       // enterSandbox decides about it
      {SCMP_FLTATR_CTL_OPTIMIZE, 2},  // a binary tree over the numbers
  };
  for (const Attribute& set : attributes) {
    if (const int result = seccomp_attr_set(context.get(), set.attribute, set.value); result != 0) {
      return libraryError("seccomp_attr_set", result);
    }
  }
  for (const Rule& rule : rules) {
    if (auto added = addRule(context.get(), rule, pid); !added.ok()) {
      return added.error();
    }
  }
  return context;
}

}  // namespace

std::vector<Rule> Filter::rules() const {
  std::vector<Rule> all;
  for (const auto table : tables) {
    all.insert(all.end(), table.begin(), table.end());
  }
  return all;
}

Result<std::vector<sock_filter>> compileFilter(Verdict otherwise, std::span<const Rule> rules,
                                               pid_t pid) {
  const auto context = build(otherwise, rules, pid);
  if (!context.ok()) {
    return context.error();
  }
  const UniqueFd file(::memfd_create("seccomp", MFD_CLOEXEC));
  if (!file) {
    return systemError("memfd_create");
  }
  if (const int result = seccomp_export_bpf(context->get(), file.get()); result != 0) {
    return libraryError("seccomp_export_bpf", result);
  }
  const off_t bytes = ::lseek(file.get(), 0, SEEK_END);
  std::vector<sock_filter> program(static_cast<std::size_t>(bytes) / sizeof(sock_filter));
  if (bytes <= 0 ||
      ::pread(file.get(), program.data(), program.size() * sizeof(sock_filter), 0) != bytes) {
    return Error{"seccomp_export_bpf: cannot be read back", EIO};
  }
  return program;
}

Status loadFilter(const Filter& filter) {
  const auto context = build(filter.otherwise, filter.rules(), ::getpid());
  if (!context.ok()) {
    return context.error();
  }
  const int result = seccomp_load(context->get());
  return result == 0 ? success() : Status(libraryError("seccomp_load", result));
}

Status loadProgram(std::span<const sock_filter> program) {
  const sock_fprog loaded{static_cast<unsigned short>(program.size()),
                          const_cast<sock_filter*>(program.data())};
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &loaded, 0, 0) != 0) {
    return systemError("PR_SET_SECCOMP");
  }
  return success();
}

}  // namespace holdfast::policy
