#include "checkd/genhash/confinement.h"

#include <grp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "policy/seccomp.h"

namespace holdfast::checkd {
namespace {

using policy::Rule;
using policy::Verdict;

constexpr uid_t kNobody = 65534;
constexpr std::uint64_t kWhole = ~std::uint64_t{0};

// clang-format off
constexpr Rule kRules[] = {
    {SCMP_SYS(exit_group), Verdict::kAllow, "the end", {}},
    {SCMP_SYS(read), Verdict::kAllow, "the timer", {}},
    {SCMP_SYS(write), Verdict::kAllow, "standard output and error", {}},
    {SCMP_SYS(writev), Verdict::kAllow, "the same", {}},
    {SCMP_SYS(close), Verdict::kAllow, "the connection", {}},
    {SCMP_SYS(connect), Verdict::kAllow, "the connection", {}},
    {SCMP_SYS(getsockopt), Verdict::kAllow, "whether it could be made", {}},
    {SCMP_SYS(recvfrom), Verdict::kAllow, "the reply", {}},
    {SCMP_SYS(sendto), Verdict::kAllow, "the request", {{4, kWhole, 0}}},
    {SCMP_SYS(epoll_ctl), Verdict::kAllow, "the loop", {}},
    {SCMP_SYS(epoll_wait), Verdict::kAllow, "the loop", {}},
    {SCMP_SYS(epoll_pwait), Verdict::kAllow, "the loop", {}},
    {SCMP_SYS(timerfd_settime), Verdict::kAllow, "the loop", {}},
    {SCMP_SYS(clock_gettime), Verdict::kAllow, "where the vDSO cannot read the clock", {}},
    {SCMP_SYS(brk), Verdict::kAllow, "malloc", {}},
    {SCMP_SYS(mmap), Verdict::kAllow, "malloc; never code", {{2, PROT_EXEC, 0}}},
    {SCMP_SYS(mprotect), Verdict::kAllow, "malloc; never code", {{2, PROT_EXEC, 0}}},
    {SCMP_SYS(munmap), Verdict::kAllow, "malloc", {}},
    {SCMP_SYS(mremap), Verdict::kAllow, "realloc", {}},
    {SCMP_SYS(madvise), Verdict::kAllow, "malloc", {}},
    {SCMP_SYS(futex), Verdict::kAllow, "locks inside of libraries", {}},
    {SCMP_SYS(getrandom), Verdict::kAllow, "keys of TLS", {}},
    {SCMP_SYS(getpid), Verdict::kAllow, "OpenSSL asks whether it has forked", {}},
    {SCMP_SYS(fstat), Verdict::kAllow, "what standard output is", {}},
    {SCMP_SYS(newfstatat), Verdict::kAllow, "the same", {{3, kWhole, 0x1000}}},
    {SCMP_SYS(ioctl), Verdict::kNotImplemented, "stdio asks whether it is a terminal", {}},
    {SCMP_SYS(statx), Verdict::kNotImplemented, "glibc then takes newfstatat", {}},
};
// clang-format on

Status leaveRoot() {
  if (::geteuid() != 0) {
    return success();
  }
  if (::setgroups(0, nullptr) != 0 || ::setresgid(kNobody, kNobody, kNobody) != 0 ||
      ::setresuid(kNobody, kNobody, kNobody) != 0) {
    return systemError("cannot become nobody");
  }
  return success();
}

}  // namespace

Status confineGenhash() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  if (Status status = leaveRoot(); !status) {
    return status;
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return systemError("no_new_privs");
  }
  return policy::loadFilter({Verdict::kKill, {kRules}});
}

}  // namespace holdfast::checkd
