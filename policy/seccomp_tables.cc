// What each role may call: one row for each call, with the reason why it is there. A row is
// {call, verdict, reason, checks of arguments}; docs: policy/README.md. tests/hostile/golden holds
// the verdict of the compiled filters for every number and argument that matters.
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "policy/seccomp.h"

namespace holdfast::policy {
namespace {

// clang-format off: one row, one line, or the checks on a second.

constexpr auto kAllow = Verdict::kAllow;
constexpr auto kRefuse = Verdict::kRefuse;
constexpr auto kNotImplemented = Verdict::kNotImplemented;

constexpr std::uint64_t kWhole = ~std::uint64_t{0};
constexpr std::uint64_t kInt = 0xffffffff;

constexpr Check is(unsigned argument, std::uint64_t value) {
  return {argument, kWhole, value};
}
constexpr Check isNull(unsigned argument) {
  return is(argument, 0);
}
constexpr Check isOwnPid(unsigned argument) {
  return {argument, kWhole, 0, true};
}
constexpr Check hasNone(unsigned argument, std::uint64_t bits) {
  return {argument, bits, 0};
}
constexpr Check hasBit(unsigned argument, std::uint64_t bit) {
  return {argument, bit, bit};
}
constexpr Check isInt(unsigned argument, std::uint32_t value) {
  return {argument, kInt, value};
}
// Another process, thread or group than the caller's own. A caller that leaves bits in the upper
// half, which the kernel does not look at, is refused as well.
constexpr Check isAnother(unsigned argument) {
  return {argument, kWhole, 0, false, true};
}

// A socket's type without the flags that may be or-ed to it.
constexpr Check isType(unsigned argument, std::uint64_t type) {
  return {argument, kWhole & ~std::uint64_t{SOCK_CLOEXEC | SOCK_NONBLOCK}, type};
}

constexpr std::uint64_t kProtocolVrrp = 112;
constexpr std::uint32_t kIoprioUser = 3;  // IOPRIO_WHO_USER
constexpr unsigned kSecondsToLeave = 5;   // of the parent-death signal, in drop_confine.cc

// ------------------------------------------------------------------ privd, vrrpd and confd: a
// process

constexpr Rule kProcess[] = {
    {SCMP_SYS(exit_group), kAllow, "the end"},
    {SCMP_SYS(exit), kAllow, "the end, of the one thread"},
    {SCMP_SYS(brk), kAllow, "malloc"},
    {SCMP_SYS(mmap),
     kAllow,
     "malloc, the sealed configuration; never code",
     {hasNone(2, PROT_EXEC)}},
    {SCMP_SYS(mprotect), kAllow, "malloc; never code", {hasNone(2, PROT_EXEC)}},
    {SCMP_SYS(munmap), kAllow, "malloc, a configuration that is replaced"},
    {SCMP_SYS(mremap), kAllow, "realloc"},
    {SCMP_SYS(madvise), kAllow, "malloc gives memory back"},
    {SCMP_SYS(futex), kAllow, "locks inside of libraries; there is one thread"},
    {SCMP_SYS(clock_gettime), kAllow, "where the vDSO cannot read the clock"},
    {SCMP_SYS(gettimeofday), kAllow, "the same"},
    {SCMP_SYS(time), kAllow, "the same"},
    {SCMP_SYS(getpid), kAllow, "abort; netlink port numbers"},
    {SCMP_SYS(gettid), kAllow, "abort"},
    {SCMP_SYS(tgkill), kAllow, "abort: a signal to itself and nobody else", {isOwnPid(0)}},
    {SCMP_SYS(rt_sigprocmask), kAllow, "abort"},
    {SCMP_SYS(rt_sigaction), kAllow, "abort"},
    {SCMP_SYS(rt_sigreturn), kAllow, "the end of a signal handler"},
    {SCMP_SYS(restart_syscall), kAllow, "the kernel's own, after a stop and continue"},
    {SCMP_SYS(read), kAllow, "timers; files that were opened"},
    {SCMP_SYS(write), kAllow, "messages to descriptors that it has"},
    {SCMP_SYS(writev), kAllow, "glibc's last words before abort"},
    {SCMP_SYS(close), kAllow, "descriptors that it has"},
    {SCMP_SYS(recvmsg), kAllow, "messages with a descriptor"},
    {SCMP_SYS(fstat), kAllow, "the size of a sealed configuration"},
    {SCMP_SYS(lseek), kAllow, "the same"},
    {SCMP_SYS(fcntl), kAllow, "the seals of a configuration", {isInt(1, F_GET_SEALS)}},
    {SCMP_SYS(fcntl), kAllow, "is it blocking", {isInt(1, F_GETFL)}},
    {SCMP_SYS(fcntl), kAllow, "is it there", {isInt(1, F_GETFD)}},
    // Calls that a newer glibc tries first, and does without when there are none.
    {SCMP_SYS(clone3), kNotImplemented, "no process, no thread"},
    {SCMP_SYS(rseq), kNotImplemented, "registered at start, if at all"},
    {SCMP_SYS(sysinfo), kNotImplemented, "qsort asks how much memory there is"},
    {SCMP_SYS(prctl), kNotImplemented, "malloc names its mappings"},
};

constexpr Rule kWithoutRandom[] = {
    {SCMP_SYS(getrandom), kNotImplemented, "malloc then takes the clock"},
};

// ------------------------------------------------------------------ privd and vrrpd: an event loop

constexpr Rule kLoop[] = {
    {SCMP_SYS(epoll_create1), kAllow, "the loop"},
    {SCMP_SYS(epoll_ctl), kAllow, "the loop"},
    {SCMP_SYS(epoll_wait), kAllow, "the loop"},
    {SCMP_SYS(epoll_pwait), kAllow, "the loop, where there is no epoll_wait"},
    {SCMP_SYS(timerfd_create), kAllow, "its timer"},
    {SCMP_SYS(timerfd_settime), kAllow, "its timer"},
    {SCMP_SYS(alarm), kAllow, "the supervisor is gone: time to leave", {is(0, kSecondsToLeave)}},
    {SCMP_SYS(newfstatat), kAllow, "fstat of glibc", {is(3, AT_EMPTY_PATH)}},
    {SCMP_SYS(statx), kNotImplemented, "glibc then takes newfstatat"},
    {SCMP_SYS(faccessat2), kNotImplemented, "nothing is looked up by name"},
};

// ------------------------------------------------------------------------------------------- vrrpd

constexpr Rule kVrrpd[] = {
    {SCMP_SYS(recvfrom), kAllow, "advertisements"},
    {SCMP_SYS(sendto),
     kAllow,
     "send: where to is the socket's own, which privd chose",
     {isNull(4), isNull(5)}},
    {SCMP_SYS(mlock), kAllow, "keys of authentication"},
    {SCMP_SYS(mlockall), kAllow, "vrrp_no_swap"},
    {SCMP_SYS(munlockall), kAllow, "a reload without vrrp_no_swap"},
};

// ------------------------------------------------------------------------------------------- privd

constexpr Rule kPrivd[] = {
    {SCMP_SYS(socket),
     kAllow,
     "addresses, links",
     {is(0, AF_NETLINK), isType(1, SOCK_RAW), is(2, NETLINK_ROUTE)}},
    {SCMP_SYS(socket),
     kAllow,
     "nftables: no_accept",
     {is(0, AF_NETLINK), isType(1, SOCK_RAW), is(2, NETLINK_NETFILTER)}},
    {SCMP_SYS(socket),
     kAllow,
     "IPVS",
     {is(0, AF_NETLINK), isType(1, SOCK_RAW), is(2, NETLINK_GENERIC)}},
    {SCMP_SYS(socket),
     kAllow,
     "checks with a mark, a low port or a device, to be handed to checkd: TCP",
     {is(0, AF_INET), isType(1, SOCK_STREAM), is(2, IPPROTO_TCP)}},
    {SCMP_SYS(socket),
     kAllow,
     "the same",
     {is(0, AF_INET6), isType(1, SOCK_STREAM), is(2, IPPROTO_TCP)}},
    {SCMP_SYS(socket),
     kAllow,
     "the same: UDP",
     {is(0, AF_INET), isType(1, SOCK_DGRAM), is(2, IPPROTO_UDP)}},
    {SCMP_SYS(socket),
     kAllow,
     "the same",
     {is(0, AF_INET6), isType(1, SOCK_DGRAM), is(2, IPPROTO_UDP)}},
    {SCMP_SYS(socket),
     kAllow,
     "the same: echoes of ICMP and nothing else",
     {is(0, AF_INET), isType(1, SOCK_DGRAM), is(2, IPPROTO_ICMP)}},
    {SCMP_SYS(socket),
     kAllow,
     "the same",
     {is(0, AF_INET6), isType(1, SOCK_DGRAM), is(2, IPPROTO_ICMPV6)}},
    {SCMP_SYS(socket),
     kAllow,
     "gratuitous ARP, neighbour advertisements; protocol 0 receives nothing",
     {is(0, AF_PACKET), isType(1, SOCK_RAW), is(2, 0)}},
    {SCMP_SYS(socket),
     kAllow,
     "advertisements, to be handed to vrrpd",
     {is(0, AF_INET), isType(1, SOCK_RAW), is(2, kProtocolVrrp)}},
    {SCMP_SYS(socket),
     kAllow,
     "the same, with an authentication header",
     {is(0, AF_INET), isType(1, SOCK_RAW), is(2, IPPROTO_AH)}},
    {SCMP_SYS(socket),
     kAllow,
     "the same",
     {is(0, AF_INET6), isType(1, SOCK_RAW), is(2, kProtocolVrrp)}},
    {SCMP_SYS(socket),
     kAllow,
     "the process connector, to be handed to watchd",
     {is(0, AF_NETLINK), isType(1, SOCK_DGRAM), is(2, NETLINK_CONNECTOR)}},
    {SCMP_SYS(setsockopt), kAllow, "device, filter, lock, buffers", {is(1, SOL_SOCKET)}},
    {SCMP_SYS(setsockopt), kAllow, "multicast, TTL", {is(1, IPPROTO_IP)}},
    {SCMP_SYS(setsockopt), kAllow, "multicast, hop limit", {is(1, IPPROTO_IPV6)}},
    {SCMP_SYS(setsockopt),
     kAllow,
     "groups of notifications, strict checking",
     {is(1, SOL_NETLINK)}},
    {SCMP_SYS(bind), kAllow, "netlink, source addresses, devices"},
    {SCMP_SYS(connect), kAllow, "a socket's one destination"},
    {SCMP_SYS(recvfrom), kAllow, "netlink"},
    {SCMP_SYS(sendto), kAllow, "frames, netlink"},
    {SCMP_SYS(sendmsg), kAllow, "netlink, a descriptor to vrrpd"},
};

// ------------------------------------------------------------------------------------------- confd

constexpr std::uint64_t kWrites =
    O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY);

constexpr Rule kConfd[] = {
    {SCMP_SYS(openat),
     kAllow,
     "the configuration and what it includes; reading only",
     {hasNone(2, kWrites)}},
    {SCMP_SYS(pread64), kAllow, "files that were opened"},
    {SCMP_SYS(readv), kAllow, "the same"},
    {SCMP_SYS(newfstatat), kAllow, "is there such a file"},
    {SCMP_SYS(statx), kAllow, "the same, of a newer glibc"},
    {SCMP_SYS(access), kAllow, "the same"},
    {SCMP_SYS(faccessat), kAllow, "the same"},
    {SCMP_SYS(faccessat2), kAllow, "the same"},
    {SCMP_SYS(readlink), kAllow, "where a link leads"},
    {SCMP_SYS(readlinkat), kAllow, "the same"},
    {SCMP_SYS(getdents64), kAllow, "include with a pattern"},
    {SCMP_SYS(getcwd), kAllow, "relative includes"},
    {SCMP_SYS(chdir), kAllow, "the same"},
    {SCMP_SYS(fchdir), kAllow, "the same"},
    {SCMP_SYS(uname), kAllow, "the host's name, for @host conditions"},
    {SCMP_SYS(getuid), kAllow, "who is the default script user"},
    {SCMP_SYS(geteuid), kAllow, "the same"},
    {SCMP_SYS(getgid), kAllow, "the same"},
    {SCMP_SYS(getegid), kAllow, "the same"},
    {SCMP_SYS(memfd_create), kAllow, "the sealed messages"},
    {SCMP_SYS(ftruncate), kAllow, "their size"},
    {SCMP_SYS(fcntl), kAllow, "their seals", {isInt(1, F_ADD_SEALS)}},
    {SCMP_SYS(poll), kAllow, "until the supervisor has read: no diagnostic may be lost"},
    {SCMP_SYS(ppoll), kAllow, "the same, where there is no poll"},
    {SCMP_SYS(recvfrom), kAllow, "the supervisor's messages"},
    {SCMP_SYS(sendto), kAllow, "log lines, on a connected socket", {isNull(4), isNull(5)}},
    {SCMP_SYS(sendmsg), kAllow, "a sealed message to the supervisor; it can open no socket"},
    {SCMP_SYS(ioctl), kAllow, "is standard error a terminal", {isInt(1, TCGETS)}},
    {SCMP_SYS(openat2), kNotImplemented, "its flags are behind a pointer"},
};

// ------------------------------------------------------------------------------------------ watchd

constexpr Rule kWatchd[] = {
    {SCMP_SYS(openat), kAllow, "tracked files, /proc; reading only", {hasNone(2, kWrites)}},
    {SCMP_SYS(getdents64), kAllow, "which processes there are"},
    {SCMP_SYS(inotify_add_watch), kAllow, "files and directories that change"},
    {SCMP_SYS(inotify_rm_watch), kAllow, "the same"},
    {SCMP_SYS(pidfd_open), kAllow, "the end of a process that counts"},
    {SCMP_SYS(poll), kAllow, "has it ended already"},
    {SCMP_SYS(ppoll), kAllow, "the same, where there is no poll"},
    {SCMP_SYS(recvfrom), kAllow, "the process connector"},
    {SCMP_SYS(sendto), kAllow, "messages, on connected sockets", {isNull(4), isNull(5)}},
    {SCMP_SYS(openat2), kNotImplemented, "its flags are behind a pointer"},
};

// ------------------------------------------------------------------------------------------ checkd

constexpr Rule kCheckd[] = {
    {SCMP_SYS(socket),
     kAllow,
     "checks",
     {is(0, AF_INET), isType(1, SOCK_STREAM), is(2, IPPROTO_TCP)}},
    {SCMP_SYS(socket),
     kAllow,
     "the same",
     {is(0, AF_INET6), isType(1, SOCK_STREAM), is(2, IPPROTO_TCP)}},
    {SCMP_SYS(socket),
     kAllow,
     "DNS, UDP",
     {is(0, AF_INET), isType(1, SOCK_DGRAM), is(2, IPPROTO_UDP)}},
    {SCMP_SYS(socket),
     kAllow,
     "the same",
     {is(0, AF_INET6), isType(1, SOCK_DGRAM), is(2, IPPROTO_UDP)}},
    {SCMP_SYS(socket),
     kAllow,
     "echo requests",
     {is(0, AF_INET), isType(1, SOCK_DGRAM), is(2, IPPROTO_ICMP)}},
    {SCMP_SYS(socket),
     kAllow,
     "the same",
     {is(0, AF_INET6), isType(1, SOCK_DGRAM), is(2, IPPROTO_ICMPV6)}},
    {SCMP_SYS(bind), kAllow, "bindto, bind_port"},
    {SCMP_SYS(connect), kAllow, "checked servers"},
    {SCMP_SYS(setsockopt), kAllow, "bind_port", {is(1, SOL_SOCKET), is(2, SO_REUSEADDR)}},
    {SCMP_SYS(setsockopt), kAllow, "bind_if", {is(1, SOL_SOCKET), is(2, SO_BINDTODEVICE)}},
    {SCMP_SYS(setsockopt), kAllow, "errors of UDP", {is(1, IPPROTO_IP), is(2, IP_RECVERR)}},
    {SCMP_SYS(setsockopt), kAllow, "the same", {is(1, IPPROTO_IPV6), is(2, IPV6_RECVERR)}},
    {SCMP_SYS(getsockopt), kAllow, "has it connected", {is(1, SOL_SOCKET), is(2, SO_ERROR)}},
    {SCMP_SYS(recvfrom), kAllow, "replies"},
    {SCMP_SYS(sendto),
     kAllow,
     "requests and messages, on connected sockets",
     {isNull(4), isNull(5)}},
    {SCMP_SYS(getrandom), kAllow, "keys of TLS, ids of DNS"},
    {SCMP_SYS(mlock), kAllow, "keys of TLS"},
    {SCMP_SYS(mlock2), kAllow, "the same"},
    {SCMP_SYS(mlockall), kAllow, "checker_no_swap"},
};

// -------------------------------------------------------- the supervisor, and all that it starts
//
// Inherited by every worker and by every script, of identity root too: only what none of them has a
// use for, and what reaches into another process or widely into the kernel.

constexpr Rule kNobody[] = {
    {SCMP_SYS(ptrace), kRefuse, "another process's memory and registers"},
    {SCMP_SYS(process_vm_readv), kRefuse, "another process's memory"},
    {SCMP_SYS(process_vm_writev), kRefuse, "the same"},
    {SCMP_SYS(process_madvise), kRefuse, "the same"},
    {SCMP_SYS(pidfd_getfd), kRefuse, "another process's descriptors"},
    {SCMP_SYS(kcmp), kRefuse, "another process's kernel pointers"},
    {SCMP_SYS(open_by_handle_at), kRefuse, "files past every directory's permissions"},
    {SCMP_SYS(kexec_load), kRefuse, "another kernel"},
    {SCMP_SYS(kexec_file_load), kRefuse, "the same"},
    {SCMP_SYS(bpf), kRefuse, "programs in the kernel"},
    {SCMP_SYS(perf_event_open), kRefuse, "a large part of the kernel, with a history"},
    {SCMP_SYS(userfaultfd), kRefuse, "stops the kernel in the middle of a copy"},
    {SCMP_SYS(io_uring_setup), kRefuse, "system calls that no filter sees"},
    {SCMP_SYS(io_uring_enter), kRefuse, "the same"},
    {SCMP_SYS(io_uring_register), kRefuse, "the same"},
    {SCMP_SYS(add_key), kNotImplemented,
     "keyrings are shared by a user's processes; as without them"},
    {SCMP_SYS(request_key), kNotImplemented, "the same"},
    {SCMP_SYS(keyctl), kNotImplemented, "the same"},
    {SCMP_SYS(clone),
     kRefuse,
     "user namespaces: every capability in a namespace",
     {hasBit(0, CLONE_NEWUSER)}},
    {SCMP_SYS(clone3), kNotImplemented, "its flags are behind a pointer: glibc takes clone"},
    {SCMP_SYS(ioctl),
     kRefuse,
     "types into the terminal that holdfast was started from",
     {isInt(1, TIOCSTI)}},
    {SCMP_SYS(ioctl), kRefuse, "the same, on a console", {isInt(1, 0x541c)}},  // TIOCLINUX
    {SCMP_SYS(modify_ldt), kRefuse, "segments for 16-bit programs"},
    {SCMP_SYS(uselib), kRefuse, "obsolete"},
    {SCMP_SYS(lookup_dcookie), kRefuse, "obsolete"},
    {SCMP_SYS(vmsplice), kRefuse, "pages shared with a pipe; with a history"},
};

constexpr Rule kNoUserNamespace[] = {
    {SCMP_SYS(unshare),
     kRefuse,
     "user namespaces; root's scripts may have all others",
     {hasBit(0, CLONE_NEWUSER)}},
};

// ------------------------- scriptd of a user other than root, and its scripts, under no_new_privs
//
// Nothing that they start can gain a privilege, so nothing here can succeed outside of a namespace
// of their own.

constexpr Rule kNoAdministrator[] = {
    {SCMP_SYS(unshare), kRefuse, "no namespace of their own"},
    {SCMP_SYS(clone), kRefuse, "the same", {hasBit(0, CLONE_NEWNS)}},
    {SCMP_SYS(clone), kRefuse, "the same", {hasBit(0, CLONE_NEWCGROUP)}},
    {SCMP_SYS(clone), kRefuse, "the same", {hasBit(0, CLONE_NEWUTS)}},
    {SCMP_SYS(clone), kRefuse, "the same", {hasBit(0, CLONE_NEWIPC)}},
    {SCMP_SYS(clone), kRefuse, "the same", {hasBit(0, CLONE_NEWPID)}},
    {SCMP_SYS(clone), kRefuse, "the same", {hasBit(0, CLONE_NEWNET)}},
    {SCMP_SYS(setns), kRefuse, "nor another's"},
    {SCMP_SYS(mount), kRefuse, "file systems"},
    {SCMP_SYS(umount2), kRefuse, "the same"},
    {SCMP_SYS(mount_setattr), kRefuse, "the same"},
    {SCMP_SYS(move_mount), kRefuse, "the same"},
    {SCMP_SYS(open_tree), kRefuse, "the same"},
    {SCMP_SYS(fsopen), kRefuse, "the same"},
    {SCMP_SYS(fsconfig), kRefuse, "the same"},
    {SCMP_SYS(fsmount), kRefuse, "the same"},
    {SCMP_SYS(fspick), kRefuse, "the same"},
    {SCMP_SYS(pivot_root), kRefuse, "the same"},
    {SCMP_SYS(chroot), kRefuse, "the same"},
    {SCMP_SYS(init_module), kRefuse, "kernel modules"},
    {SCMP_SYS(finit_module), kRefuse, "the same"},
    {SCMP_SYS(delete_module), kRefuse, "the same"},
    {SCMP_SYS(swapon), kRefuse, "the system as a whole"},
    {SCMP_SYS(swapoff), kRefuse, "the same"},
    {SCMP_SYS(reboot), kRefuse, "the same"},
    {SCMP_SYS(acct), kRefuse, "the same"},
    {SCMP_SYS(syslog), kRefuse, "the kernel's log"},
    {SCMP_SYS(settimeofday), kRefuse, "the clock"},
    {SCMP_SYS(clock_settime), kRefuse, "the same"},
    {SCMP_SYS(sethostname), kRefuse, "the host's name"},
    {SCMP_SYS(setdomainname), kRefuse, "the same"},
    {SCMP_SYS(iopl), kRefuse, "the hardware"},
    {SCMP_SYS(ioperm), kRefuse, "the same"},
    {SCMP_SYS(fanotify_init), kRefuse, "what others do with files"},
    {SCMP_SYS(vhangup), kRefuse, "another's terminal"},
    // Where all processes share one user, the kernel lets a script do these to a worker.
    {SCMP_SYS(prlimit64),
     kRefuse,
     "another process's limits: it could not open a file",
     {isAnother(0)}},
    {SCMP_SYS(sched_setaffinity), kRefuse, "another's processors", {isAnother(0)}},
    {SCMP_SYS(sched_setscheduler), kRefuse, "another's share of them", {isAnother(0)}},
    {SCMP_SYS(sched_setparam), kRefuse, "the same", {isAnother(0)}},
    {SCMP_SYS(sched_setattr), kRefuse, "the same", {isAnother(0)}},
    {SCMP_SYS(setpriority), kRefuse, "the same", {isAnother(1)}},
    {SCMP_SYS(setpriority),
     kRefuse,
     "the same, of all the user's processes",
     {isInt(0, PRIO_USER)}},
    {SCMP_SYS(ioprio_set), kRefuse, "another's share of the disks", {isAnother(1)}},
    {SCMP_SYS(ioprio_set),
     kRefuse,
     "the same, of all the user's processes",
     {isInt(0, kIoprioUser)}},
    {SCMP_SYS(migrate_pages), kRefuse, "another's memory", {isAnother(0)}},
    {SCMP_SYS(move_pages), kRefuse, "the same", {isAnother(0)}},
};

// clang-format on

}  // namespace

Filter filterOf(Role role) {
  switch (role) {
    case Role::kSupervisor:
      return {Verdict::kAllow, {kNobody, kNoUserNamespace}};
    case Role::kPrivd:
      return {Verdict::kKill, {kProcess, kWithoutRandom, kLoop, kPrivd}};
    case Role::kConfd:
      return {Verdict::kKill, {kProcess, kWithoutRandom, kConfd}};
    case Role::kVrrpd:
      return {Verdict::kKill, {kProcess, kWithoutRandom, kLoop, kVrrpd}};
    case Role::kScriptd:
      return {Verdict::kAllow, {kNobody, kNoAdministrator}};
    case Role::kWatchd:
      return {Verdict::kKill, {kProcess, kWithoutRandom, kLoop, kWatchd}};
    case Role::kCheckd:
      return {Verdict::kKill, {kProcess, kLoop, kCheckd}};
  }
  return {};
}

}  // namespace holdfast::policy
