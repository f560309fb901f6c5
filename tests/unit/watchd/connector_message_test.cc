#include "watchd/connector_message.h"

#include <gtest/gtest.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>

#include <cstdint>
#include <span>
#include <vector>

namespace holdfast::watchd {
namespace {

class Message {
 public:
  explicit Message(decltype(proc_event::what) what) {
    header_.nlmsg_type = NLMSG_DONE;
    event_.what = what;
  }
  Message& ids(pid_t thread, pid_t process) {
    if (event_.what == proc_event::PROC_EVENT_FORK) {
      event_.event_data.fork.parent_pid = 1;
      event_.event_data.fork.parent_tgid = 1;
      event_.event_data.fork.child_pid = thread;
      event_.event_data.fork.child_tgid = process;
    } else {
      event_.event_data.exec.process_pid = thread;
      event_.event_data.exec.process_tgid = process;
    }
    return *this;
  }
  Message& from(std::uint32_t idx) {
    idx_ = idx;
    return *this;
  }
  [[nodiscard]] std::vector<std::byte> bytes() const {
    std::vector<std::byte> all;
    const auto add = [&all](const auto& part) {
      const auto* const begin = reinterpret_cast<const std::byte*>(&part);
      all.insert(all.end(), begin, begin + sizeof(part));
    };
    cn_msg connector{};
    connector.id = {idx_, CN_VAL_PROC};
    add(header_);
    add(connector);
    add(event_);
    return all;
  }

 private:
  nlmsghdr header_{};
  std::uint32_t idx_ = CN_IDX_PROC;
  proc_event event_{};
};

TEST(ConnectorMessage, TellsOfProcessesThatAreNewOrOthersNow) {
  EXPECT_EQ(parseConnectorMessage(Message(proc_event::PROC_EVENT_FORK).ids(70, 70).bytes()),
            (ProcessEvent{70, true}));
  EXPECT_EQ(parseConnectorMessage(Message(proc_event::PROC_EVENT_EXEC).ids(70, 70).bytes()),
            (ProcessEvent{70, false}));
  EXPECT_EQ(parseConnectorMessage(Message(proc_event::PROC_EVENT_COMM).ids(70, 70).bytes()),
            (ProcessEvent{70, false}));
}

TEST(ConnectorMessage, ThreadsAndOtherNewsAreNone) {
  EXPECT_FALSE(parseConnectorMessage(Message(proc_event::PROC_EVENT_FORK).ids(71, 70).bytes()));
  EXPECT_FALSE(parseConnectorMessage(Message(proc_event::PROC_EVENT_COMM).ids(71, 70).bytes()));
  EXPECT_FALSE(parseConnectorMessage(Message(proc_event::PROC_EVENT_EXIT).ids(70, 70).bytes()));
  EXPECT_FALSE(parseConnectorMessage(Message(proc_event::PROC_EVENT_NONE).ids(70, 70).bytes()));
  EXPECT_FALSE(
      parseConnectorMessage(Message(proc_event::PROC_EVENT_EXEC).ids(70, 70).from(7).bytes()));
  EXPECT_FALSE(parseConnectorMessage(Message(proc_event::PROC_EVENT_EXEC).ids(-5, -5).bytes()));
}

TEST(ConnectorMessage, WhatIsCutOffIsNone) {
  const auto whole = Message(proc_event::PROC_EVENT_EXEC).ids(70, 70).bytes();
  const std::size_t needed = sizeof(nlmsghdr) + sizeof(cn_msg) + 24;
  for (std::size_t size = 0; size < needed; ++size) {
    EXPECT_FALSE(parseConnectorMessage(std::span(whole).first(size))) << size;
  }
  EXPECT_TRUE(parseConnectorMessage(std::span(whole).first(needed)));
}

}  // namespace
}  // namespace holdfast::watchd
