#include "config/parameters.h"

#include <charconv>

#include "config/source.h"
#include "config/text.h"

namespace holdfast::config {
namespace {

// What can stand behind $NAME without braces.
bool endsName(std::string_view rest) {
  return rest.empty() || isSpace(rest.front()) || rest.front() == ',' || rest.front() == ')';
}

std::optional<std::uint32_t> parseUnsigned(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

Parameters::Parameters(std::string configId, Environment environment, std::uint32_t randomSeed)
    : configId_(std::move(configId)), environment_(std::move(environment)), random_(randomSeed) {}

std::optional<Parameters::Reference> Parameters::parseReference(std::string_view text) {
  if (text.size() < 2 || text[0] != '$') {
    return std::nullopt;
  }
  if (text[1] != '{') {
    const std::size_t length = nameLength(text.substr(1));
    if (length == 0 || !endsName(text.substr(1 + length))) {
      return std::nullopt;
    }
    return Reference{text.substr(1, length), {}, 1 + length};
  }
  const std::size_t close = text.find('}');
  if (close == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view inside = text.substr(2, close - 2);
  const std::size_t length = nameLength(inside);
  const std::string_view arguments = inside.substr(length);
  if (length == 0 || (!arguments.empty() && !isSpace(arguments.front()))) {
    return std::nullopt;
  }
  return Reference{inside.substr(0, length), trim(arguments), close + 1};
}

Result<std::optional<std::string>> Parameters::randomNumber(std::string_view arguments) {
  constexpr std::uint32_t kDefaultMax = 32767;
  const std::size_t split = arguments.find_first_of(" \t");
  const std::string_view low = arguments.substr(0, split);
  const std::string_view high =
      split == std::string_view::npos ? std::string_view{} : trim(arguments.substr(split));
  const auto min = low.empty() ? std::optional<std::uint32_t>(0) : parseUnsigned(low);
  const auto max = high.empty() ? std::optional<std::uint32_t>(kDefaultMax) : parseUnsigned(high);
  if (!min || !max || *min > *max) {
    return Error{"${_RANDOM " + std::string(arguments) +
                 "}: takes MIN and MAX, whole numbers with MIN not above MAX"};
  }
  return std::optional(
      std::to_string(std::uniform_int_distribution<std::uint32_t>(*min, *max)(random_)));
}

Result<std::optional<std::string>> Parameters::valueOf(const Reference& reference) {
  if (reference.name == "_PWD") {
    return std::optional(directory_);
  }
  if (reference.name == "_INSTANCE") {
    return std::optional(configId_);
  }
  if (reference.name == "_RANDOM") {
    return randomNumber(reference.arguments);
  }
  if (reference.name == "_HASH") {
    return std::optional<std::string>("#");
  }
  if (reference.name == "_BANG") {
    return std::optional<std::string>("!");
  }
  if (reference.name == "_ENV") {
    const auto found = environment_.find(reference.arguments);
    return found == environment_.end() ? std::optional<std::string>() : found->second;
  }
  const auto found = values_.find(reference.name);
  if (found == values_.end() || !reference.arguments.empty()) {
    return std::optional<std::string>();
  }
  return std::optional(found->second);
}

Result<std::string> Parameters::substitute(std::string text) {
  std::size_t inLine = 0;
  std::size_t position = text.find('$');
  while (position != std::string::npos) {
    const auto reference = parseReference(std::string_view(text).substr(position));
    if (!reference) {
      position = text.find('$', position + 1);
      continue;
    }
    Result<std::optional<std::string>> value = valueOf(*reference);
    if (!value) {
      return value.error();
    }
    if (!value->has_value()) {
      position = text.find('$', position + 1);
      continue;
    }
    const std::string name(reference->name);
    text.replace(position, reference->length, **value);
    if (text.size() > kMaxLineBytes || ++inLine > kMaxSubstitutionsInLine ||
        ++substitutions_ > kMaxSubstitutions) {
      return Error{"substituting $" + name + " does not come to an end"};
    }
    if ((*value)->find('\n') != std::string::npos) {
      return text;
    }
    position = text.find('$', position);
  }
  return text;
}

}  // namespace holdfast::config
