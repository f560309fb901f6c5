// What TLS of a check does and shows, from the contents of files that confd has read: this process
// opens none.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/result.h"

struct evp_pkey_st;
struct ssl_ctx_st;
struct x509_st;

namespace holdfast::checkd {

using Sha256 = std::array<std::uint8_t, 32>;

enum class Verification : std::uint8_t {
  kNone,  // any certificate will do, as in keepalived
  kPeer,  // it has to be signed by whom we trust, and of today
  kName,  // and for the name, or the address, that is checked
};

// Texts are PEM, empty for none, and borrowed for the call that they are given to.
struct TlsSettings {
  std::string_view authorities;
  std::string_view certificate;  // may be followed by the rest of its chain
  std::string_view key;
  std::string_view password;  // of the key
  Verification verification = Verification::kNone;
  std::uint16_t minVersion = 0;    // as on the wire, 0x0303 for TLS 1.2; 0 for the library's choice
  std::vector<Sha256> pinnedKeys;  // of the SubjectPublicKeyInfo; empty for any
};

// Shared by the streams of any number of attempts. The private key is in pages of OpenSSL's that
// are locked, where the limit of locked memory allows it, and wiped at the end.
class TlsContext {
 public:
  // Once in a process, before any context. Reads no file, then or later.
  static void prepareLibrary();

  // The error names what of the settings is wrong, and nothing of a key.
  [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> create(
      const TlsSettings& settings);

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

 private:
  friend class TlsStream;
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  [[nodiscard]] Status trust(std::string_view authorities);
  [[nodiscard]] Status show(const TlsSettings& settings);
  [[nodiscard]] Status showChain(std::string_view certificate);
  [[nodiscard]] Status useKey(std::string_view key, std::string_view password);

  ssl_ctx_st* context_;
  Verification verification_ = Verification::kNone;
  std::vector<Sha256> pinnedKeys_;
};

// What OpenSSL says went wrong last, in its words; its queue is empty afterwards.
[[nodiscard]] std::string tlsError();

}  // namespace holdfast::checkd
