// Two fresh network namespaces, joined by the veth pair e0 (here) and e1 (there). The test runs in
// `here`; both are gone with the process that made them, whatever ends it.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "ipc/unique_fd.h"

namespace holdfast::privd {

class NetworkLab {
 public:
  template <typename Body>
  auto inThere(Body&& body) {
    enter(there_.get());
    auto result = body();
    enter(here_.get());
    return result;
  }

  NetworkLab() {
    before_.reset(openNamespace());
    there_.reset(unshared());
    here_.reset(unshared());
    const std::string there =
        "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(there_.get());
    ok_ = before_.valid() && there_.valid() && here_.valid() &&
          run("ip link set lo up && ip link add e0 address 02:00:00:00:00:01 type veth "
              "peer name e1 address 02:00:00:00:00:02 && ip link set e1 netns " +
              there) &&
          run("sysctl -qw net.ipv6.conf.e0.accept_dad=0 && ip addr add 10.9.0.1/24 dev e0 && "
              "ip link set e0 up") &&
          inThere([] {
            return run("ip link set lo up && sysctl -qw net.ipv6.conf.e1.accept_dad=0 && "
                       "ip addr add 10.9.0.2/24 dev e1 && ip link set e1 up") &&
                   settled();
          }) &&
          settled();
  }
  ~NetworkLab() { enter(before_.get()); }
  NetworkLab(const NetworkLab&) = delete;
  NetworkLab& operator=(const NetworkLab&) = delete;

  [[nodiscard]] bool ok() const { return ok_; }

  // Runs a shell command in the present namespace.
  static bool run(const std::string& command) { return std::system(command.c_str()) == 0; }
  static std::string output(const std::string& command) {
    std::string text;
    FILE* pipe = ::popen(command.c_str(), "r");
    char buffer[4096];
    for (std::size_t size = 0; (size = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;) {
      text.append(buffer, size);
    }
    ::pclose(pipe);
    return text;
  }

 private:
  // The kernel configures link-local addresses in its own time.
  static bool settled() {
    return run(
        "for i in $(seq 500); do ip -6 -o addr show scope link -tentative | grep -q fe80 && "
        "exit 0; done; exit 1");
  }
  static int openNamespace() { return ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC); }
  static int unshared() { return ::unshare(CLONE_NEWNET) == 0 ? openNamespace() : -1; }
  static void enter(int fd) { EXPECT_EQ(::setns(fd, CLONE_NEWNET), 0); }

  UniqueFd before_;
  UniqueFd there_;
  UniqueFd here_;
  bool ok_ = false;
};

class LabTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) {
      GTEST_SKIP() << "making network namespaces needs root";
    }
    lab_ = std::make_unique<NetworkLab>();
    ASSERT_TRUE(lab_->ok());
  }
  static int indexOf(const char* name) { return static_cast<int>(::if_nametoindex(name)); }

  std::unique_ptr<NetworkLab> lab_;
};

}  // namespace holdfast::privd
