// What the tests of the drop have in common: they begin as root, and become a user that nobody is.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include "policy/sandbox.h"

namespace holdfast::policy {

inline constexpr uid_t kOther = 12345;
inline constexpr gid_t kOtherGroup = 12346;

class SandboxTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) {
      GTEST_SKIP() << "needs root";
    }
  }
  static SandboxRequest vrrpd() {
    return {.role = Role::kVrrpd, .uid = kOther, .gid = kOtherGroup};
  }
  static SandboxRequest scriptd() {
    return {.role = Role::kScriptd, .uid = kOther, .gid = kOtherGroup, .noNewPrivileges = false};
  }
};

}  // namespace holdfast::policy
