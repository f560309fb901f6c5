#include "config/tables/tls_rows.h"

#include <algorithm>
#include <cctype>

#include "config/block.h"
#include "config/context.h"

namespace holdfast::config {
namespace {

constexpr std::size_t kDigits = 64;

}  // namespace

void readPinnedKey(Context& context, Block& check, Cursor& cursor) {
  const std::string word(cursor.take());
  const bool isHex =
      std::ranges::all_of(word, [](unsigned char c) { return std::isxdigit(c) != 0; });
  if (word.size() != kDigits || !isHex) {
    context.error(Code::kInvalidValue, cursor, "pinned_key '" + word + "' is no SHA-256",
                  "takes 64 hexadecimal digits, as of: openssl x509 -in FILE -pubkey -noout | "
                  "openssl pkey -pubin -outform DER | sha256sum");
    return;
  }
  WordList keys;
  if (const auto* said = check.find<std::shared_ptr<const WordList>>("pinned_key")) {
    keys = **said;
  }
  keys.push_back(word);
  check.say("pinned_key", std::make_shared<const WordList>(std::move(keys)), &cursor.statement);
}

}  // namespace holdfast::config
