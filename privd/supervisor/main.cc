#include <cstddef>

#include "ipc/kj_edge.h"
#include "privd/supervisor/startup.h"

int main(int argc, char** argv) {
  const holdfast::QuietKjExceptions quiet;
  return holdfast::supervisor::run({argv, static_cast<std::size_t>(argc)});
}
