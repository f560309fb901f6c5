#include "policy/capabilities.h"

#include <cap-ng.h>
#include <sys/prctl.h>

#include <bit>

namespace holdfast::policy {
namespace {

// Up to so many missing ones, "all but ..." is shorter to read than what is there.
constexpr int kFewMissing = 8;

std::string listed(CapabilitySet set) {
  std::string text;
  for (unsigned capability = 0; capability < 64; ++capability) {
    if (!set.has(capability)) {
      continue;
    }
    if (!text.empty()) {
      text += ',';
    }
    text += CapabilitySet::nameOf(capability);
  }
  return text;
}

}  // namespace

CapabilitySet CapabilitySet::all() {
  CapabilitySet set;
  for (unsigned capability = 0; capability < 64; ++capability) {
    if (::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) < 0) {
      break;  // EINVAL: the kernel does not know it
    }
    set = set | CapabilitySet{capability};
  }
  return set;
}

std::string CapabilitySet::nameOf(unsigned capability) {
  const char* const name = capng_capability_to_name(capability);
  return name != nullptr ? name : std::to_string(capability);
}

std::string CapabilitySet::names() const {
  if (empty()) {
    return "none";
  }
  const CapabilitySet missing = all().without(*this);
  if (missing.empty()) {
    return "all";
  }
  if (std::popcount(missing.bits()) <= kFewMissing) {
    return "all but " + listed(missing);
  }
  return listed(*this);
}

}  // namespace holdfast::policy
