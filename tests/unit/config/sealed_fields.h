// The sealed messages of a configuration, field by field, as text.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "config/compiler.h"
#include "config/seal/seal.h"

namespace holdfast::config {

class SealedFields {
 public:
  // Fails the test where the configuration is refused.
  explicit SealedFields(const std::string& text, const std::string& extraUsers = {});

  // "vrrp.instances[0].basePriority"; ".size" behind a list. An address is in its usual notation,
  // an enumeration the schema's word. "(no field ...)" where there is none.
  [[nodiscard]] std::string at(std::string_view path) const;

  [[nodiscard]] const Compilation& compilation() const { return *compilation_; }
  [[nodiscard]] const SealedPlan& messages() const { return messages_; }

 private:
  std::unique_ptr<Compilation> compilation_;
  SealedPlan messages_;
};

}  // namespace holdfast::config
