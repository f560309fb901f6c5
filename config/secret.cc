#include "config/secret.h"

#include <cstring>
#include <utility>

#include "config/files.h"

namespace holdfast::config {
namespace {

constexpr std::string_view kFile = "file:";
constexpr std::string_view kCredential = "credential:";

bool isCredentialName(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos;
}

}  // namespace

void wipe(std::string& text) {
  ::explicit_bzero(text.data(), text.capacity());
  text.clear();
}

Secret Secret::parse(std::string_view text) {
  if (text.starts_with(kFile)) {
    return {Place::kFile, text.substr(kFile.size())};
  }
  if (text.starts_with(kCredential)) {
    return {Place::kCredential, text.substr(kCredential.size())};
  }
  return {Place::kHere, text};
}

// Not a move of the string: a short one would leave its bytes behind.
Secret::Secret(Secret&& other) noexcept : place_(other.place_), text_(other.text_) {
  wipe(other.text_);
}

Result<Secret> Secret::load(const Files& files, const std::string& credentials,
                            std::size_t maxBytes) const {
  std::string path = text_;
  if (place_ == Place::kCredential) {
    if (credentials.empty()) {
      return Error{"there are no credentials: $CREDENTIALS_DIRECTORY is not set"};
    }
    if (!isCredentialName(text_)) {
      return Error{"'" + text_ + "' cannot be a credential's name"};
    }
    path = credentials + "/" + text_;
  } else if (!path.starts_with('/')) {
    return Error{"file: takes an absolute path, and '" + path + "' is none"};
  }
  Result<std::string> content = files.read(path, maxBytes);
  if (!content) {
    return content.error();
  }
  std::string_view line = *content;
  line.remove_suffix(line.ends_with('\n') ? 1 : 0);
  Secret secret(Place::kHere, line);
  wipe(*content);
  return secret;
}

}  // namespace holdfast::config
