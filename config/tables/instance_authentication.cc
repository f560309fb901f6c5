// Rows of vrrp_instance about who is believed: authentication and auth_hmac.
#include <array>
#include <charconv>

#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/secret.h"
#include "config/tables.h"
#include "config/tables/areas.h"

namespace holdfast::config {
namespace {

using Authentication = schema::Authentication;
constexpr std::array<Choice, 2> kTypes = {
    {{"PASS", static_cast<std::int64_t>(Authentication::PASS)},
     {"AH", static_cast<std::int64_t>(Authentication::AH)}}};
constexpr std::array<Choice, 2> kReplays = {{{"time", 0}, {"monotonic", 1}}};
constexpr std::array<Choice, 3> kModes = {{{"enforce", 0}, {"permissive", 1}, {"receive-only", 2}}};

void readType(Context& context, Block& authentication, Cursor& cursor) {
  const std::string word(cursor.take());
  for (const Choice& type : kTypes) {
    if (type.word == word) {
      authentication.say("auth_type", type.value, &cursor.statement);
      return;
    }
  }
  context.error(
      Code::kInvalidValue, cursor,
      "(" + authentication.outer()->name() + ") unknown authentication type '" + word + "'",
      "takes PASS or AH");
}

// ID VALUE, ID hex:DIGITS, ID file:PATH, ID credential:NAME
void readKey(Context& context, Block& hmac, Cursor& cursor) {
  const auto id = context.number(cursor, {1, 255});
  if (!id) {
    return;
  }
  if (!cursor.hasWord()) {
    context.missingParameter(cursor.statement);
    return;
  }
  const Row& row = *hmac.table().find(Key("key"));
  auto key = std::make_unique<Block>(hmacKeyTable(), &row, &hmac, &cursor.statement);
  key->setName(std::to_string(*id));
  key->say("id", *id, &cursor.statement);
  key->say("secret", std::make_shared<const Secret>(Secret::parse(cursor.take())),
           &cursor.statement);
  for (const Block* other : hmac.blocks("key")) {
    if (other->number("id") == *id) {
      context.error(Code::kDuplicate, cursor.statement, 1,
                    "(" + hmac.outer()->name() + ") auth_hmac key " + key->name() +
                        " already specified - ignoring",
                    "the first one is used");
      return;
    }
  }
  hmac.say(row, true, &cursor.statement);
  hmac.add(row, std::move(key));
}

const Table& authenticationTable() {
  using V = schema::VrrpInstance::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"auth_type", takes::custom(readType, kTypes), nothing(),
     {to<&V::setAuthentication>()},
     "PASS: a password that everybody on the link can read; AH: a check value"},
    {"auth_pass", takes::secret(), nothing(),
     {to<&V::setPassword>()},
     "at most 8 bytes, the same on all routers of this virtual router", !kNotYet, kSecret},
  };
  // clang-format on
  static const Table kTable("vrrp_instance/authentication", kRows);
  return kTable;
}

const Table& hmacTable() {
  using H = schema::HmacAuthentication::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"key", takes::custom(readKey, "ID TEXT|hex:DIGITS|file:PATH|credential:NAME"), rule("there has to be one"),
     {bySealer()},
     "a key of 32 to 64 bytes and its number, 1 to 255; several while keys are changed", !kNotYet, kSecret},
    {"active_key", takes::number(1, 255), rule("the first key"),
     {bySealer()},
     "the number of the key that signs what is sent"},
    {"time_window", takes::wholeSeconds(1, 300), rule("3 advert_int, but at least 5"),
     {to<&H::setTimeWindowNs>()},
     "seconds by which the clocks of routers may differ"},
    {"anti_replay", takes::oneOf(kReplays), value("time"),
     {to<&H::setReplay>()},
     "time: only what is within the window counts; monotonic: only what is newer than the last"},
    {"mode", takes::oneOf(kModes), value("enforce"),
     {to<&H::setMode>()},
     "permissive: unsigned advertisements count too; receive-only: and none is signed"},
  };
  // clang-format on
  static const Table kTable("vrrp_instance/auth_hmac", kRows);
  return kTable;
}

}  // namespace

const Table& hmacKeyTable() {
  using K = schema::HmacKey::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"id", takes::part(takes::number(1, 255)), nothing(),
     {to<&K::setId>()},
     "the key's number in the trailer"},
    {"secret", takes::part(takes::secret()), nothing(),
     {to<&K::setSecret>()},
     "the key itself", !kNotYet, kSecret},
  };
  // clang-format on
  static const Table kTable("vrrp_instance/auth_hmac/key", kRows);
  return kTable;
}

std::span<const Row> authenticationRows() {
  // clang-format off
  static constexpr Row kRows[] = {
    {"authentication", takes::block(authenticationTable), nothing(), {},
     "how advertisements of version 2 show that they are meant (RFC 2338; RFC 3768 took it out)"},
    {"auth_hmac", takes::block(hmacTable), nothing(), {},
     "advertisements are signed with HMAC-SHA-256: an instance that asks for it stays in FAULT"},
  };
  // clang-format on
  return kRows;
}

}  // namespace holdfast::config
