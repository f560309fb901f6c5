// The sealed settings of TLS, as a context.
#pragma once

#include <memory>

#include "checkd/tls_context.h"
#include "ipc/result.h"
#include "ipc/schemas/lvs_config.capnp.h"

namespace holdfast::checkd {

// Nothing of the message is kept: keys are where TlsContext keeps them. The error names what cannot
// be used, for the log; SSL_GET fails then.
[[nodiscard]] Result<std::shared_ptr<const TlsContext>> readTls(schema::TlsClient::Reader sealed);

}  // namespace holdfast::checkd
