#include "checkd/body_check.h"

#include "checkd/printable.h"

namespace holdfast::checkd {

BodyDigest::Value BodyDigest::value() {
  Value digest{};
  md5_digest(&state_, digest.size(), digest.data());
  return digest;
}

BodyCheck::BodyCheck(const Url& url, std::shared_ptr<const Regex> regex) : url_(url) {
  if (url.digest) {
    digest_.emplace();
  }
  if (regex) {
    search_.emplace(std::move(regex), RegexSearch::Limits{.minOffset = url.regexMinOffset,
                                                          .maxOffset = url.regexMaxOffset,
                                                          .memoryBytes = url.regexStackMaxBytes});
  }
}

void BodyCheck::feed(std::span<const std::uint8_t> bytes) {
  if (digest_) {
    digest_->feed(bytes);
  }
  if (search_) {
    search_->feed(bytes);
  }
}

std::optional<std::string> BodyCheck::finish() {
  if (digest_) {
    const auto digest = digest_->value();
    if (digest != *url_.digest) {
      return "MD5 digest error: it is " + hexDigits(digest);
    }
  }
  return search_ ? finishRegex() : std::nullopt;
}

std::optional<std::string> BodyCheck::finishRegex() {
  search_->end();
  switch (search_->outcome()) {
    case RegexSearch::Outcome::kFound:
      return url_.regexNoMatch ? std::optional("Regex match failed: it is there") : std::nullopt;
    case RegexSearch::Outcome::kSearching:
    case RegexSearch::Outcome::kNotFound:
      return url_.regexNoMatch ? std::nullopt
                               : std::optional("Regex match failed: it is not there");
    case RegexSearch::Outcome::kFailed:
      break;
  }
  return "Regex match failed: " + search_->why();
}

}  // namespace holdfast::checkd
