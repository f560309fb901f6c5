// A filter over two lists of numbers: libseccomp has no "is none of", so it is written by hand.
#include "policy/identity_filter.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>

#include <cstddef>

#include "policy/sandbox.h"
#include "policy/seccomp.h"

namespace holdfast::policy {
namespace {

constexpr std::uint32_t kUnchanged = 0xffffffff;  // (uid_t)-1: leave this id as it is
constexpr std::uint32_t kRefused = SECCOMP_RET_ERRNO | EPERM;
constexpr unsigned kIdsInCall = 3;

// Calls that change an id in another way than the two that are checked.
constexpr int kOtherWays[] = {SCMP_SYS(setuid),   SCMP_SYS(setgid),   SCMP_SYS(setreuid),
                              SCMP_SYS(setregid), SCMP_SYS(setfsuid), SCMP_SYS(setfsgid)};

constexpr sock_filter statement(unsigned code, std::uint32_t value) {
  return {static_cast<std::uint16_t>(code), 0, 0, value};
}
// Goes on with the next one where equal, else over `otherwise` statements.
constexpr sock_filter ifEqual(std::uint32_t value, std::uint8_t otherwise) {
  return {BPF_JMP | BPF_JEQ | BPF_K, 0, otherwise, value};
}
constexpr sock_filter loadField(std::size_t offset) {
  return statement(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}

// The lower half of an argument is all that the kernel takes for an id.
constexpr std::size_t argumentOffset(unsigned argument) {
  constexpr bool kBigEndian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
  return offsetof(seccomp_data, args) + argument * sizeof(std::uint64_t) + (kBigEndian ? 4 : 0);
}

// For each argument: where it is in the list, a jump over the refusal.
std::vector<sock_filter> checkArguments(std::span<const std::uint32_t> ids) {
  std::vector<sock_filter> body;
  for (unsigned argument = 0; argument < kIdsInCall; ++argument) {
    body.push_back(loadField(argumentOffset(argument)));
    // Each comparison is a pair: a match jumps by a long jump to behind the refusal, since a
    // conditional one reaches 255 statements only.
    std::size_t left = ids.size() + 1;
    const auto compare = [&](std::uint32_t id) {
      --left;
      body.push_back(ifEqual(id, 1));
      body.push_back(statement(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(left * 2 + 1)));
    };
    compare(kUnchanged);
    for (const std::uint32_t id : ids) {
      compare(id);
    }
    body.push_back(statement(BPF_RET | BPF_K, kRefused));
  }
  body.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  return body;
}

}  // namespace

// Foreign ABIs have been refused by the filter that is already there, so the number is enough.
std::vector<sock_filter> identityProgram(std::span<const std::uint32_t> users,
                                         std::span<const std::uint32_t> groups) {
  std::vector<sock_filter> program;
  program.push_back(loadField(offsetof(seccomp_data, nr)));
  for (const int call : kOtherWays) {
    program.push_back(ifEqual(static_cast<std::uint32_t>(call), 1));
    program.push_back(statement(BPF_RET | BPF_K, kRefused));
  }
  const struct {
    int call;
    std::span<const std::uint32_t> ids;
  } checked[] = {{SCMP_SYS(setresuid), users}, {SCMP_SYS(setresgid), groups}};
  for (const auto& [call, ids] : checked) {
    const auto body = checkArguments(ids);
    program.push_back({BPF_JMP | BPF_JEQ | BPF_K, 1, 0, static_cast<std::uint32_t>(call)});
    program.push_back(statement(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(body.size())));
    program.insert(program.end(), body.begin(), body.end());
  }
  program.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  return program;
}

Status restrictIdentities(std::span<const uid_t> users, std::span<const gid_t> groups) {
  const auto program = identityProgram(users, groups);
  if (program.size() > BPF_MAXINSNS) {
    return Error{"too many users for one filter", E2BIG};
  }
  return loadProgram(program);
}

}  // namespace holdfast::policy
