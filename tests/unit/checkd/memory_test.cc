#include "checkd/memory.h"

#include <gtest/gtest.h>

#include "ipc/notebook.h"

namespace holdfast::checkd {
namespace {

using Fifo = schema::ControlRequest::Fifo;

const Memory::Entry kDown{.check = {.isUp = false, .hasRun = true, .failures = 0, .target = 3},
                          .weightChange = -7,
                          .told = false};
const Memory::Entry kRetrying{.check = {.isUp = true, .hasRun = true, .failures = 2, .target = 0},
                              .weightChange = 12,
                              .drains = true,
                              .told = {}};

class MemoryTest : public testing::Test {
 protected:
  // A checkd that starts with these objects.
  Memory arrive(const std::vector<std::string>& keys) {
    Memory memory;
    EXPECT_TRUE(memory.adopt(descriptor_).ok());
    memory.begin(keys);
    return memory;
  }

  UniqueFd descriptor_ = std::move(createCheckdNotebook()).value();
};

TEST_F(MemoryTest, KnowsNothingAtFirst) {
  EXPECT_FALSE(arrive({"a"}).before(0));
}

TEST_F(MemoryTest, GoesOnWhereTheOneBeforeWas) {
  {
    Memory memory = arrive({"a", "b"});
    memory.note(0, kDown);
    memory.note(1, kRetrying);
  }
  const Memory memory = arrive({"a", "b"});
  EXPECT_EQ(memory.before(0), kDown);
  EXPECT_EQ(memory.before(1), kRetrying);
}

TEST_F(MemoryTest, FindsObjectsByWhatTheyAre) {
  arrive({"a", "b", "c"}).note(2, kDown);
  const Memory memory = arrive({"new", "c", "a"});
  EXPECT_FALSE(memory.before(0));
  EXPECT_EQ(memory.before(1), kDown);
}

// The last checkd was killed before it heard anything new.
TEST_F(MemoryTest, HandsOnWhatItHasNotHeardAnythingNewOf) {
  arrive({"a"}).note(0, kDown);
  static_cast<void>(arrive({"a"}));
  EXPECT_EQ(arrive({"a"}).before(0), kDown);
}

// Nobody had looked yet: that is not to be down.
TEST_F(MemoryTest, DoesNotKnowWhatWasNeverNoted) {
  static_cast<void>(arrive({"a"}));
  EXPECT_FALSE(arrive({"a"}).before(0));
}

TEST_F(MemoryTest, LeavesOutWhatItHasNoRoomFor) {
  std::vector<std::string> keys(kCheckdNotebookBytes / 24, "");
  for (std::size_t i = 0; i < keys.size(); ++i) {
    keys[i] = std::to_string(i);
  }
  Memory memory = arrive(keys);
  memory.note(keys.size() - 1, kDown);
  memory.note(1, kDown);
  const Memory next = arrive(keys);
  EXPECT_FALSE(next.before(keys.size() - 1));
  EXPECT_EQ(next.before(1), kDown);
}

TEST_F(MemoryTest, IsNotWhatSomebodyElseHasWritten) {
  {
    auto mapped = std::move(SharedMapping::map(descriptor_.get())).value();
    std::ranges::fill(mapped.bytes(), 'x');
  }
  const Memory memory = arrive({"a"});
  EXPECT_FALSE(memory.before(0));
  EXPECT_FALSE(memory.owesStates(Fifo::LVS));
}

TEST_F(MemoryTest, WorksWithoutMemory) {
  Memory memory;
  memory.begin({"a"});
  memory.note(0, kDown);
  memory.setOwesStates(Fifo::LVS, true);
  EXPECT_FALSE(memory.before(0));
  EXPECT_FALSE(memory.owesStates(Fifo::LVS));
}

TEST_F(MemoryTest, RemembersWhichFifosHaveToHearMore) {
  arrive({}).setOwesStates(Fifo::LVS, true);
  Memory memory = arrive({});
  EXPECT_TRUE(memory.owesStates(Fifo::LVS));
  EXPECT_FALSE(memory.owesStates(Fifo::ALL));
  memory.setOwesStates(Fifo::LVS, false);
  EXPECT_FALSE(arrive({}).owesStates(Fifo::LVS));
}

}  // namespace
}  // namespace holdfast::checkd
