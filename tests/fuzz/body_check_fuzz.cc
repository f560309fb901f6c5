// A body that a server sends, against expressions that operators write: the answer is that of one
// piece, however the bytes are cut.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "checkd/body_check.h"

namespace {

using holdfast::checkd::BodyCheck;
using holdfast::checkd::Regex;
using holdfast::checkd::Url;

struct Expression {
  const char* text;
  std::uint32_t options;
};

constexpr std::array<Expression, 12> kExpressions = {{{"hello", 0},
                                                      {"^a.*z$", PCRE2_DOTALL},
                                                      {"(a+)+b", 0},
                                                      {"\\bword\\b", PCRE2_CASELESS},
                                                      {"(?<=abc)def", 0},
                                                      {"^line$", PCRE2_MULTILINE},
                                                      {"\\A.\\z", PCRE2_UTF},
                                                      {"\\w+\\s\\1?(\\d)", PCRE2_UTF | PCRE2_UCP},
                                                      {"x{3,}y", PCRE2_FIRSTLINE},
                                                      {"(?!a)[a-c]{2}$", 0},
                                                      {"\\R\\X", PCRE2_UTF},
                                                      {"[^>]*>(?=<)", PCRE2_UNGREEDY}}};

std::optional<std::string> judge(const Url& url, std::shared_ptr<const Regex> regex,
                                 std::span<const std::uint8_t> body, std::size_t piece) {
  BodyCheck check(url, std::move(regex));
  while (!body.empty()) {
    const auto taken = body.first(std::min(piece, body.size()));
    check.feed(taken);
    body = body.subspan(taken.size());
  }
  return check.finish();
}

}  // namespace

// Which expression, how often the rest is repeated, the pieces; then the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kHead = 3;
  if (size <= kHead) {
    return 0;
  }
  const Expression& expression = kExpressions[data[0] % kExpressions.size()];
  static std::array<std::shared_ptr<const Regex>, kExpressions.size()> compiled;
  auto& regex = compiled[data[0] % kExpressions.size()];
  if (!regex) {
    regex = *Regex::compile(expression.text, expression.options);
  }
  std::vector<std::uint8_t> body;
  for (unsigned i = 0; i <= data[1]; ++i) {
    body.insert(body.end(), data + kHead, data + size);
  }
  Url url;
  url.regex = expression.text;
  url.regexMinOffset = data[2] % 3;
  const auto why = judge(url, regex, body, std::size_t{data[2]} * 64 + 1);
  if (why != judge(url, regex, body, body.size()) || (why && why->size() > 200)) {
    std::abort();
  }
  return 0;
}
