// docs/system-calls.md: what each process may call and why, for an auditor, from the tables
// themselves.
#pragma once

#include <string>

namespace holdfast::policy {

[[nodiscard]] std::string systemCallsPage();

}  // namespace holdfast::policy
