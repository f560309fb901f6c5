#include "privd/supervisor/genhash.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "privd/supervisor/version.h"

namespace holdfast::supervisor {
namespace {

bool hasItsName(std::span<char* const> arguments) {
  const std::string_view path = arguments.empty() ? "" : arguments.front();
  return path.substr(path.rfind('/') + 1) == "genhash";
}

}  // namespace

bool isForGenhash(std::span<char* const> arguments) {
  if (hasItsName(arguments)) {
    return true;
  }
  const std::string_view option = arguments.size() > 1 ? arguments[1] : "";
  return option == "-T" || option == "--genhash";
}

int becomeGenhash(std::span<char* const> arguments) {
  std::vector<char*> theirs(arguments.begin(), arguments.end());
  if (!hasItsName(arguments)) {
    theirs.erase(theirs.begin() + 1);
  }
  theirs.push_back(nullptr);
  ::execv(kGenhash, theirs.data());
  std::perror(kGenhash);
  return EXIT_FAILURE;
}

}  // namespace holdfast::supervisor
