// Posture for people and for programs.
#pragma once

#include <span>
#include <string>

#include "policy/posture/promise.h"

namespace holdfast::policy {

[[nodiscard]] std::string textReport(std::span<const ObservedProcess> processes,
                                     const Judgement& judgement);
[[nodiscard]] std::string jsonReport(std::span<const ObservedProcess> processes,
                                     const Judgement& judgement);

}  // namespace holdfast::policy
