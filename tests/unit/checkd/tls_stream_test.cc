#include "checkd/tls_stream.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>

#include "tests/unit/checkd/test_certificates.h"

namespace holdfast::checkd {
namespace {

using State = TlsStream::State;

std::span<const std::uint8_t> bytesOf(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// The other side, in memory.
class Server {
 public:
  explicit Server(const TestCertificate& shown, int maxVersion = 0)
      : context_(SSL_CTX_new(TLS_server_method())) {
    BIO* key = BIO_new_mem_buf(shown.key.data(), -1);
    BIO* certificate = BIO_new_mem_buf(shown.certificate.data(), -1);
    EVP_PKEY* read = PEM_read_bio_PrivateKey(key, nullptr, nullptr, nullptr);
    X509* parsed = PEM_read_bio_X509(certificate, nullptr, nullptr, nullptr);
    SSL_CTX_use_PrivateKey(context_, read);
    SSL_CTX_use_certificate(context_, parsed);
    SSL_CTX_set_max_proto_version(context_, maxVersion);
    EVP_PKEY_free(read);
    X509_free(parsed);
    BIO_free(key);
    BIO_free(certificate);
    ssl_ = SSL_new(context_);
    SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(ssl_);
  }
  ~Server() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void requireClientCertificate() {
    SSL_set_verify(ssl_, SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
  }
  [[nodiscard]] bool sawClientCertificate() const {
    return SSL_get0_peer_certificate(ssl_) != nullptr;
  }
  [[nodiscard]] std::string serverName() const {
    const char* name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
    return name == nullptr ? "" : name;
  }

  // Takes what the client sends; what it says in plain goes to `heard`.
  std::string exchange(const std::string& input) {
    BIO_write(SSL_get_rbio(ssl_), input.data(), static_cast<int>(input.size()));
    char buffer[4096];
    int size = 0;
    while ((size = SSL_read(ssl_, buffer, sizeof(buffer))) > 0) {
      heard.append(buffer, static_cast<std::size_t>(size));
    }
    return output();
  }
  std::string say(const std::string& text) {
    SSL_write(ssl_, text.data(), static_cast<int>(text.size()));
    return output();
  }
  std::string leave() {
    SSL_shutdown(ssl_);
    return output();
  }
  std::string heard;

 private:
  std::string output() {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(SSL_get_wbio(ssl_), &bytes);
    std::string text(bytes, static_cast<std::size_t>(size));
    BIO_reset(SSL_get_wbio(ssl_));
    return text;
  }

  SSL_CTX* context_;
  SSL* ssl_;
};

class TlsStreamTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { TlsContext::prepareLibrary(); }

  TestCertificate authority_ = makeCertificate(nullptr);
  TestCertificate good_ = makeCertificate(&authority_);
  TlsStream::Peer peer_{.address = *IpAddress::parse("127.0.0.1")};
  std::string plain_;

  TlsSettings settings(Verification verification) const {
    TlsSettings made;
    made.authorities = authority_.certificate;
    made.verification = verification;
    return made;
  }

  std::unique_ptr<TlsStream> streamOf(const TlsSettings& settings) {
    auto context = TlsContext::create(settings);
    EXPECT_TRUE(context.ok());
    return std::make_unique<TlsStream>(*context, peer_);
  }

  // `piece` bytes of the server at once.
  void feed(TlsStream& stream, std::string_view bytes, std::size_t piece = 100'000) {
    for (std::size_t i = 0; i < bytes.size(); i += piece) {
      stream.receive(bytesOf(bytes.substr(i, piece)), [this](std::span<const std::uint8_t> part) {
        plain_.append(reinterpret_cast<const char*>(part.data()), part.size());
      });
    }
  }
  void shakeHands(TlsStream& stream, Server& server, std::size_t piece = 100'000) {
    stream.start();
    for (int flight = 0; flight < 4 && stream.state() == State::kHandshake; ++flight) {
      feed(stream, server.exchange(stream.takeOutput()), piece);
    }
    feed(stream, server.exchange(stream.takeOutput()), piece);
  }
  // Why a handshake with a server that shows `certificate` fails; empty where it does not.
  std::string verdict(const TlsSettings& settings, const TestCertificate& certificate) {
    const auto stream = streamOf(settings);
    Server server(certificate);
    shakeHands(*stream, server);
    EXPECT_EQ(stream->state(), stream->why().empty() ? State::kOpen : State::kFailed);
    return stream->why();
  }
};

TEST_F(TlsStreamTest, CarriesTextBothWays) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const std::size_t piece : {1U, 7U, 100'000U}) {
      const auto stream = streamOf({});
      Server server(good_, version);
      shakeHands(*stream, server, piece);
      ASSERT_EQ(stream->state(), State::kOpen) << stream->why();
      stream->send("ask");
      feed(*stream, server.exchange(stream->takeOutput()), piece);
      EXPECT_EQ(server.heard, "ask");
      plain_.clear();
      feed(*stream, server.say(std::string(50'000, 'x')), piece);
      EXPECT_TRUE(plain_ == std::string(50'000, 'x'));
      feed(*stream, server.leave(), piece);
      EXPECT_EQ(stream->state(), State::kEnded);
    }
  }
}

TEST_F(TlsStreamTest, TakesAnyCertificateUnlessItIsTold) {
  EXPECT_EQ(verdict({}, makeCertificate(nullptr, -7200, -3600)), "");
  EXPECT_EQ(verdict(settings(Verification::kNone), makeCertificate(nullptr)), "");
}

TEST_F(TlsStreamTest, VerifiesWhoSignedAndUntilWhen) {
  const TlsSettings peer = settings(Verification::kPeer);
  EXPECT_EQ(verdict(peer, good_), "");
  EXPECT_EQ(verdict(peer, makeCertificate(&authority_, -7200, -3600)),
            "TLS handshake: certificate has expired");
  EXPECT_EQ(verdict(peer, makeCertificate(nullptr)), "TLS handshake: self-signed certificate");
  const TestCertificate other = makeCertificate(nullptr);
  EXPECT_NE(verdict(peer, makeCertificate(&other)), "");
}

TEST_F(TlsStreamTest, VerifiesTheName) {
  const TlsSettings name = settings(Verification::kName);
  EXPECT_EQ(verdict(name, good_), "");
  peer_.address = *IpAddress::parse("127.0.0.2");
  EXPECT_EQ(verdict(name, good_), "TLS handshake: IP address mismatch");
  peer_.name = "good.example";
  EXPECT_EQ(verdict(name, good_), "");
  peer_.name = "bad.example";
  EXPECT_EQ(verdict(name, good_), "TLS handshake: hostname mismatch");
  EXPECT_EQ(verdict(settings(Verification::kPeer), good_), "");
}

TEST_F(TlsStreamTest, KnowsPinnedKeys) {
  BIO* bio = BIO_new_mem_buf(good_.certificate.data(), -1);
  X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  unsigned char* encoded = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &encoded);
  Sha256 digest{};
  ::SHA256(encoded, static_cast<std::size_t>(size), digest.data());
  OPENSSL_free(encoded);
  X509_free(certificate);
  BIO_free(bio);

  TlsSettings pinned;
  pinned.pinnedKeys = {Sha256{}, digest};
  EXPECT_EQ(verdict(pinned, good_), "");
  EXPECT_EQ(verdict(pinned, makeCertificate(&authority_)),
            "TLS: the key of the server's certificate is none of those that are pinned");
}

TEST_F(TlsStreamTest, RefusesOldVersions) {
  TlsSettings modern;
  modern.minVersion = TLS1_3_VERSION;
  const auto stream = streamOf(modern);
  Server server(good_, TLS1_2_VERSION);
  shakeHands(*stream, server);
  EXPECT_EQ(stream->state(), State::kFailed);
  EXPECT_NE(stream->why(), "");
}

TEST_F(TlsStreamTest, TellsTheNameOfTheServer) {
  for (const std::string name : {"", "good.example"}) {
    peer_.serverName = name;
    const auto stream = streamOf({});
    Server server(good_);
    shakeHands(*stream, server);
    EXPECT_EQ(server.serverName(), name);
  }
}

TEST_F(TlsStreamTest, ShowsItsCertificate) {
  const std::string key = encryptedKey(good_, "secret");
  TlsSettings shown;
  shown.certificate = good_.certificate;
  shown.key = key;
  shown.password = "secret";
  const auto stream = streamOf(shown);
  Server server(good_);
  server.requireClientCertificate();
  shakeHands(*stream, server);
  EXPECT_EQ(stream->state(), State::kOpen) << stream->why();
  EXPECT_TRUE(server.sawClientCertificate());
}

TEST_F(TlsStreamTest, SaysWhatIsWrongWithTheSettings) {
  const auto errorOf = [](const TlsSettings& settings) {
    const auto context = TlsContext::create(settings);
    return context.ok() ? "" : context.error().message;
  };
  const std::string key = encryptedKey(good_, "secret");
  TlsSettings wrong;
  wrong.authorities = "nonsense";
  EXPECT_EQ(errorOf(wrong), "CA: no start line");
  wrong = {};
  wrong.certificate = "nonsense";
  wrong.key = good_.key;
  EXPECT_EQ(errorOf(wrong), "certificate: no start line");
  wrong.certificate = good_.certificate;
  wrong.key = key;
  wrong.password = "wrong";
  EXPECT_EQ(errorOf(wrong).substr(0, 5), "key: ");
  const TestCertificate other = makeCertificate(nullptr);
  wrong.key = other.key;
  EXPECT_EQ(errorOf(wrong), "key: key values mismatch");
}

TEST_F(TlsStreamTest, EndsWithoutCloseNotifyUnlessItIsTold) {
  for (const bool must : {false, true}) {
    peer_.mustEndInOrder = must;
    const auto stream = streamOf({});
    Server server(good_);
    shakeHands(*stream, server);
    feed(*stream, server.say("hello"));
    stream->end();
    EXPECT_EQ(stream->state(), must ? State::kFailed : State::kEnded);
    EXPECT_EQ(stream->why(), must ? "TLS: the connection has ended without close_notify" : "");
  }
}

TEST_F(TlsStreamTest, FailsWhereTheServerSpeaksSomethingElse) {
  const auto stream = streamOf({});
  stream->start();
  feed(*stream, "HTTP/1.0 400 Bad Request\r\n\r\n");
  EXPECT_EQ(stream->state(), State::kFailed);
  EXPECT_EQ(stream->why(), "TLS handshake: wrong version number");
  const auto ended = streamOf({});
  ended->start();
  ended->end();
  EXPECT_EQ(ended->why(), "TLS handshake: the server has closed the connection");
}

TEST_F(TlsStreamTest, FailsWhereBytesAreChanged) {
  const auto stream = streamOf({});
  Server server(good_);
  shakeHands(*stream, server);
  std::string said = server.say("hello");
  said.back() = static_cast<char>(said.back() ^ 1);
  feed(*stream, said);
  EXPECT_EQ(stream->state(), State::kFailed);
  EXPECT_EQ(plain_, "");
}

TEST_F(TlsStreamTest, KnowsUntilWhenTheCertificateIsValid) {
  const auto stream = streamOf({});
  Server server(makeCertificate(&authority_, -3600, 7200));
  shakeHands(*stream, server);
  ASSERT_TRUE(stream->validUntil().has_value());
  EXPECT_NEAR(static_cast<double>(*stream->validUntil()),
              static_cast<double>(std::time(nullptr) + 7200), 60);
}

}  // namespace
}  // namespace holdfast::checkd
