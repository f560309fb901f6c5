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

void Parameters::define(std::string_view name, std::string_view value) {
  const auto found = values_.find(name);
  if (found == values_.end()) {
    values_.emplace(name, value);
  } else {
    found->second = value;
  }
}

Result<std::optional<std::string_view>> Parameters::randomNumber(std::string_view arguments) {
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
  number_ = std::to_string(std::uniform_int_distribution<std::uint32_t>(*min, *max)(random_));
  return std::optional<std::string_view>(number_);
}

Result<std::optional<std::string_view>> Parameters::builtIn(const Reference& reference) {
  using Value = std::optional<std::string_view>;
  if (reference.name == "_PWD") {
    return Value(directory_);
  }
  if (reference.name == "_INSTANCE") {
    return Value(configId_);
  }
  if (reference.name == "_RANDOM") {
    return randomNumber(reference.arguments);
  }
  if (reference.name == "_HASH") {
    return Value("#");
  }
  if (reference.name == "_BANG") {
    return Value("!");
  }
  if (reference.name == "_ENV") {
    const auto found = environment_.find(reference.arguments);
    return found == environment_.end() ? Value() : Value(found->second);
  }
  return Value();
}

Result<std::optional<std::string_view>> Parameters::valueOf(const Reference& reference) {
  using Value = std::optional<std::string_view>;
  if (reference.name.front() == '_') {
    auto value = builtIn(reference);
    if (!value || value->has_value() || reference.name == "_ENV") {
      return value;
    }
  }
  const auto found = values_.find(reference.name);
  return found == values_.end() || !reference.arguments.empty() ? Value() : Value(found->second);
}

Status Parameters::substitute(std::string_view text, std::string& out) {
  out = text;
  std::size_t inLine = 0;
  std::size_t position = out.find('$');
  while (position != std::string::npos) {
    const auto reference = parseReference(std::string_view(out).substr(position));
    if (!reference) {
      position = out.find('$', position + 1);
      continue;
    }
    const Result<std::optional<std::string_view>> value = valueOf(*reference);
    if (!value) {
      return value.error();
    }
    if (!value->has_value()) {
      position = out.find('$', position + 1);
      continue;
    }
    if (out.size() - reference->length + (*value)->size() > kMaxLineBytes ||
        ++inLine > kMaxSubstitutionsInLine || ++substitutions_ > kMaxSubstitutions) {
      return Error{"substituting $" + std::string(reference->name) + " does not come to an end"};
    }
    out.replace(position, reference->length, **value);
    if ((*value)->find('\n') != std::string_view::npos) {
      return success();
    }
    position = out.find('$', position);
  }
  return success();
}

}  // namespace holdfast::config
