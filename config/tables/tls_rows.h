// TLS of one check, beyond what keepalived has: whom it believes, and what it shows of itself.
#pragma once

#include <array>

#include "config/field.h"
#include "config/table.h"
#include "ipc/schemas/lvs_config.capnp.h"

namespace holdfast::config {

inline constexpr std::array<Choice, 3> kVerifications = {{{"none", 0}, {"peer", 1}, {"name", 2}}};
inline constexpr std::array<Choice, 4> kTlsVersions = {
    {{"1.0", 0x0301}, {"1.1", 0x0302}, {"1.2", 0x0303}, {"1.3", 0x0304}}};

// SHA-256 in 64 hexadecimal digits, into the row's list.
void readPinnedKey(Context& context, Block& check, Cursor& cursor);

// clang-format off
inline constexpr std::array<Row, 7> kTlsRows = {{
    {"verify", takes::oneOf(kVerifications), value("none"), {to<&schema::TlsClient::Builder::setVerification>()},
     "peer: the server's certificate has to be valid and signed by one of ca_file; name: and be for the name, or the address, that is checked"},
    {"ca_file", takes::word(), rule("ca of the SSL block"), {bySealer()},
     "whose signatures count, as a PEM file"},
    {"pinned_key", takes::custom(readPinnedKey, "SHA256"), nothing(), {bySealer()},
     "the server's key has this SHA-256, of its SubjectPublicKeyInfo; several lines: one of them"},
    {"tls_min_version", takes::oneOf(kTlsVersions), nothing(), {to<&schema::TlsClient::Builder::setMinVersion>()},
     "an older version is a failure"},
    {"expiry_warning", takes::number(1, 3650), nothing(), {to<&schema::TlsClient::Builder::setExpiryWarningDays>()},
     "a line in the log, once a day, when the server's certificate ends in so many days; never a failure"},
    {"client_certificate", takes::word(), rule("certificate of the SSL block"), {bySealer()},
     "what is shown to the server, as a PEM file"},
    {"client_key", takes::word(), rule("key of the SSL block"), {bySealer()},
     "the key of it: PATH, file:PATH or credential:NAME"},
}};
// clang-format on

}  // namespace holdfast::config
