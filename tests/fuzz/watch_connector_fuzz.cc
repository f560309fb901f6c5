// Messages of the process connector: a process that is one, or nothing.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "watchd/connector_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto event = holdfast::watchd::parseConnectorMessage(std::as_bytes(std::span(data, size)));
  if (event && event->pid <= 0) {
    std::abort();
  }
  return 0;
}
