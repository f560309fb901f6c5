// The files of the SSL block and of checks: whoever uses them can open none.
#include <map>

#include "config/resolve/resolution.h"
#include "config/secret.h"
#include "config/statement.h"
#include "config/tables/tls_rows.h"

namespace holdfast::config {
namespace {

// Those of a whole distribution take a quarter of it.
constexpr std::size_t kMaxBytes = std::size_t{1} << 20U;
constexpr std::string_view kCertificate = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kKey = " KEY-----";

class TlsFiles {
 public:
  TlsFiles(Resolution& resolution, const Block& context, PlannedTls& planned)
      : resolution_(resolution), context_(context), planned_(planned) {}

  // Null where the keyword is not said; what cannot be used is said, of `what`, and remembered.
  std::shared_ptr<const Secret> read(std::string_view keyword, const char* what,
                                     std::string_view mark) {
    const std::string* word = context_.find<std::string>(Key(keyword));
    if (word == nullptr) {
      return nullptr;
    }
    Result<Secret> content = load(*word, keyword);
    if (!content) {
      refuse(keyword, std::string(what) + ": " + content.error().message);
      return nullptr;
    }
    if (content->text().find(mark) == std::string::npos) {
      refuse(keyword, std::string(what) + ": " + *word + ": there is nothing in it with " +
                          std::string(mark));
      return nullptr;
    }
    resolution_.plan.loadedBytes += content->text().size();
    return std::make_shared<const Secret>(std::move(*content));
  }

  void refuse(std::string_view keyword, std::string message,
              const char* hint =
                  "takes a PEM file that can be read now; the check fails without "
                  "it") {
    resolution_.error(Code::kUnreadableFile, context_.at(Key(keyword)), std::move(message), hint);
    planned_.isBroken = true;
  }

 private:
  // A client_key may be kept where other secrets are.
  [[nodiscard]] Result<Secret> load(const std::string& word, std::string_view keyword) const {
    const Secret place = Secret::parse(word);
    if (keyword == "client_key" && place.place() != Secret::Place::kHere) {
      return place.load(resolution_.files, resolution_.host.credentialsDirectory, kMaxBytes);
    }
    Result<std::string> content = resolution_.files.read(word, kMaxBytes);
    if (!content) {
      return content.error();
    }
    Secret kept(Secret::Place::kHere, *content);
    wipe(*content);
    return kept;
  }

  Resolution& resolution_;
  const Block& context_;
  PlannedTls& planned_;
};

// What a check says for itself, as text: those that say the same share it.
std::string settingsOf(const Block& check) {
  std::string text;
  for (const Row& row : kTlsRows) {
    const Setting* setting = check.setting(Key(row.name));
    if (setting == nullptr) {
      continue;
    }
    text += row.name;
    if (const auto* number = std::get_if<std::int64_t>(&setting->value)) {
      text += " " + std::to_string(*number);
    } else if (const auto* words = std::get_if<std::shared_ptr<const WordList>>(&setting->value)) {
      for (const std::string& word : **words) {
        text += " " + word;
      }
    } else if (const auto* word = check.find<std::string>(Key(row.name))) {
      text += " " + *word;
    }
    text += '\n';
  }
  return text;
}

PlannedTls planned(Resolution& resolution, const Block& check) {
  PlannedTls tls = resolution.plan.tls;
  tls.check = &check;
  TlsFiles files(resolution, check, tls);
  if (check.find<std::string>("ca_file") != nullptr) {
    tls.authorities = files.read("ca_file", "ca_file", kCertificate);
  }
  if (check.find<std::string>("client_certificate") != nullptr) {
    tls.certificate = files.read("client_certificate", "client_certificate", kCertificate);
  }
  if (check.find<std::string>("client_key") != nullptr) {
    tls.key = files.read("client_key", "client_key", kKey);
    tls.password = nullptr;
  }
  if (check.number("verify") != 0 && tls.authorities == nullptr && !tls.isBroken) {
    files.refuse("verify", "verify without anybody to believe",
                 "say ca_file, or ca in the SSL block; the check fails without it");
  }
  const char* said = check.isSaid("client_key") ? "client_key" : "client_certificate";
  if (check.isSaid(Key(std::string_view(said))) &&
      (tls.certificate == nullptr || tls.key == nullptr) && !tls.isBroken) {
    files.refuse(said, "client_certificate and client_key go together",
                 "say both; the check fails with one of them");
  }
  return tls;
}

void resolveOwn(Resolution& resolution) {
  Plan& plan = resolution.plan;
  std::map<std::string, std::uint32_t> known;
  for (const Block* server : resolution.root.blocks("virtual_server")) {
    for (const Block* real : server->blocks("real_server")) {
      for (const Block* check : real->blocks()) {
        if (check->isDropped() || check->table().find(Key("verify")) == nullptr) {
          continue;
        }
        const std::string settings = settingsOf(*check);
        if (settings.empty()) {
          continue;
        }
        const auto [found, isNew] =
            known.emplace(settings, static_cast<std::uint32_t>(plan.tlsClients.size()));
        if (isNew) {
          plan.tlsClients.push_back(planned(resolution, *check));
        }
        plan.tlsClientOf[check] = found->second;
      }
    }
  }
}

}  // namespace

void resolveTls(Resolution& resolution) {
  PlannedTls& tls = resolution.plan.tls;
  if (const Block* context = resolution.root.firstBlock("SSL")) {
    TlsFiles files(resolution, *context, tls);
    tls.authorities = files.read("ca", "SSL cafile", kCertificate);
    tls.certificate = files.read("certificate", "SSL certfile", kCertificate);
    tls.key = files.read("key", "SSL keyfile", kKey);
    if (const auto* password = context->find<std::shared_ptr<const Secret>>("password")) {
      tls.password = *password;
    }
  }
  resolveOwn(resolution);
}

}  // namespace holdfast::config
