// Parameters: $NAME and ${NAME}, those defined in the configuration and those built in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "ipc/result.h"

namespace holdfast::config {

class Parameters {
 public:
  using Environment = std::map<std::string, std::string, std::less<>>;

  Parameters(std::string configId, Environment environment, std::uint32_t randomSeed);

  void define(std::string name, std::string value) {
    values_.insert_or_assign(std::move(name), std::move(value));
  }
  void setDirectory(std::string directory) { directory_ = std::move(directory); }  // ${_PWD}
  void seed(std::uint32_t seed) { random_.seed(seed); }

  // Replaces parameters, and those in what they were replaced with, until a value of several lines
  // has been put in: what follows it is left, since a definition in those lines may change it. A
  // parameter that is not defined stays as it is. An Error where it does not end.
  [[nodiscard]] Result<std::string> substitute(std::string text);

 private:
  // A reference at the front of some text: its name, its arguments, its length.
  struct Reference {
    std::string_view name;
    std::string_view arguments;
    std::size_t length = 0;
  };
  [[nodiscard]] static std::optional<Reference> parseReference(std::string_view text);
  [[nodiscard]] Result<std::optional<std::string>> valueOf(const Reference& reference);
  [[nodiscard]] Result<std::optional<std::string>> randomNumber(std::string_view arguments);

  std::map<std::string, std::string, std::less<>> values_;
  std::string configId_;
  std::string directory_;
  Environment environment_;
  std::minstd_rand random_;
  std::size_t substitutions_ = 0;
};

}  // namespace holdfast::config
