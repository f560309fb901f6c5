// Something that must not be seen: a password, a key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ipc/result.h"

namespace holdfast::config {

class Files;

// Overwrites `text` in a way that the compiler keeps.
void wipe(std::string& text);

// Owns its bytes, and wipes them at its end.
class Secret {
 public:
  enum class Place : std::uint8_t {
    kHere,        // in the configuration itself
    kFile,        // the content of a file, without the end of its last line
    kCredential,  // the same, in systemd's $CREDENTIALS_DIRECTORY
  };
  static constexpr std::size_t kMaxFileBytes = 4096;

  // "file:PATH", "credential:NAME", or the secret itself.
  [[nodiscard]] static Secret parse(std::string_view text);

  Secret(Place place, std::string_view text) : place_(place), text_(text) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&&) = delete;
  ~Secret() { wipe(text_); }

  [[nodiscard]] Place place() const { return place_; }
  // The secret; the path or name of one that is not here.
  [[nodiscard]] const std::string& text() const { return text_; }

  // The secret of a file, or of a credential: `credentials` is the directory, empty for none. The
  // error says what is the matter, and nothing of the content.
  [[nodiscard]] Result<Secret> load(const Files& files, const std::string& credentials,
                                    std::size_t maxBytes = kMaxFileBytes) const;

 private:
  Place place_;
  std::string text_;
};

}  // namespace holdfast::config
