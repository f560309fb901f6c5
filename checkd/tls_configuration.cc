#include "checkd/tls_configuration.h"

#include <algorithm>

namespace holdfast::checkd {
namespace {

std::string_view textOf(capnp::Data::Reader bytes) {
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> readTls(schema::TlsClient::Reader sealed) {
  if (sealed.getIsBroken()) {
    return Error{"SSL: not all of its files could be read"};
  }
  TlsSettings settings;
  settings.authorities = textOf(sealed.getAuthoritiesPem());
  settings.certificate = textOf(sealed.getCertificatePem());
  settings.key = textOf(sealed.getKeyPem());
  settings.password = textOf(sealed.getPassword());
  if (sealed.getVerification() > schema::TlsClient::Verification::NAME) {
    return Error{"SSL: an unknown kind of verification"};
  }
  settings.verification = static_cast<Verification>(sealed.getVerification());
  settings.minVersion = sealed.getMinVersion();
  for (const capnp::Data::Reader pinned : sealed.getPinnedKeys()) {
    Sha256& digest = settings.pinnedKeys.emplace_back();
    if (pinned.size() != digest.size()) {
      return Error{"SSL: a pinned key is no SHA-256"};
    }
    std::ranges::copy(pinned, digest.begin());
  }
  auto context = TlsContext::create(settings);
  if (!context) {
    return Error{"SSL " + context.error().message};
  }
  return context;
}

}  // namespace holdfast::checkd
