// Keys and certificates for tests, made as they run.
#pragma once

#include <cstdint>
#include <string>

namespace holdfast::checkd {

struct TestCertificate {
  std::string key;          // PEM, as below
  std::string certificate;  // for "good.example" and 127.0.0.1
};

// Signed by `authority`, or by itself where that is null; valid from `from` to `until`, in seconds
// from today.
[[nodiscard]] TestCertificate makeCertificate(const TestCertificate* authority, long from = -3600,
                                              long until = 86400);

// `certificate.key`, encrypted.
[[nodiscard]] std::string encryptedKey(const TestCertificate& certificate,
                                       const std::string& password);

}  // namespace holdfast::checkd
