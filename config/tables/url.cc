// The url blocks of HTTP_GET and SSL_GET
#include <algorithm>
#include <charconv>

#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/tables.h"
#include "config/tables/regex_options.h"
#include "ipc/schemas/lvs_config.capnp.h"

namespace holdfast::config {
namespace {

using Url = schema::Url::Builder;

constexpr std::size_t kDigestDigits = 32;  // of MD5

bool isHexDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

void readDigest(Context& context, Block& url, Cursor& cursor) {
  const std::string word(cursor.take());
  const auto refuse = [&context, &cursor](const std::string& message) {
    context.error(Code::kInvalidValue, cursor, message,
                  "takes 32 hexadecimal digits, as genhash prints them");
  };
  if (url.isSaid("digest")) {
    refuse("Digest '" + word + "' is a duplicate");
    return;
  }
  if (word.size() != kDigestDigits) {
    refuse("digest '" + word + "' character length should be 32 rather than " +
           std::to_string(word.size()));
    return;
  }
  for (std::size_t i = 0; i < word.size(); i += 2) {
    if (!isHexDigit(word[i]) || !isHexDigit(word[i + 1])) {
      refuse("Unable to interpret hex digit in '" + word.substr(i, 2) + "' at offset " +
             std::to_string(i) + "/" + std::to_string(i + 1));
      return;
    }
  }
  url.say("digest", word, &cursor.statement);
}

bool isStatusCode(std::string_view text, int& code) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  return error == std::errc{} && end == text.data() + text.size() && code >= 100 && code <= 599;
}

bool isStatusRange(const std::string& word) {
  const std::string_view text(word);
  const std::size_t dash = text.find('-');
  int low = 0;
  int high = 0;
  return dash == std::string_view::npos
             ? isStatusCode(text, low)
             : isStatusCode(text.substr(0, dash), low) &&
                   isStatusCode(text.substr(dash + 1), high) && low <= high;
}

// Those of several lines count together.
void readStatusCodes(Context& context, Block& url, Cursor& cursor) {
  WordList codes;
  if (const auto* said = url.find<std::shared_ptr<const WordList>>("status_code")) {
    codes = **said;
  }
  while (cursor.hasWord()) {
    const std::string word(cursor.take());
    if (isStatusRange(word)) {
      codes.push_back(word);
    } else {
      context.error(Code::kInvalidValue, cursor, "Invalid HTTP_GET status code '" + word + "'",
                    "takes numbers from 100 to 599, and ranges such as 200-299");
    }
  }
  if (!codes.empty()) {
    url.say("status_code", std::make_shared<const WordList>(std::move(codes)), &cursor.statement);
  }
}

void readHost(Context& context, Block& url, Cursor& cursor) {
  if (!cursor.hasWord()) {
    context.error(Code::kMissingSetting, cursor.statement, 0, "Missing HTTP_GET virtualhost name");
    return;
  }
  url.say("virtualhost", std::string(cursor.take()), &cursor.statement);
}

// Several lines are one expression.
void readRegex(Context& context, Block& url, Cursor& cursor) {
  if (!cursor.hasWord()) {
    context.complain(Severity::kNotice, Code::kMissingSetting, cursor.statement, 0,
                     "regex without an expression - ignoring");
    return;
  }
  const std::string* said = url.find<std::string>("regex");
  url.say("regex", (said == nullptr ? "" : *said) + std::string(cursor.take()), &cursor.statement);
}

void readRegexOptions(Context& context, Block& url, Cursor& cursor) {
  WordList options;
  if (const auto* said = url.find<std::shared_ptr<const WordList>>("regex_options")) {
    options = **said;
  }
  while (cursor.hasWord()) {
    const std::string word(cursor.take());
    if (std::find(kRegexOptions.begin(), kRegexOptions.end(), word) != kRegexOptions.end()) {
      options.push_back(word);
    } else {
      context.complain(Severity::kNotice, Code::kInvalidValue, cursor.statement, cursor.word - 1,
                       "Unknown regex option '" + word + "' - ignoring",
                       "takes options of PCRE2, such as caseless, multiline or dotall");
    }
  }
  url.say("regex_options", std::make_shared<const WordList>(std::move(options)), &cursor.statement);
}

// As keepalived does it, what is no number is no error.
void readSize(Context& context, Block& url, Cursor& cursor, Key key) {
  std::int64_t size = 0;
  const std::string word(cursor.hasWord() ? cursor.take() : std::string_view());
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), size);
  if (word.empty() || error != std::errc{} || end != word.data() + word.size() || size < 0) {
    context.complain(Severity::kNotice, Code::kInvalidValue, cursor.statement,
                     word.empty() ? 0 : cursor.word - 1,
                     "'" + word + "' is no number of bytes - ignoring", "takes a whole number");
    return;
  }
  url.say(key, size, &cursor.statement);
}

void readOffset(Context& context, Block& url, Cursor& cursor) {
  readSize(context, url, cursor, Key(cursor.statement.keyword()));
}

void readStack(Context& context, Block& url, Cursor& cursor) {
  readSize(context, url, cursor, "regex_stack");
  readSize(context, url, cursor, "regex_stack maximum");
}

// clang-format off
constexpr std::array<Row, 12> kRows = {{
    {"path", takes::word(), nothing(), {to<&Url::setPath>()},
     "what is asked for"},
    {"digest", takes::custom(readDigest, "MD5"), nothing(), {bySealer()},
     "MD5 of what comes back, as genhash prints it"},
    {"status_code", takes::orBare(takes::custom(readStatusCodes, "100..599[-100..599] ...")), rule("200-299"), {bySealer()},
     "which answers are good"},
    {"virtualhost", takes::orBare(takes::custom(readHost, "NAME")), from("virtualhost"), {to<&Url::setHost>()},
     "the Host line"},
    {"regex", takes::orBare(takes::custom(readRegex, "REGEX")), nothing(), {to<&Url::setRegex>()},
     "what comes back has to match it (PCRE2)"},
    {"regex_no_match", takes::flag(), value("off"), {to<&Url::setRegexNoMatch>()},
     "it must not match"},
    {"regex_options", takes::orBare(takes::custom(readRegexOptions, "OPTION ...")), nothing(), {bySealer()},
     "options of PCRE2"},
    {"regex_stack", takes::orBare(takes::custom(readStack, "START MAX")), nothing(), {to<&Url::setRegexStackStartBytes>()},
     "memory for matching, in bytes"},
    {"regex_stack maximum", takes::part(takes::number()), nothing(), {to<&Url::setRegexStackMaxBytes>()},
     "how far it may grow"},
    {"regex_min_offset", takes::orBare(takes::custom(readOffset, "BYTES")), nothing(), {to<&Url::setRegexMinOffset>()},
     "where matching begins"},
    {"regex_max_offset", takes::orBare(takes::custom(readOffset, "BYTES")), nothing(), {to<&Url::setRegexMaxOffset>()},
     "a match begins there at the latest"},
    {"tls_compliant", takes::onOff(), from("tls_compliant"), {to<&Url::setTlsCompliant>()},
     "TLS: a connection that ends without saying so has failed"},
}};
// clang-format on

}  // namespace

const Table& httpUrlTable() {
  static const Table kTable("virtual_server/real_server/HTTP_GET/url", kRows);
  return kTable;
}

const Table& sslUrlTable() {
  static const Table kTable("virtual_server/real_server/SSL_GET/url", kRows);
  return kTable;
}

}  // namespace holdfast::config
