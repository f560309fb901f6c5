// What a hostile confd hands to checkd: it is validated, or refused; and what was taken can be
// worked with.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "checkd/attempts.h"
#include "checkd/configuration.h"
#include "checkd/service.h"
#include "checkd/tls_configuration.h"
#include "tests/fuzz/sealed_input.h"

using namespace holdfast;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  readSealedInput<schema::CheckerConfig>(data, size, [](schema::CheckerConfig::Reader from) {
    static_cast<void>(checkd::readTls(from.getTls()));
    const auto config = checkd::readConfiguration(from);
    if (!config) {
      return;
    }
    for (const checkd::VirtualServer& server : config->virtualServers) {
      std::size_t objects = 1 + server.realServers.size();
      for (const checkd::RealServer& real : server.realServers) {
        objects += real.checkers.size();
        for (const checkd::Checker& checker : real.checkers) {
          const bool isTold = std::holds_alternative<checkd::FileCheck>(checker.check) ||
                              std::holds_alternative<checkd::BfdCheck>(checker.check);
          if ((checkd::targetsOf(checker) == 0) != isTold || checker.delayLoop < Duration::zero() ||
              checker.warmup < Duration::zero()) {
            std::abort();
          }
        }
      }
      if (checkd::Service::keysOf(server).size() != objects) {
        std::abort();
      }
    }
  });
  return 0;
}
