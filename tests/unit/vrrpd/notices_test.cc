#include "vrrpd/notices.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>

#include "ipc/notebook.h"

namespace holdfast::vrrpd {
namespace {

using Fifo = schema::ControlRequest::Fifo;

// A pipe in the FIFO's place, as short as the kernel makes them.
class NoticesTest : public testing::Test {
 protected:
  NoticesTest()
      : loop_(EventLoop::create().value()),
        log_(::open("/dev/null", O_WRONLY | O_CLOEXEC)),
        notices_(loop_, log_, lastWords_) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC), 0);
    reader_.reset(ends[0]);
    writer_.reset(ends[1]);
    ::fcntl(reader_.get(), F_SETPIPE_SZ, 4096);
  }

  // As the process that comes after one that died.
  void remember(UniqueFd& memory) {
    if (!memory) {
      memory = createVrrpdNotebook().value();
    }
    EXPECT_TRUE(lastWords_.adopt(memory));
  }
  void adopt(bool reloaded, bool statesOnReload) {
    notices_.configure({{false, "A"}, {false, "B"}, {true, "G"}}, statesOnReload);
    notices_.adopt(Fifo::VRRP, reloaded, std::move(writer_));
  }
  void fill() {
    const std::string line(4096, 'x');
    EXPECT_EQ(::write(dup_.get(), line.data(), line.size()), 4096);
  }
  std::string read() {
    std::array<char, 8192> buffer{};
    const ssize_t size = ::read(reader_.get(), buffer.data(), buffer.size());
    return {buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  }
  void turn() { EXPECT_TRUE(loop_.turnOnce(EventLoop::now())); }

  EventLoop loop_;
  Log log_;
  LastWords lastWords_;
  Notices notices_;
  UniqueFd reader_;
  UniqueFd writer_;
  UniqueFd dup_;
};

TEST_F(NoticesTest, OneLineForEachEvent) {
  adopt(false, false);
  notices_.tell(0, {NotifyEvent::kBackup, 100});
  notices_.tell(1, {NotifyEvent::kMasterReceivedLowerPriority, 200});
  notices_.tell(0, {NotifyEvent::kBackupPriority, 110});
  notices_.tell(2, {NotifyEvent::kFault, 0});
  EXPECT_EQ(read(),
            "INSTANCE \"A\" BACKUP 100\nINSTANCE \"B\" MASTER_RX_LOWER_PRI 200\n"
            "INSTANCE \"A\" BACKUP_PRIORITY 110\nGROUP \"G\" FAULT 0\n");
}

TEST_F(NoticesTest, WhatWasToldByAnEarlierProcessIsNotRepeated) {
  adopt(true, false);
  notices_.tell(0, {NotifyEvent::kMaster, 100, true});
  EXPECT_EQ(read(), "");
}

TEST_F(NoticesTest, ButOnceAfterAReloadWhereThatIsAskedFor) {
  adopt(true, true);
  notices_.tell(0, {NotifyEvent::kMaster, 100, true});
  notices_.tell(0, {NotifyEvent::kMaster, 100, true});
  EXPECT_EQ(read(), "INSTANCE \"A\" MASTER 100\n");
}

TEST_F(NoticesTest, ACrashIsNoReload) {
  adopt(false, true);
  notices_.tell(0, {NotifyEvent::kMaster, 100, true});
  EXPECT_EQ(read(), "");
}

TEST_F(NoticesTest, AfterAnOverflowEveryStateFollows) {
  dup_.reset(::fcntl(writer_.get(), F_DUPFD_CLOEXEC, 3));
  adopt(false, false);
  notices_.tell(0, {NotifyEvent::kMaster, 100});
  EXPECT_EQ(read(), "INSTANCE \"A\" MASTER 100\n");
  fill();
  notices_.tell(1, {NotifyEvent::kBackup, 50});
  notices_.tell(1, {NotifyEvent::kBackupPriority, 60});
  turn();
  EXPECT_EQ(read().find("INSTANCE"), std::string::npos);
  turn();
  EXPECT_EQ(read(), "INSTANCE \"A\" MASTER 100\nINSTANCE \"B\" BACKUP 60\n");
  notices_.tell(1, {NotifyEvent::kMaster, 60});
  EXPECT_EQ(read(), "INSTANCE \"B\" MASTER 60\n");
}

TEST_F(NoticesTest, WhatAProcessOwedWhenItDiedFollows) {
  UniqueFd memory;
  remember(memory);
  const UniqueFd end(::fcntl(writer_.get(), F_DUPFD_CLOEXEC, 3));
  dup_.reset(::fcntl(writer_.get(), F_DUPFD_CLOEXEC, 3));
  adopt(false, false);
  fill();
  notices_.tell(0, {NotifyEvent::kBackup, 100});
  EXPECT_TRUE(lastWords_.owesStates(Fifo::VRRP));
  EXPECT_EQ(read().find("INSTANCE"), std::string::npos);

  Notices next(loop_, log_, lastWords_);
  next.configure({{false, "A"}, {false, "B"}, {true, "G"}}, false);
  next.adopt(Fifo::VRRP, false, UniqueFd(::fcntl(end.get(), F_DUPFD_CLOEXEC, 3)));
  next.tell(0, {NotifyEvent::kBackup, 100, true});
  next.tell(1, {NotifyEvent::kBackup, 50, true});
  next.tell(2, {NotifyEvent::kBackup, 0, true});
  EXPECT_EQ(read(), "INSTANCE \"A\" BACKUP 100\nINSTANCE \"B\" BACKUP 50\nGROUP \"G\" BACKUP 0\n");
  next.tell(0, {NotifyEvent::kBackup, 100, true});
  EXPECT_EQ(read(), "");
  EXPECT_FALSE(lastWords_.owesStates(Fifo::VRRP));
}

}  // namespace
}  // namespace holdfast::vrrpd
