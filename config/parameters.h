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

  void define(std::string_view name, std::string_view value);
  void setDirectory(std::string directory) { directory_ = std::move(directory); }  // ${_PWD}
  void seed(std::uint32_t seed) { random_.seed(seed); }

  // Replaces parameters, and those in what they were replaced with, until a value of several lines
  // has been put in: what follows it is left, since a definition in those lines may change it. A
  // parameter that is not defined stays as it is. An Error where it does not end. What comes out is
  // in `out`, which is not what `text` is a view of.
  [[nodiscard]] Status substitute(std::string_view text, std::string& out);

 private:
  // A reference at the front of some text: its name, its arguments, its length.
  struct Reference {
    std::string_view name;
    std::string_view arguments;
    std::size_t length = 0;
  };
  [[nodiscard]] static std::optional<Reference> parseReference(std::string_view text);
  // What the reference stands for; nullopt where it is not defined. Until the next call.
  [[nodiscard]] Result<std::optional<std::string_view>> valueOf(const Reference& reference);
  [[nodiscard]] Result<std::optional<std::string_view>> builtIn(const Reference& reference);
  [[nodiscard]] Result<std::optional<std::string_view>> randomNumber(std::string_view arguments);

  std::map<std::string, std::string, std::less<>> values_;
  std::string configId_;
  std::string directory_;
  Environment environment_;
  std::minstd_rand random_;
  std::string number_;  // what randomNumber answers
  std::size_t substitutions_ = 0;
};

}  // namespace holdfast::config
