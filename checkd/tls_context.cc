#include "checkd/tls_context.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <ctime>
#include <limits>
#include <new>

namespace holdfast::checkd {
namespace {

// For some dozens of private keys.
constexpr std::size_t kSecureHeapBytes = 262'144;
constexpr std::size_t kSecureHeapPiece = 32;

struct BioFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, BioFree>;

struct CertificateFree {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Certificate = std::unique_ptr<X509, CertificateFree>;

struct KeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyFree>;

Bio readerOf(std::string_view text) {
  Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (bio == nullptr) {
    throw std::bad_alloc();
  }
  return bio;
}

Error errorIn(const char* what) {
  return Error{std::string(what) + ": " + tlsError()};
}

// Never asks anybody.
int givePassword(char* buffer, int size, int /*isForWriting*/, void* password) {
  const auto& text = *static_cast<const std::string_view*>(password);
  if (text.size() > static_cast<std::size_t>(size)) {
    return -1;
  }
  std::copy(text.begin(), text.end(), buffer);
  return static_cast<int>(text.size());
}

Certificate nextCertificate(const Bio& bio) {
  std::string_view none;
  return Certificate(PEM_read_bio_X509(bio.get(), nullptr, givePassword, &none));
}

}  // namespace

std::string tlsError() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "no reason given" : reason;
}

void TlsContext::prepareLibrary() {
  // Dates of certificates are compared by functions that read the time zone's file the first time.
  ::tzset();
  // Of the library's files there is only its configuration, which is not read.
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, nullptr);
  CRYPTO_secure_malloc_init(kSecureHeapBytes, kSecureHeapPiece);
}

Result<std::shared_ptr<const TlsContext>> TlsContext::create(const TlsSettings& settings) {
  ERR_clear_error();
  ssl_ctx_st* const made = SSL_CTX_new(TLS_client_method());
  if (made == nullptr) {
    return errorIn("TLS");
  }
  const std::shared_ptr<TlsContext> context(new TlsContext(made));
  context->verification_ = settings.verification;
  context->pinnedKeys_ = settings.pinnedKeys;
  SSL_CTX_set_options(made, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(made, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(
      made, settings.verification == Verification::kNone ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
      nullptr);
  if (settings.minVersion != 0 && SSL_CTX_set_min_proto_version(made, settings.minVersion) != 1) {
    return errorIn("TLS version");
  }
  if (Status status = context->trust(settings.authorities); !status) {
    return status.error();
  }
  if (Status status = context->show(settings); !status) {
    return status.error();
  }
  return std::shared_ptr<const TlsContext>(context);
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

Status TlsContext::trust(std::string_view authorities) {
  if (authorities.empty()) {
    return success();
  }
  X509_STORE* const store = SSL_CTX_get_cert_store(context_);
  const Bio bio = readerOf(authorities);
  std::size_t count = 0;
  while (const Certificate certificate = nextCertificate(bio)) {
    if (X509_STORE_add_cert(store, certificate.get()) != 1) {
      return errorIn("CA");
    }
    ++count;
  }
  if (count == 0) {
    return errorIn("CA");
  }
  ERR_clear_error();
  return success();
}

Status TlsContext::show(const TlsSettings& settings) {
  // As in keepalived, one without the other is of no use, and no mistake.
  if (settings.certificate.empty() || settings.key.empty()) {
    return success();
  }
  if (Status status = showChain(settings.certificate); !status) {
    return status;
  }
  return useKey(settings.key, settings.password);
}

Status TlsContext::showChain(std::string_view certificate) {
  const Bio bio = readerOf(certificate);
  Certificate own = nextCertificate(bio);
  if (own == nullptr || SSL_CTX_use_certificate(context_, own.get()) != 1) {
    return errorIn("certificate");
  }
  while (Certificate next = nextCertificate(bio)) {
    if (SSL_CTX_add0_chain_cert(context_, next.get()) != 1) {
      return errorIn("certificate");
    }
    static_cast<void>(next.release());  // is the context's
  }
  ERR_clear_error();
  return success();
}

Status TlsContext::useKey(std::string_view key, std::string_view password) {
  const Bio bio = readerOf(key);
  const Key own(PEM_read_bio_PrivateKey(bio.get(), nullptr, givePassword, &password));
  if (own == nullptr || SSL_CTX_use_PrivateKey(context_, own.get()) != 1 ||
      SSL_CTX_check_private_key(context_) != 1) {
    return errorIn("key");
  }
  return success();
}

}  // namespace holdfast::checkd
