#include "privd/broker/notebook.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <random>

#include "ipc/notebook.h"

namespace holdfast::privd {
namespace {

using schema::VrrpState;

Notes someNotes(std::uint8_t priority) {
  Notes notes;
  notes.entries = {{{Generation{3}, InstanceId{0}}, {VrrpState::MASTER, priority, 0xfe01}},
                   {{Generation{3}, InstanceId{65'535}}, {VrrpState::FAULT, 1}}};
  notes.settings = {{2, Setting::kPromoteSecondaries, 0}, {9, Setting::kArpIgnore, 2}};
  notes.vrrpdLostAt = TimePoint(std::chrono::seconds(77));
  return notes;
}

class NotebookTest : public ::testing::Test {
 protected:
  [[nodiscard]] Notebook open() const { return std::move(Notebook::open(memory_.get())).value(); }
  void spoil(std::size_t at, std::uint8_t by) const {
    std::uint8_t byte = 0;
    ASSERT_EQ(::pread(memory_.get(), &byte, 1, static_cast<off_t>(at)), 1);
    byte ^= by;
    ASSERT_EQ(::pwrite(memory_.get(), &byte, 1, static_cast<off_t>(at)), 1);
  }
  UniqueFd memory_ = std::move(createNotebook()).value();
};

TEST_F(NotebookTest, AFreshOneSaysNothing) {
  EXPECT_EQ(open().read(), std::nullopt);
}

TEST_F(NotebookTest, TheNextReadsWhatWasWrittenLast) {
  Notebook notebook = open();
  for (std::uint8_t priority = 1; priority < 10; ++priority) {
    notebook.write(someNotes(priority));
    EXPECT_EQ(open().read(), someNotes(priority));
  }
}

TEST_F(NotebookTest, APageThatIsHalfWrittenLeavesTheOneBefore) {
  Notebook notebook = open();
  notebook.write(someNotes(1));  // into the first page
  notebook.write(someNotes(2));
  notebook.write(someNotes(3));
  constexpr std::size_t kSequenceAt = 16;
  spoil(kSequenceAt, 0x40);
  EXPECT_EQ(open().read(), someNotes(2));
}

TEST_F(NotebookTest, NothingIsBelievedThatIsOutOfBounds) {
  Notes notes;
  notes.entries = {{{Generation{1}, InstanceId{0}}, {static_cast<VrrpState>(9), 100}},
                   {{Generation{1}, InstanceId{1}}, {VrrpState::MASTER, 0}},
                   {{Generation{1}, InstanceId{2}}, {VrrpState::STOP, 100}}};
  notes.settings = {{0, Setting::kArpIgnore, 0}, {-5, Setting::kArpFilter, 1}, {2, Setting{1}, 1}};
  open().write(notes);
  EXPECT_EQ(open().read(), Notes{});
}

TEST_F(NotebookTest, AnyBytesCanBeRead) {
  std::mt19937 random(1);
  open().write(someNotes(1));
  for (int i = 0; i < 2000; ++i) {
    spoil(random() % 64, static_cast<std::uint8_t>(random()));
    static_cast<void>(open().read());
  }
}

TEST_F(NotebookTest, MoreThanThereIsRoomForIsLeftOut) {
  Notes notes;
  for (std::uint32_t i = 0; i < 3 * kMaxInstances; ++i) {
    notes.entries.push_back({{Generation{1}, static_cast<InstanceId>(i)}, {VrrpState::BACKUP, 1}});
  }
  notes.settings.assign(8 * kMaxInterfaces, {7, Setting::kArpIgnore, 0});
  open().write(notes);
  EXPECT_EQ(open().read()->entries.size(), 2 * kMaxInstances);
  EXPECT_EQ(open().read()->settings.size(), 4 * kMaxInterfaces);
}

TEST_F(NotebookTest, OtherMemoryIsRefused) {
  const UniqueFd unsealed(::memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  ASSERT_EQ(::ftruncate(unsealed.get(), static_cast<off_t>(kNotebookBytes)), 0);
  EXPECT_FALSE(Notebook::open(unsealed.get()));
  EXPECT_FALSE(Notebook::open(-1));
}

}  // namespace
}  // namespace holdfast::privd
