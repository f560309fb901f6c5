#include "tests/unit/checkd/test_certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace holdfast::checkd {
namespace {

void require(bool isDone) {
  if (!isDone) {
    throw std::runtime_error("OpenSSL did not make a certificate");
  }
}

std::string contentOf(BIO* bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

std::string textOf(EVP_PKEY* key, const std::string* password) {
  BIO* bio = BIO_new(BIO_s_mem());
  require(PEM_write_bio_PKCS8PrivateKey(
              bio, key, password == nullptr ? nullptr : EVP_aes_256_cbc(),
              password == nullptr ? nullptr : password->c_str(),
              password == nullptr ? 0 : static_cast<int>(password->size()), nullptr, nullptr) == 1);
  return contentOf(bio);
}

EVP_PKEY* keyOf(const std::string& text) {
  BIO* bio = BIO_new_mem_buf(text.data(), static_cast<int>(text.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  require(key != nullptr);
  return key;
}

void extend(X509* certificate, int what, const char* value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, what, value);
  require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

void nameIt(X509_NAME* name, const char* text) {
  require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                     reinterpret_cast<const unsigned char*>(text), -1, -1, 0) == 1);
}

}  // namespace

TestCertificate makeCertificate(const TestCertificate* authority, long from, long until) {
  static long serial = 1;
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  EVP_PKEY* const signer = authority == nullptr ? key : keyOf(authority->key);
  X509* const certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), from);
  X509_gmtime_adj(X509_getm_notAfter(certificate), until);
  X509_set_pubkey(certificate, key);
  nameIt(X509_get_subject_name(certificate), authority == nullptr ? "authority" : "good.example");
  X509_NAME* const issuer = X509_NAME_new();
  nameIt(issuer, "authority");
  X509_set_issuer_name(certificate, issuer);
  X509_NAME_free(issuer);
  if (authority == nullptr) {
    extend(certificate, NID_basic_constraints, "critical,CA:TRUE");
  }
  extend(certificate, NID_subject_alt_name, "DNS:good.example,IP:127.0.0.1");
  require(X509_sign(certificate, signer, EVP_sha256()) > 0);
  BIO* const bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  TestCertificate made{textOf(key, nullptr), contentOf(bio)};
  X509_free(certificate);
  if (signer != key) {
    EVP_PKEY_free(signer);
  }
  EVP_PKEY_free(key);
  return made;
}

std::string encryptedKey(const TestCertificate& certificate, const std::string& password) {
  EVP_PKEY* const key = keyOf(certificate.key);
  std::string text = textOf(key, &password);
  EVP_PKEY_free(key);
  return text;
}

}  // namespace holdfast::checkd
