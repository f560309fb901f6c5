#include "checkd/memory.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <functional>
#include <unordered_map>
#include <utility>

namespace holdfast::checkd {
namespace {

// Another one for every other layout: a reload can follow an upgrade.
constexpr std::uint64_t kMagic = 0x636865636b640002;  // "checkd", 2

// Never 0.
std::uint64_t hashOf(const std::string& key) {
  return std::hash<std::string>()(key) | 1;
}

std::uint64_t bitOf(schema::ControlRequest::Fifo fifo) {
  return std::uint64_t{1} << static_cast<unsigned>(fifo);
}

constexpr unsigned kUp = 1U << 0U;
constexpr unsigned kHasRun = 1U << 1U;
constexpr unsigned kIsTold = 1U << 2U;
constexpr unsigned kToldUp = 1U << 3U;
constexpr unsigned kIsKnown = 1U << 4U;  // it has been noted
constexpr unsigned kDrains = 1U << 5U;
constexpr unsigned kFailuresAt = 16;
constexpr unsigned kTargetAt = 32;
constexpr std::uint32_t kMost = 0xffff;

std::uint64_t standingOf(const Memory::Entry& entry) {
  std::uint64_t standing = kIsKnown | (entry.check.isUp ? kUp : 0U) |
                           (entry.check.hasRun ? kHasRun : 0U) | (entry.drains ? kDrains : 0U);
  if (entry.told) {
    standing |= kIsTold | (*entry.told ? kToldUp : 0U);
  }
  return standing | std::uint64_t{std::min(entry.check.failures, kMost)} << kFailuresAt |
         std::uint64_t{std::min(entry.check.target, kMost)} << kTargetAt;
}

Memory::Entry entryOf(std::uint64_t standing, std::int64_t weightChange) {
  Memory::Entry entry{
      .check = {.isUp = (standing & kUp) != 0,
                .hasRun = (standing & kHasRun) != 0,
                .failures = static_cast<std::uint32_t>(standing >> kFailuresAt & kMost),
                .target = static_cast<std::uint32_t>(standing >> kTargetAt & kMost)},
      .weightChange = weightChange,
      .drains = (standing & kDrains) != 0,
      .told = {}};
  if ((standing & kIsTold) != 0) {
    entry.told = (standing & kToldUp) != 0;
  }
  return entry;
}

}  // namespace

Status Memory::adopt(const UniqueFd& memory) {
  auto mapped = SharedMapping::map(memory.get());
  if (!mapped) {
    return mapped.error();
  }
  if (mapped->bytes().size() < sizeof(Header) + 2 * sizeof(Record)) {
    return Error{"the memory for checkd's notes is too small", EINVAL};
  }
  memory_ = std::move(mapped).value();
  if (header().magic != kMagic) {
    std::ranges::fill(memory_.bytes(), '\0');
    header().magic = kMagic;
  }
  return success();
}

Memory::Header& Memory::header() const {
  return *reinterpret_cast<Header*>(memory_.bytes().data());
}

std::span<Memory::Record> Memory::table(std::uint64_t which) const {
  const std::span<char> bytes = memory_.bytes().subspan(sizeof(Header));
  const std::size_t room = bytes.size() / sizeof(Record) / 2;
  return std::span(reinterpret_cast<Record*>(bytes.data()), 2 * room)
      .subspan(which % 2 * room, room);
}

void Memory::begin(const std::vector<std::string>& keys) {
  before_.assign(keys.size(), std::nullopt);
  if (!memory_) {
    return;
  }
  std::unordered_map<std::uint64_t, Entry> left;
  for (const Record& record : table(header().current)) {
    if (record.key == 0) {
      break;
    }
    if ((record.standing & kIsKnown) != 0) {
      left.emplace(record.key, entryOf(record.standing, record.weightChange));
    }
  }
  const std::uint64_t next = header().current + 1;
  records_ = table(next);
  const std::size_t count = std::min(keys.size(), records_.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t key = hashOf(keys[i]);
    records_[i] = {.key = key};
    if (const auto found = left.find(key); found != left.end()) {
      before_[i] = found->second;
      note(i, found->second);
    }
  }
  if (count < records_.size()) {
    records_[count] = {};
  }
  std::atomic_signal_fence(std::memory_order_seq_cst);
  header().current = next;
}

void Memory::note(std::size_t object, const Entry& entry) {
  if (object < records_.size()) {
    records_[object].weightChange = entry.weightChange;
    records_[object].standing = standingOf(entry);
  }
}

bool Memory::owesStates(Fifo fifo) const {
  return memory_ && (header().owingFifos & bitOf(fifo)) != 0;
}

void Memory::setOwesStates(Fifo fifo, bool owes) {
  if (memory_) {
    std::uint64_t& owing = header().owingFifos;
    owing = owes ? owing | bitOf(fifo) : owing & ~bitOf(fifo);
  }
}

}  // namespace holdfast::checkd
