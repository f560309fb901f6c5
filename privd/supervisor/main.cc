#include <cstddef>
#include <span>

#include "ipc/kj_edge.h"
#include "privd/supervisor/genhash.h"
#include "privd/supervisor/startup.h"

int main(int argc, char** argv) {
  const std::span<char* const> arguments{argv, static_cast<std::size_t>(argc)};
  if (holdfast::supervisor::isForGenhash(arguments)) {
    return holdfast::supervisor::becomeGenhash(arguments);
  }
  const holdfast::QuietKjExceptions quiet;
  return holdfast::supervisor::run(arguments);
}
