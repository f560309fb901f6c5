// Secrets that are kept elsewhere are read once, before anything looks at them.
#include "config/resolve/resolution.h"
#include "config/secret.h"
#include "config/statement.h"

namespace holdfast::config {
namespace {

using SharedSecret = std::shared_ptr<const Secret>;

void loadSecret(Resolution& resolution, Block& block, const Setting& setting) {
  const Row& row = *setting.row;
  const Statement* statement = setting.statement;
  Result<Secret> loaded = std::get<SharedSecret>(setting.value)
                              ->load(resolution.files, resolution.host.credentialsDirectory);
  if (!loaded) {
    resolution.fatal(
        Code::kUnreadableSecret, statement,
        std::string(statement->keyword()) + ": " + loaded.error().message,
        "file: and credential: name a file with nothing but the secret, which can be read now");
    return;
  }
  block.say(row, std::make_shared<const Secret>(std::move(loaded).value()), statement);
}

void loadSecrets(Resolution& resolution, Block& block) {
  for (const Setting& setting : block.settings()) {
    const auto* secret = std::get_if<SharedSecret>(&setting.value);
    if (secret != nullptr && (*secret)->place() != Secret::Place::kHere) {
      loadSecret(resolution, block, setting);
    }
  }
  for (Block* inner : block.blocks()) {
    loadSecrets(resolution, *inner);
  }
}

}  // namespace

void resolveSecrets(Resolution& resolution) {
  loadSecrets(resolution, resolution.root);
}

}  // namespace holdfast::config
