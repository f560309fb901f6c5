#include "vrrpd/last_words.h"

#include <algorithm>
#include <cerrno>
#include <functional>
#include <map>
#include <utility>

#include "ipc/event_loop.h"

namespace holdfast::vrrpd {
namespace {

// Never 0.
std::uint64_t hashOf(const std::string& name) {
  return std::hash<std::string>()(name) | 1;
}

std::uint64_t bitOf(schema::ControlRequest::Fifo fifo) {
  return std::uint64_t{1} << static_cast<unsigned>(fifo);
}

}  // namespace

Status LastWords::adopt(const UniqueFd& memory) {
  auto mapped = SharedMapping::map(memory.get());
  if (!mapped) {
    return mapped.error();
  }
  if (mapped->bytes().size() < sizeof(Header) + sizeof(Entry)) {
    return Error{"the memory for the last words is too small", EINVAL};
  }
  memory_ = std::move(mapped).value();
  if (header().layout != kLayout) {
    std::ranges::fill(memory_.bytes().first(sizeof(Header) + sizeof(Entry)), '\0');
    header().layout = kLayout;
  }
  return success();
}

LastWords::Header& LastWords::header() const {
  return *reinterpret_cast<Header*>(memory_.bytes().data());
}

std::span<LastWords::Entry> LastWords::entries() const {
  if (!memory_) {
    return {};
  }
  const std::span<char> bytes = memory_.bytes().subspan(sizeof(Header));
  return {reinterpret_cast<Entry*>(bytes.data()), bytes.size() / sizeof(Entry)};
}

void LastWords::begin(const std::vector<std::string>& names) {
  std::map<std::uint64_t, Entry> left;
  const std::span<Entry> all = entries();
  for (const Entry& entry : all) {
    if (entry.name == 0) {
      break;
    }
    left.emplace(entry.name, entry);
  }
  before_.assign(names.size(), 0);
  const std::size_t count = std::min(names.size(), all.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t name = hashOf(names[i]);
    const auto found = left.find(name);
    all[i] = found == left.end() ? Entry{.name = name} : found->second;
    before_[i] = all[i].time;
  }
  if (count < all.size()) {
    all[count] = {};
  }
}

// Nothing is known of the future.
std::optional<TimePoint> LastWords::lastAdvertisement(InstanceId id) const {
  const std::size_t index = indexOf(id);
  if (index >= before_.size() || before_[index] == 0) {
    return std::nullopt;
  }
  const TimePoint time{Duration(static_cast<Duration::rep>(before_[index]))};
  return time > TimePoint{} && time <= EventLoop::now() ? std::optional(time) : std::nullopt;
}

void LastWords::advertised(InstanceId id, TimePoint now) {
  const std::span<Entry> all = entries();
  if (indexOf(id) < all.size()) {
    all[indexOf(id)].time = static_cast<std::uint64_t>(now.time_since_epoch().count());
  }
}

InstanceCounters LastWords::counters(InstanceId id) const {
  const std::span<Entry> all = entries();
  return indexOf(id) < all.size() ? all[indexOf(id)].counters : InstanceCounters{};
}

void LastWords::count(InstanceId id, const InstanceCounters& counters) {
  const std::span<Entry> all = entries();
  if (indexOf(id) < all.size()) {
    all[indexOf(id)].counters = counters;
  }
}

bool LastWords::owesStates(Fifo fifo) const {
  return memory_ && (header().owingFifos & bitOf(fifo)) != 0;
}

void LastWords::setOwesStates(Fifo fifo, bool owes) {
  if (memory_) {
    std::uint64_t& owing = header().owingFifos;
    owing = owes ? owing | bitOf(fifo) : owing & ~bitOf(fifo);
  }
}

}  // namespace holdfast::vrrpd
