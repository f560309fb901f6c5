#include "privd/broker/notebook.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>

#include "ipc/notebook.h"

namespace holdfast::privd {
namespace {

constexpr std::uint64_t kMagic = 0x33'53'45'54'4f'4e'46'48;  // "HFNOTES3"
constexpr std::size_t kMaxEntries = 2 * kMaxInstances;
constexpr std::size_t kMaxSettings = 4 * kMaxInterfaces;

struct StoredEntry {
  std::uint32_t generation;
  std::uint16_t instance;
  std::uint8_t state;
  std::uint8_t priority;
  std::uint16_t replayCounter;
  std::uint16_t unused;
};

struct StoredSetting {
  std::int32_t device;
  std::uint32_t value;
  std::uint32_t setting;
};

// Those that are ever changed; whoever wrote the page cannot make us change another.
bool isKnown(std::uint32_t setting) {
  return setting == static_cast<std::uint32_t>(Setting::kArpFilter) ||
         setting == static_cast<std::uint32_t>(Setting::kArpIgnore) ||
         setting == static_cast<std::uint32_t>(Setting::kPromoteSecondaries);
}

// FNV-1a: tells a page that is half written from a whole one; nobody is to be kept from forging it.
std::uint64_t addTo(std::uint64_t sum, std::span<const std::byte> bytes) {
  for (const std::byte byte : bytes) {
    sum = (sum ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3;
  }
  return sum;
}

}  // namespace

struct Notebook::Page {
  std::uint64_t checksum;  // of what is in use of all that follows
  std::uint64_t magic;
  std::uint64_t sequence;
  std::int64_t vrrpdLostAt;  // CLOCK_MONOTONIC, nanoseconds; 0 for none
  std::uint32_t entries;
  std::uint32_t settings;
  std::array<StoredEntry, kMaxEntries> entry;
  std::array<StoredSetting, kMaxSettings> setting;

  // The counts are within their bounds.
  [[nodiscard]] std::uint64_t ownChecksum() const {
    const auto head = std::as_bytes(std::span(this, 1)).first(offsetof(Page, entry));
    std::uint64_t sum = addTo(0xcbf29ce484222325, head.subspan(sizeof(checksum)));
    sum = addTo(sum, std::as_bytes(std::span(entry).first(entries)));
    return addTo(sum, std::as_bytes(std::span(setting).first(settings)));
  }
  [[nodiscard]] bool isWhole() const {
    return magic == kMagic && entries <= kMaxEntries && settings <= kMaxSettings &&
           checksum == ownChecksum();
  }
};

bool validNote(const Note& note) {
  const bool known =
      note.state == schema::VrrpState::INIT || note.state == schema::VrrpState::BACKUP ||
      note.state == schema::VrrpState::MASTER || note.state == schema::VrrpState::FAULT;
  return known && note.priority != 0;
}

Result<Notebook> Notebook::open(int fd) {
  static_assert(2 * sizeof(Page) <= kNotebookBytes);
  constexpr int kNeeded = F_SEAL_SHRINK | F_SEAL_GROW;
  struct stat status {};
  const int seals = ::fcntl(fd, F_GET_SEALS);
  if (seals < 0 || (seals & kNeeded) != kNeeded || ::fstat(fd, &status) != 0 ||
      status.st_size != static_cast<off_t>(kNotebookBytes)) {
    return Error{"the memory for notes is not what it should be", EINVAL};
  }
  void* const address = ::mmap(nullptr, kNotebookBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED) {
    return systemError("mmap of the memory for notes");
  }
  return Notebook(static_cast<Page*>(address));
}

Notebook::Notebook(Notebook&& other) noexcept : pages_(std::exchange(other.pages_, nullptr)) {}

Notebook& Notebook::operator=(Notebook&& other) noexcept {
  std::swap(pages_, other.pages_);
  return *this;
}

Notebook::~Notebook() {
  if (pages_ != nullptr) {
    ::munmap(pages_, kNotebookBytes);
  }
}

const Notebook::Page* Notebook::newest() const {
  const Page* best = nullptr;
  for (const Page& page : std::span(pages_, 2)) {
    if (page.isWhole() && (best == nullptr || page.sequence > best->sequence)) {
      best = &page;
    }
  }
  return best;
}

std::optional<Notes> Notebook::read() const {
  const Page* const page = newest();
  if (page == nullptr) {
    return std::nullopt;
  }
  Notes notes;
  for (const StoredEntry& stored : std::span(page->entry).first(page->entries)) {
    const Note note{static_cast<schema::VrrpState>(stored.state), stored.priority,
                    stored.replayCounter};
    if (validNote(note)) {
      notes.entries.push_back(
          {{static_cast<Generation>(stored.generation), static_cast<InstanceId>(stored.instance)},
           note});
    }
  }
  for (const StoredSetting& stored : std::span(page->setting).first(page->settings)) {
    if (stored.device > 0 && isKnown(stored.setting)) {
      notes.settings.push_back({stored.device, static_cast<Setting>(stored.setting), stored.value});
    }
  }
  if (page->vrrpdLostAt > 0) {
    notes.vrrpdLostAt = TimePoint(std::chrono::nanoseconds(page->vrrpdLostAt));
  }
  return notes;
}

void Notebook::write(const Notes& notes) {
  const Page* const last = newest();
  Page& page = last == pages_ ? pages_[1] : pages_[0];
  page.checksum = 0;
  page.magic = kMagic;
  page.sequence = last == nullptr ? 1 : last->sequence + 1;
  page.vrrpdLostAt = notes.vrrpdLostAt ? notes.vrrpdLostAt->time_since_epoch().count() : 0;
  page.entries = static_cast<std::uint32_t>(std::min(notes.entries.size(), kMaxEntries));
  for (std::size_t i = 0; i < page.entries; ++i) {
    const auto& [key, note] = notes.entries[i];
    page.entry[i] = {static_cast<std::uint32_t>(key.generation),
                     static_cast<std::uint16_t>(key.instance),
                     static_cast<std::uint8_t>(note.state),
                     note.priority,
                     note.replayCounter,
                     0};
  }
  page.settings = static_cast<std::uint32_t>(std::min(notes.settings.size(), kMaxSettings));
  for (std::size_t i = 0; i < page.settings; ++i) {
    const FormerSetting& former = notes.settings[i];
    page.setting[i] = {former.device, former.value, static_cast<std::uint32_t>(former.setting)};
  }
  page.checksum = page.ownChecksum();
}

}  // namespace holdfast::privd
