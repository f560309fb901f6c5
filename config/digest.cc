#include "config/digest.h"

#include <nettle/sha2.h>

#include <string_view>

#include "config/text.h"

namespace holdfast::config {

// Each line without indentation and with a newline: what does not change the meaning of a file (a
// comment, a definition instead of its value, where it is included from) does not change the
// digest.
Digest digestOf(const Source& source) {
  sha256_ctx context;
  sha256_init(&context);
  const auto update = [&context](std::string_view text) {
    sha256_update(&context, text.size(), reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  for (const SourceLine& line : source.lines) {
    update(trim(line.text));
    update("\n");
  }
  Digest digest{};
  sha256_digest(&context, digest.size(), digest.data());
  return digest;
}

}  // namespace holdfast::config
