#include "policy/request_table.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace holdfast::policy {
namespace {

constexpr std::size_t bytesOf(Sender sender) {
  return sender == Sender::kCheckd ? 32 : 24;
}

// What is expected, written down a second time: a row for each verb, with the states in which it is
// served. I: idle, L: loaded, R: running, G: leaving.
struct Expected {
  Sender sender;
  std::uint16_t verb;
  std::string states;
  bool descriptor;
};
const Expected kExpected[] = {
    {Sender::kSupervisor, 0, "ILR", true}, {Sender::kSupervisor, 1, "LR", true},
    {Sender::kSupervisor, 2, "L", false},  {Sender::kSupervisor, 3, "ILRG", false},
    {Sender::kSupervisor, 4, "LR", false}, {Sender::kSupervisor, 7, "I", true},
    {Sender::kVrrpd, 0, "RG", false},      {Sender::kVrrpd, 1, "RG", false},
    {Sender::kVrrpd, 2, "RG", false},      {Sender::kVrrpd, 3, "RG", false},
    {Sender::kVrrpd, 4, "RG", false},      {Sender::kVrrpd, 5, "RG", false},
    {Sender::kVrrpd, 6, "RG", false},      {Sender::kSupervisor, 10, "ILR", true},
    {Sender::kCheckd, 0, "RG", false},     {Sender::kCheckd, 1, "RG", false},
    {Sender::kCheckd, 2, "RG", false},     {Sender::kCheckd, 3, "RG", false},
    {Sender::kCheckd, 4, "RG", false},     {Sender::kCheckd, 5, "RG", false},
    {Sender::kSupervisor, 11, "I", true},
};

const Expected* expectedFor(Sender sender, std::uint16_t verb) {
  for (const Expected& expected : kExpected) {
    if (expected.sender == sender && expected.verb == verb) {
      return &expected;
    }
  }
  return nullptr;
}

TEST(RequestTable, ServesExactlyTheListedCells) {
  const std::pair<BrokerState, char> states[] = {{BrokerState::kIdle, 'I'},
                                                 {BrokerState::kLoaded, 'L'},
                                                 {BrokerState::kRunning, 'R'},
                                                 {BrokerState::kLeaving, 'G'}};
  for (const Sender sender : {Sender::kSupervisor, Sender::kVrrpd, Sender::kCheckd}) {
    for (unsigned verb = 0; verb <= 0xffff; ++verb) {
      const Expected* expected = expectedFor(sender, static_cast<std::uint16_t>(verb));
      for (const auto& [state, letter] : states) {
        for (const bool descriptor : {false, true}) {
          const auto verdict =
              judge(sender, static_cast<std::uint16_t>(verb), state, bytesOf(sender), descriptor)
                  .verdict;
          const bool listed = expected != nullptr && expected->descriptor == descriptor &&
                              expected->states.find(letter) != std::string::npos;
          ASSERT_EQ(verdict == RequestVerdict::kServe, listed)
              << "sender " << static_cast<int>(sender) << " verb " << verb << " in " << letter;
        }
      }
    }
  }
}

TEST(RequestTable, AcceptsOneSizeOnly) {
  for (const RequestRow& row : requestTable()) {
    for (std::size_t bytes = 0; bytes <= 4096; ++bytes) {
      const auto verdict =
          judge(row.sender, row.verb, BrokerState::kRunning, bytes, row.descriptor).verdict;
      ASSERT_EQ(verdict == RequestVerdict::kWrongSize, bytes != bytesOf(row.sender))
          << row.name << " " << bytes;
    }
  }
}

TEST(RequestTable, HasOneRowForEachHandlerAndSender) {
  std::set<Handler> handlers;
  std::set<std::pair<Sender, std::uint16_t>> verbs;
  for (const RequestRow& row : requestTable()) {
    EXPECT_TRUE(handlers.insert(row.handler).second) << row.name;
    EXPECT_TRUE(verbs.insert({row.sender, row.verb}).second) << row.name;
    // Only the supervisor may hand in a descriptor, and it names no instance.
    EXPECT_FALSE(row.sender != Sender::kSupervisor && row.descriptor) << row.name;
    EXPECT_FALSE(row.sender == Sender::kSupervisor && row.names != Names::kNothing) << row.name;
  }
  EXPECT_EQ(handlers.size(), std::size(kExpected));
}

}  // namespace
}  // namespace holdfast::policy
