// What must not be seen is not seen.
#include "config/masking.h"

#include <gtest/gtest.h>

#include "config/diagnostic.h"
#include "ipc/sealed.h"
#include "tests/unit/config/compile.h"
#include "tests/unit/config/sealed_fields.h"

namespace holdfast::config {
namespace {

TEST(Masking, HidesWhatStandsBehindASecretsKeyword) {
  EXPECT_EQ(maskLine("  auth_pass hunter22"), "  auth_pass ********");
  EXPECT_EQ(maskLine("auth_pass \"hunter 22\""), "auth_pass ********");
  EXPECT_EQ(maskLine("auth_pass one two"), "auth_pass ******** ********");
  EXPECT_EQ(maskLine("authentication { auth_type PASS auth_pass hunter22 }"),
            "authentication { auth_type PASS auth_pass ******** }");
  EXPECT_EQ(maskLine("key 3 0123456789"), "key 3 ********");
  EXPECT_EQ(maskLine("key 0123456789"), "key ********");
  EXPECT_EQ(maskLine("key x 0123456789"), "key ******** ********");
  EXPECT_EQ(maskLine("password hunter22"), "password ********");
  EXPECT_EQ(maskLine("header \"X-Token: hunter22\""), "header ********");
  EXPECT_EQ(maskLine("credentials probe hunter22"), "credentials ******** ********");
}

TEST(Masking, HidesASecretBehindAMisspeltKeyword) {
  EXPECT_EQ(maskLine("auth_pas hunter22"), "auth_pas ********");
  EXPECT_EQ(maskLine("auth_pass \"hunter22"), "auth_pass ********");
  EXPECT_EQ(maskLine("$AUTH_PASS=hunter22"), "$AUTH_PASS=********");
}

TEST(Masking, LeavesOtherLinesAlone) {
  for (const char* line : {"auth_pass file:/etc/secret", "auth_pass credential:vrrp", "auth_pass",
                           "virtual_ipaddress { 10.0.0.1 }", "$IF=eth0", "auth_type PASS", ""}) {
    EXPECT_EQ(maskLine(line), line);
  }
}

std::string everythingSaid(const std::string& text) {
  const Compilation compilation = compileText(text);
  EXPECT_FALSE(compilation.report.all().empty()) << text;
  std::string all;
  for (const Diagnostic& diagnostic : compilation.report.all()) {
    for (const std::string& line : textLines(diagnostic, true)) {
      all += line + "\n";
    }
    all += jsonLine(diagnostic) + "\n";
  }
  return all;
}

std::string instance(const std::string& more) {
  return "vrrp_instance A {\ninterface eth0\nvirtual_router_id 5\n" + more +
         "\nvirtual_ipaddress { 10.9.0.9/24 }\n}\n";
}

TEST(Masking, NoDiagnosticShowsASecret) {
  const std::string key = "0123456789abcdef0123456789abcdefhunter22";
  for (const std::string& text : {
           instance("authentication {\nauth_type PASS\nauth_pass hunter22long\n}"),
           instance("authentication {\nauth_type PASS\nauth_pass hunter22 {\n}\n}"),
           instance("authentication {\nauth_type PASS auth_pass hunter22 {\n}\n}"),
           instance("authentication {\nauth_pass \"hunter22\n}"),
           instance("authentication {\nauth_pas hunter22\n}"),
           instance("auth_pass hunter22"),
           "auth_pass hunter22\n" + instance(""),
           instance("auth_hmac {\nkey hunter22\n}"),
           instance("auth_hmac {\nkey x hunter22\n}"),
           instance("auth_hmac {\nkey 300 " + key + "\n}"),
           instance("auth_hmac {\nkey 1 hunter22\n}"),
           instance("auth_hmac {\nkey 1 hex:hunter22\n}"),
           instance("auth_hmac {\nkey 1 " + key + "\nkey 1 " + key + "\n}"),
       }) {
    const std::string said = everythingSaid(text);
    EXPECT_EQ(said.find("hunter22"), std::string::npos) << said;
  }
}

TEST(Masking, KeepsTheCaretInTheLine) {
  const Compilation compilation = compileText(instance("auth_pass a_long_password x"));
  const Diagnostic& diagnostic = compilation.report.all().front();
  EXPECT_EQ(diagnostic.place.text, "auth_pass ******** ********");
  EXPECT_LE(diagnostic.place.column, diagnostic.place.text.size());
}

constexpr const char* kServer =
    "virtual_server 10.9.0.1 80 {\nprotocol TCP\nreal_server 10.9.0.2 80 {\nTCP_CHECK {\n}\n}\n}\n";

std::string passwordOf(const std::string& word) {
  return SealedFields(instance("authentication {\nauth_type PASS\nauth_pass " + word + "\n}"))
      .at("vrrp.instances[0].password");
}

TEST(Secrets, AreReadFromWhereTheyAreKept) {
  EXPECT_EQ(passwordOf("hunter22"), "hunter22");
  EXPECT_EQ(passwordOf("file:/etc/secret"), "from a f");
  EXPECT_EQ(passwordOf("credential:vrrp"), "credenti");
}

TEST(Secrets, ThatCannotBeReadRefuseTheConfiguration) {
  for (const char* word : {"file:/etc/none", "file:etc/secret", "credential:none",
                           "credential:", "credential:../vrrp", "credential:.."}) {
    const Compilation compilation = compileText(
        instance("authentication {\nauth_type PASS\nauth_pass " + std::string(word) + "\n}"));
    EXPECT_TRUE(compilation.report.refused()) << word;
    EXPECT_EQ(compilation.report.exitCode(), 5U) << word;
  }
}

TEST(Secrets, OfChecksAreCheckdsAlone) {
  const SealedFields sealed(
      "SSL {\nkey /etc/k.pem\npassword hunter22\n}\n" + std::string(kServer) +
      "virtual_server 10.9.0.9 80 {\nprotocol TCP\nlvs_method NAT\nreal_server 10.9.0.8 80 {\n"
      "SSL_GET {\nurl {\npath /\n}\nheader \"X-Token: hunter22\"\ncredentials u hunter22\n"
      "client_certificate /etc/c.pem\nclient_key file:/etc/k.pem\n}\n}\n}\n");
  for (const UniqueFd* fd : {&sealed.messages().supervisor, &sealed.messages().privd,
                             &sealed.messages().vrrpd, &sealed.messages().bfdd}) {
    const Result<SealedMapping> mapping = SealedMapping::map(fd->get());
    ASSERT_TRUE(mapping.ok());
    const auto bytes = mapping->words().asChars();
    const std::string_view text(bytes.begin(), bytes.size());
    EXPECT_EQ(text.find("hunter22"), std::string_view::npos);
    EXPECT_EQ(text.find("PRIVATE KEY"), std::string_view::npos);
  }
}

TEST(Secrets, AreVrrpdsAlone) {
  const SealedFields sealed(instance("authentication {\nauth_type PASS\nauth_pass hunter22\n}"));
  const SealedPlan& messages = sealed.messages();
  for (const UniqueFd* fd : {&messages.supervisor, &messages.privd, &messages.bfdd}) {
    const Result<SealedMapping> mapping = SealedMapping::map(fd->get());
    ASSERT_TRUE(mapping.ok());
    const auto bytes = mapping->words().asChars();
    EXPECT_EQ(std::string_view(bytes.begin(), bytes.size()).find("hunter22"),
              std::string_view::npos);
  }
}

}  // namespace
}  // namespace holdfast::config
