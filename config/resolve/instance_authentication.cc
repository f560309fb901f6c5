// One vrrp_instance: authentication and auth_hmac.
#include <algorithm>

#include "config/resolve/resolution.h"
#include "config/secret.h"
#include "ipc/schemas/config.capnp.h"

namespace holdfast::config {
namespace {

using SharedSecret = std::shared_ptr<const Secret>;

constexpr std::int64_t kOwner = 255;
constexpr auto kAh = static_cast<std::int64_t>(schema::Authentication::AH);
constexpr auto kBackup = static_cast<std::int64_t>(schema::InitialState::BACKUP);
constexpr auto kMaster = static_cast<std::int64_t>(schema::InitialState::MASTER);

int hexDigit(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

const Secret* secretOf(const Block& block, Key key) {
  const auto* found = block.find<SharedSecret>(key);
  return found == nullptr ? nullptr : found->get();
}

void cutPassword(Resolution& resolution, Block& authentication) {
  constexpr std::size_t kMaxPassword = 8;
  const Secret* password = secretOf(authentication, "auth_pass");
  if (password != nullptr && password->text().size() > kMaxPassword) {
    const Statement* statement = authentication.at("auth_pass");
    resolution.error(Code::kInvalidValue, statement, "Truncating auth_pass to 8 characters");
    authentication.adjust(
        "auth_pass",
        std::make_shared<const Secret>(Secret::Place::kHere,
                                       std::string_view(password->text()).substr(0, kMaxPassword)),
        "the packet has room for 8 bytes");
  }
}

// Empty where it can be used; else what is said about it.
std::string problemOf(const Block& instance, const Block& authentication) {
  const Secret* password = secretOf(authentication, "auth_pass");
  if (password == nullptr || password->text().empty()) {
    return "Authentication specified but no password given. Ignoring";
  }
  if (instance.flag("strict_mode")) {
    return "Strict mode does not support authentication. Ignoring.";
  }
  if (instance.number("version") == 3) {
    return "VRRP version 3 does not support authentication. Ignoring.";
  }
  if (instance.number("family") != 0 && authentication.number("auth_type") == kAh) {
    return "Cannot use AH authentication with IPv6. ignoring";
  }
  return {};
}

void resolveAuthentication(Resolution& resolution, Block& instance, Block& authentication) {
  cutPassword(resolution, authentication);
  if (!authentication.isSaid("auth_type")) {
    authentication.drop();
    return;
  }
  const std::string problem = problemOf(instance, authentication);
  const std::string prefix = "(" + instance.name() + ") ";
  if (!problem.empty()) {
    resolution.error(Code::kConflict, authentication.statement(), prefix + problem);
    authentication.drop();
    return;
  }
  if (authentication.number("auth_type") == kAh && instance.number("state") == kMaster &&
      instance.number("priority") != kOwner) {
    resolution.error(
        Code::kConflict, instance.at("state"),
        prefix + "Initial state master is incompatible with AH authentication - clearing");
    instance.adjust("state", kBackup, "AH authentication");
  }
}

// The bytes of "hex:DIGITS"; nullptr where they are no such. Others are returned as they are.
SharedSecret decoded(const SharedSecret& secret) {
  constexpr std::string_view kHex = "hex:";
  const std::string& text = secret->text();
  if (!text.starts_with(kHex)) {
    return secret;
  }
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = kHex.size(); i < text.size(); i += 2) {
    const int high = hexDigit(text[i]);
    const int low = i + 1 < text.size() ? hexDigit(text[i + 1]) : -1;
    if (high < 0 || low < 0) {
      wipe(bytes);
      return nullptr;
    }
    bytes += static_cast<char>(high * 16 + low);
  }
  auto made = std::make_shared<const Secret>(Secret::Place::kHere, bytes);
  wipe(bytes);
  return made;
}

// False where the key is left out.
bool resolveKey(Resolution& resolution, const std::string& prefix, Block& key) {
  constexpr std::size_t kShortest = 32;
  constexpr std::size_t kLongest = 64;
  const SharedSecret secret = decoded(*key.find<SharedSecret>("secret"));
  if (secret == nullptr || secret->text().size() < kShortest || secret->text().size() > kLongest) {
    resolution.error(Code::kInvalidValue, key.statement(),
                     prefix + "auth_hmac key " + key.name() +
                         (secret == nullptr ? " has digits that are not hexadecimal"
                                            : " has to be of 32 to 64 bytes, and has " +
                                                  std::to_string(secret->text().size())),
                     "openssl rand -hex 32 makes the digits of one for hex:");
    return false;
  }
  key.adjust("secret", secret, "as bytes");
  return true;
}

void resolveWindow(const Block& instance, Block& hmac) {
  using std::chrono::seconds;
  if (!hmac.isSaid("time_window")) {
    const Duration window = std::max<Duration>(3 * instance.time("advert_int"), seconds(5));
    hmac.assume("time_window", window, "3 advert_int, but at least 5 seconds");
  }
}

void resolveHmac(Resolution& resolution, Block& instance, Block& hmac) {
  const std::string prefix = "(" + instance.name() + ") ";
  for (Block* key : hmac.blocks("key")) {
    if (!resolveKey(resolution, prefix, *key)) {
      key->drop();
    }
  }
  const Block* first = hmac.firstBlock("key");
  if (first == nullptr) {
    // Not without what was asked for: others could then speak for it.
    resolution.fatal(Code::kMissingSetting, hmac.statement(),
                     prefix + "auth_hmac has no usable key",
                     "key ID VALUE, with at least 32 bytes");
    return;
  }
  if (instance.flag("strict_mode")) {
    resolution.error(Code::kConflict, hmac.statement(),
                     prefix + "Strict mode does not support auth_hmac. Ignoring.");
    hmac.drop();
    return;
  }
  resolution.error(Code::kNotSupported, hmac.statement(),
                   prefix +
                       "auth_hmac cannot be kept by this version. setting instance to fault "
                       "state",
                   "without it others could speak for this router");
  instance.assume("fault", true, "auth_hmac is not kept");
  if (!hmac.isSaid("active_key")) {
    hmac.assume("active_key", first->number("id"), "the first key");
  }
  const auto keys = hmac.blocks("key");
  if (std::none_of(keys.begin(), keys.end(), [&hmac](const Block* key) {
        return key->number("id") == hmac.number("active_key");
      })) {
    resolution.fatal(Code::kUnknownName, hmac.at("active_key"),
                     prefix + "auth_hmac active_key " + std::to_string(hmac.number("active_key")) +
                         " is not one of its keys");
  }
  resolveWindow(instance, hmac);
}

}  // namespace

void resolveInstanceAuthentication(Resolution& resolution, Block& instance) {
  if (Block* authentication = instance.firstBlock("authentication")) {
    resolveAuthentication(resolution, instance, *authentication);
  }
  if (Block* hmac = instance.firstBlock("auth_hmac")) {
    resolveHmac(resolution, instance, *hmac);
  }
}

}  // namespace holdfast::config
