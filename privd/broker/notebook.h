// What privd has to know after its own crash, in memory that outlives it (ipc/notebook.h): what
// vrrpd noted, since when there is no vrrpd, and which settings are to be put back. Written by the
// privd before this one, and read as bytes of which nothing is believed that is out of bounds.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "ipc/ids.h"
#include "ipc/result.h"
#include "ipc/schemas/messages.capnp.h"
#include "ipc/time.h"
#include "privd/broker/configuration.h"
#include "privd/broker/settings.h"

namespace holdfast::privd {

// What vrrpd noted of an instance.
struct Note {
  schema::VrrpState state = schema::VrrpState::INIT;
  std::uint8_t priority = 0;
  std::uint16_t replayCounter = 0;  // its upper half; with an authentication header
  friend bool operator==(const Note&, const Note&) = default;
};
// The states that can be noted; 0 is no priority.
[[nodiscard]] bool validNote(const Note& note);

struct Notes {
  struct Entry {
    InstanceKey key;
    Note note;
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  std::vector<Entry> entries;
  std::vector<FormerSetting> settings;   // to be put back
  std::optional<TimePoint> vrrpdLostAt;  // while there is none
  friend bool operator==(const Notes&, const Notes&) = default;
};

// Owns the mapping. There are two pages in it, written in turns, so that one is whole whenever
// privd is killed.
class Notebook {
 public:
  // Borrows `fd`. Refuses one whose size is not kNotebookBytes, or not sealed.
  [[nodiscard]] static Result<Notebook> open(int fd);
  Notebook(Notebook&& other) noexcept;
  Notebook& operator=(Notebook&& other) noexcept;
  Notebook(const Notebook&) = delete;
  Notebook& operator=(const Notebook&) = delete;
  ~Notebook();

  // The newest page that is whole; nothing where there is none.
  [[nodiscard]] std::optional<Notes> read() const;
  // What is more than there is room for is left out.
  void write(const Notes& notes);

 private:
  struct Page;
  explicit Notebook(Page* pages) : pages_(pages) {}
  [[nodiscard]] const Page* newest() const;

  Page* pages_ = nullptr;
};

}  // namespace holdfast::privd
