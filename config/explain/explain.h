// `holdfast config explain`: every object with every value that holds, and where it comes from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/block.h"
#include "config/plan.h"
#include "config/source.h"

namespace holdfast::config {

struct ExplainedValue {
  enum class Origin : std::uint8_t {
    kSaid,       // at `because`: "keepalived.conf:12"
    kInherited,  // from the object and keyword in `because`
    kDefault,
    kRule,     // worked out; `because` says from what
    kChanged,  // the file says something else; `because` says why it cannot be
  };
  const Row* row = nullptr;
  std::string value;
  Origin origin = Origin::kDefault;
  std::string because;
};

struct ExplainedObject {
  const Block* block = nullptr;
  std::string title;
  std::string place;  // "keepalived.conf:12"; empty for what no file says
  std::size_t depth = 0;
  std::vector<ExplainedValue> values;
  std::vector<std::string> remarks;  // what surprises people
};

[[nodiscard]] std::vector<ExplainedObject> explain(const Block& configuration,
                                                   const Source& source);

[[nodiscard]] std::vector<std::string> textLines(const ExplainedObject& object);
[[nodiscard]] std::string jsonLine(const ExplainedObject& object);

}  // namespace holdfast::config
