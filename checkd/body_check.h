// Whether the body of a reply is what a url block asks for.
#pragma once

#include <nettle/md5.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "checkd/configuration.h"
#include "checkd/regex.h"

namespace holdfast::checkd {

// The MD5 of what it is fed, as `digest` has it and genhash prints it.
class BodyDigest {
 public:
  using Value = std::array<std::uint8_t, MD5_DIGEST_SIZE>;

  BodyDigest() { md5_init(&state_); }
  void feed(std::span<const std::uint8_t> bytes) {
    md5_update(&state_, bytes.size(), bytes.data());
  }
  // Once, at the end.
  [[nodiscard]] Value value();

 private:
  md5_ctx state_{};
};

// Of one reply; a plain object.
class BodyCheck {
 public:
  // `url` is borrowed; `regex` is that of it, null where there is none.
  BodyCheck(const Url& url, std::shared_ptr<const Regex> regex);

  void feed(std::span<const std::uint8_t> bytes);
  // There is no more. Returns what is wrong with the body, at most 200 printable characters.
  [[nodiscard]] std::optional<std::string> finish();

 private:
  [[nodiscard]] std::optional<std::string> finishRegex();

  const Url& url_;
  std::optional<BodyDigest> digest_;
  std::optional<RegexSearch> search_;
};

}  // namespace holdfast::checkd
