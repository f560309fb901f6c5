#include "policy/users.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace holdfast::policy {
namespace {

class UsersTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(directory_.data()), nullptr);
    passwd_ = directory_ + "/passwd";
    std::ofstream(passwd_) << "root:x:0:0:root:/root:/bin/sh\n"
                              "holdfast-privd:x:990:980:Holdfast broker:/:/usr/sbin/nologin\n"
                              "holdfast-vrrpd:x:0:0:somebody's mistake:/:/bin/sh\n";
    group_ = directory_ + "/group";
    std::ofstream(group_) << "adm:x:4:syslog\n";
  }
  void TearDown() override {
    ::unlink(passwd_.c_str());
    ::unlink(group_.c_str());
    ::rmdir(directory_.c_str());
  }

  std::string directory_ = "/tmp/holdfast.users.XXXXXX";
  std::string passwd_;
  std::string group_;
};

TEST_F(UsersTest, Finds) {
  const auto user = findUser("holdfast-privd", passwd_.c_str());
  ASSERT_TRUE(user.ok());
  ASSERT_TRUE(user->has_value());
  EXPECT_EQ((*user)->uid, 990U);
  EXPECT_EQ((*user)->gid, 980U);
  const auto group = findGroup("adm", group_.c_str());
  ASSERT_TRUE(group.ok());
  EXPECT_EQ(*group, gid_t{4});
}

TEST_F(UsersTest, SaysThatThereIsNone) {
  const auto user = findUser("holdfast", passwd_.c_str());
  ASSERT_TRUE(user.ok());
  EXPECT_FALSE(user->has_value()) << "a part of a name is not the name";
  EXPECT_FALSE(findUser("root", (directory_ + "/missing").c_str()).ok());
}

TEST_F(UsersTest, NamesOrNumbers) {
  EXPECT_EQ(userName(990, passwd_.c_str()), "holdfast-privd");
  EXPECT_EQ(userName(61184, passwd_.c_str()), "61184");
  EXPECT_EQ(groupName(4, group_.c_str()), "adm");
}

TEST_F(UsersTest, ADaemonIsNeverRoot) {
  EXPECT_TRUE(daemonUser(kPrivdUser, passwd_.c_str()).ok());
  const auto mistaken = daemonUser(kVrrpdUser, passwd_.c_str());
  ASSERT_FALSE(mistaken.ok());
  EXPECT_NE(mistaken.error().message.find("neither may be 0"), std::string::npos);
  const auto missing = daemonUser("holdfast-checkd", passwd_.c_str());
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.error().message.find("systemd-sysusers"), std::string::npos);
}

}  // namespace
}  // namespace holdfast::policy
