// What a hostile confd hands to the supervisor: it is read, or refused without an exception.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "privd/supervisor/plan.h"
#include "tests/fuzz/sealed_input.h"

using namespace holdfast;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const QuietKjExceptions quiet;
  const UniqueFd fd = sealedInput(data, size);
  const auto plan = supervisor::readPlan(fd.get());
  if (plan && plan->identities.size() > supervisor::kMaxIdentities) {
    std::abort();
  }
  return 0;
}
