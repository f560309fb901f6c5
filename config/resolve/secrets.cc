// Secrets that are kept elsewhere are read once, before anything looks at them.
#include "config/resolve/resolution.h"
#include "config/secret.h"
#include "config/statement.h"
#include "config/text.h"

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
  resolution.plan.loadedBytes += loaded->text().size();
  block.say(row, std::make_shared<const Secret>(std::move(loaded).value()), statement);
}

// "NAME: file:PATH" and "NAME: credential:NAME".
void loadHeaders(Resolution& resolution, Block& check) {
  const Statement* statement = check.at("header");
  WordList lines = **check.find<std::shared_ptr<const WordList>>("header");
  bool isLoaded = false;
  for (std::string& line : lines) {
    const std::size_t value = line.find(": ") + 2;
    const Secret secret = Secret::parse(std::string_view(line).substr(value));
    if (secret.place() == Secret::Place::kHere) {
      continue;
    }
    const Result<Secret> loaded =
        secret.load(resolution.files, resolution.host.credentialsDirectory);
    if (!loaded || !isPrintable(loaded->text())) {
      resolution.fatal(Code::kUnreadableSecret, statement,
                       "header: " + (loaded ? "what is in the file cannot be sent: one line of "
                                              "printable characters can"
                                            : loaded.error().message));
      return;
    }
    line.resize(value);
    line += loaded->text();
    resolution.plan.loadedBytes += loaded->text().size();
    isLoaded = true;
  }
  if (isLoaded) {
    check.say("header", std::make_shared<const WordList>(std::move(lines)), statement);
  }
}

void loadSecrets(Resolution& resolution, Block& block) {
  for (const Setting& setting : block.settings()) {
    const auto* secret = std::get_if<SharedSecret>(&setting.value);
    if (secret != nullptr && (*secret)->place() != Secret::Place::kHere) {
      loadSecret(resolution, block, setting);
    }
  }
  if (block.table().find(Key("header")) != nullptr && block.isSaid("header")) {
    loadHeaders(resolution, block);
  }
  for (Block* inner : block.each()) {
    loadSecrets(resolution, *inner);
  }
}

}  // namespace

void resolveSecrets(Resolution& resolution) {
  loadSecrets(resolution, resolution.root);
}

}  // namespace holdfast::config
