// The sealed settings of TLS, as a context.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "checkd/tls_context.h"
#include "ipc/result.h"
#include "ipc/schemas/lvs_config.capnp.h"

namespace holdfast::checkd {

// Nothing of the message is kept: keys are where TlsContext keeps them. The error names what cannot
// be used, for the log; SSL_GET fails then.
[[nodiscard]] Result<std::shared_ptr<const TlsContext>> readTls(schema::TlsClient::Reader sealed);

// Of one configuration; null where it cannot be used.
struct TlsContexts {
  std::shared_ptr<const TlsContext> general;
  std::vector<std::shared_ptr<const TlsContext>> own;  // of checks

  [[nodiscard]] const std::shared_ptr<const TlsContext>& of(
      const std::optional<std::uint32_t>& number) const {
    return number ? own.at(*number) : general;
  }
};

}  // namespace holdfast::checkd
