#include "checkd/tls_configuration.h"

#include <capnp/message.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/checkd/test_certificates.h"

namespace holdfast::checkd {
namespace {

class TlsConfiguration : public testing::Test {
 public:
  ~TlsConfiguration() noexcept override = default;

 protected:
  static void SetUpTestSuite() { TlsContext::prepareLibrary(); }

  capnp::MallocMessageBuilder message_;
  schema::TlsClient::Builder sealed_ = message_.initRoot<schema::TlsClient>();
  TestCertificate shown_ = makeCertificate(nullptr);

  static capnp::Data::Reader dataOf(const std::string& text) {
    return {reinterpret_cast<const capnp::byte*>(text.data()), text.size()};
  }
  // Empty where it can be used.
  [[nodiscard]] std::string error() const {
    const auto context = readTls(sealed_.asReader());
    return context.ok() ? "" : context.error().message;
  }
};

TEST_F(TlsConfiguration, MayBeEmpty) {
  EXPECT_EQ(error(), "");
}

TEST_F(TlsConfiguration, HasCertificatesAndAnEncryptedKey) {
  sealed_.setAuthoritiesPem(dataOf(shown_.certificate));
  sealed_.setCertificatePem(dataOf(shown_.certificate));
  sealed_.setKeyPem(dataOf(encryptedKey(shown_, "secret")));
  sealed_.setPassword(dataOf("secret"));
  EXPECT_EQ(error(), "");
  sealed_.setPassword(dataOf("wrong"));
  EXPECT_EQ(error().substr(0, 9), "SSL key: ");
}

TEST_F(TlsConfiguration, PinsKeysOfTheRightSize) {
  sealed_.setVerification(schema::TlsClient::Verification::NAME);
  sealed_.setMinVersion(0x0304);
  auto pinned = sealed_.initPinnedKeys(1);
  pinned.set(0, dataOf(std::string(32, 'x')));
  EXPECT_EQ(error(), "");
  pinned.set(0, dataOf("short"));
  EXPECT_EQ(error(), "SSL: a pinned key is no SHA-256");
}

TEST_F(TlsConfiguration, IsOfNoUseWhereAFileCouldNotBeRead) {
  sealed_.setIsBroken(true);
  EXPECT_EQ(error(), "SSL: not all of its files could be read");
  sealed_.setIsBroken(false);
  sealed_.setAuthoritiesPem(dataOf("nonsense"));
  EXPECT_EQ(error(), "SSL CA: no start line");
}

}  // namespace
}  // namespace holdfast::checkd
