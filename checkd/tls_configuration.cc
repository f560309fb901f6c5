#include "checkd/tls_configuration.h"

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
  auto context = TlsContext::create(settings);
  if (!context) {
    return Error{"SSL " + context.error().message};
  }
  return context;
}

}  // namespace holdfast::checkd
