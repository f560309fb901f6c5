#include "checkd/tls_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <new>

namespace holdfast::checkd {
namespace {

constexpr std::size_t kMaxWhy = 200;
constexpr std::size_t kRecordBytes = 16384;

// Where the name cannot be kept, nothing would be compared with the certificate's.
void verifyFor(SSL* ssl, const TlsStream::Peer& peer) {
  X509_VERIFY_PARAM* const parameters = SSL_get0_param(ssl);
  const auto address =
      peer.name.empty() ? std::optional(peer.address) : IpAddress::parse(peer.name);
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const int kept =
      address ? X509_VERIFY_PARAM_set1_ip(parameters, address->bytes.data(), address->size())
              : X509_VERIFY_PARAM_set1_host(parameters, peer.name.data(), peer.name.size());
  if (kept != 1) {
    throw std::bad_alloc();
  }
}

}  // namespace

TlsStream::TlsStream(std::shared_ptr<const TlsContext> context, const Peer& peer)
    : context_(std::move(context)),
      ssl_(SSL_new(context_->context_)),
      incoming_(BIO_new(BIO_s_mem())),
      outgoing_(BIO_new(BIO_s_mem())),
      mustEndInOrder_(peer.mustEndInOrder) {
  if (ssl_ == nullptr || incoming_ == nullptr || outgoing_ == nullptr) {
    throw std::bad_alloc();
  }
  BIO_set_mem_eof_return(incoming_, -1);
  SSL_set_bio(ssl_, incoming_, outgoing_);
  SSL_set_connect_state(ssl_);
  if (!peer.serverName.empty()) {
    SSL_set_tlsext_host_name(ssl_, peer.serverName.c_str());
  }
  if (context_->verification_ == Verification::kName) {
    verifyFor(ssl_, peer);
  }
}

TlsStream::~TlsStream() {
  SSL_free(ssl_);
}

void TlsStream::start() {
  handshake();
}

void TlsStream::receive(std::span<const std::uint8_t> bytes, const Plain& plain) {
  while (!bytes.empty() && (state_ == State::kHandshake || state_ == State::kOpen)) {
    const auto taken = bytes.first(std::min(bytes.size(), kRecordBytes));
    BIO_write(incoming_, taken.data(), static_cast<int>(taken.size()));
    bytes = bytes.subspan(taken.size());
    advance(plain);
  }
}

void TlsStream::advance(const Plain& plain) {
  if (state_ == State::kHandshake) {
    handshake();
  }
  if (state_ == State::kOpen) {
    read(plain);
  }
}

void TlsStream::handshake() {
  ERR_clear_error();
  const int done = SSL_do_handshake(ssl_);
  if (done == 1) {
    if (hasPinnedKey()) {
      state_ = State::kOpen;
    } else {
      fail("TLS: the key of the server's certificate is none of those that are pinned");
    }
  } else if (SSL_get_error(ssl_, done) != SSL_ERROR_WANT_READ) {
    failInHandshake();
  }
}

void TlsStream::failInHandshake() {
  const long verdict = SSL_get_verify_result(ssl_);
  const bool isRefused = context_->verification_ != Verification::kNone && verdict != X509_V_OK;
  const std::string reason = tlsError();
  fail("TLS handshake: " + (isRefused ? X509_verify_cert_error_string(verdict) : reason));
}

void TlsStream::read(const Plain& plain) {
  std::array<std::uint8_t, kRecordBytes> buffer;
  for (;;) {
    ERR_clear_error();
    const int size = SSL_read(ssl_, buffer.data(), static_cast<int>(buffer.size()));
    if (size <= 0) {
      const int error = SSL_get_error(ssl_, size);
      if (error == SSL_ERROR_ZERO_RETURN) {
        state_ = State::kEnded;
      } else if (error != SSL_ERROR_WANT_READ) {
        fail("TLS: " + tlsError());
      }
      return;
    }
    plain(std::span(buffer).first(static_cast<std::size_t>(size)));
  }
}

void TlsStream::end() {
  if (state_ == State::kHandshake) {
    fail("TLS handshake: the server has closed the connection");
  } else if (state_ == State::kOpen && mustEndInOrder_) {
    fail("TLS: the connection has ended without close_notify");
  } else if (state_ == State::kOpen) {
    state_ = State::kEnded;
  }
}

void TlsStream::send(std::string_view text) {
  ERR_clear_error();
  if (!text.empty() && SSL_write(ssl_, text.data(), static_cast<int>(text.size())) <= 0) {
    fail("TLS: " + tlsError());
  }
}

void TlsStream::close() {
  if (state_ == State::kOpen) {
    ERR_clear_error();
    SSL_shutdown(ssl_);
    state_ = State::kEnded;
  }
}

std::string TlsStream::takeOutput() {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(outgoing_, &bytes);
  std::string output(bytes, size > 0 ? static_cast<std::size_t>(size) : 0);
  BIO_reset(outgoing_);
  return output;
}

std::optional<std::int64_t> TlsStream::validUntil() const {
  const X509* const certificate = SSL_get0_peer_certificate(ssl_);
  std::tm time{};
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) != 1) {
    return std::nullopt;
  }
  return ::timegm(&time);
}

bool TlsStream::hasPinnedKey() const {
  const auto& pinned = context_->pinnedKeys_;
  if (pinned.empty()) {
    return true;
  }
  const X509* const certificate = SSL_get0_peer_certificate(ssl_);
  unsigned char* encoded = nullptr;
  const int size =
      certificate == nullptr ? -1 : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &encoded);
  if (size < 0) {
    return false;
  }
  Sha256 digest{};
  ::SHA256(encoded, static_cast<std::size_t>(size), digest.data());
  OPENSSL_free(encoded);
  return std::find(pinned.begin(), pinned.end(), digest) != pinned.end();
}

void TlsStream::fail(std::string why) {
  state_ = State::kFailed;
  why_ = std::move(why);
  if (why_.size() > kMaxWhy) {
    why_.resize(kMaxWhy);
  }
}

}  // namespace holdfast::checkd
