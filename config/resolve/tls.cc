// The files of the SSL block: whoever uses them can open none.
#include "config/resolve/resolution.h"
#include "config/secret.h"
#include "config/statement.h"

namespace holdfast::config {
namespace {

// Those of a whole distribution take a quarter of it.
constexpr std::size_t kMaxBytes = std::size_t{1} << 20U;
constexpr std::string_view kCertificate = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kKey = " KEY-----";

class TlsFiles {
 public:
  TlsFiles(Resolution& resolution, const Block& context)
      : resolution_(resolution), context_(context) {}

  // Null where the keyword is not said; what cannot be used is said, of `what`, and remembered.
  std::shared_ptr<const Secret> read(Key keyword, const char* what, std::string_view mark) {
    const std::string* path = context_.find<std::string>(keyword);
    if (path == nullptr) {
      return nullptr;
    }
    Result<std::string> content = resolution_.files.read(*path, kMaxBytes);
    if (!content) {
      refuse(keyword, std::string(what) + ": " + content.error().message);
      return nullptr;
    }
    auto kept = std::make_shared<const Secret>(Secret::Place::kHere, *content);
    wipe(*content);
    if (kept->text().find(mark) == std::string::npos) {
      refuse(keyword, std::string(what) + ": " + *path + ": there is nothing in it with " +
                          std::string(mark));
      return nullptr;
    }
    return kept;
  }

 private:
  void refuse(Key keyword, std::string message) {
    resolution_.error(Code::kUnreadableFile, context_.at(keyword), std::move(message),
                      "takes a PEM file that can be read now; SSL_GET fails without it");
    resolution_.plan.tls.isBroken = true;
  }

  Resolution& resolution_;
  const Block& context_;
};

}  // namespace

void resolveTls(Resolution& resolution) {
  const Block* context = resolution.root.firstBlock("SSL");
  if (context == nullptr) {
    return;
  }
  TlsFiles files(resolution, *context);
  PlannedTls& tls = resolution.plan.tls;
  tls.authorities = files.read("ca", "SSL cafile", kCertificate);
  tls.certificate = files.read("certificate", "SSL certfile", kCertificate);
  tls.key = files.read("key", "SSL keyfile", kKey);
}

}  // namespace holdfast::config
