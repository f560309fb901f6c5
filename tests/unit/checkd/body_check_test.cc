#include "checkd/body_check.h"

#include <gtest/gtest.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <chrono>
#include <random>
#include <string>

namespace holdfast::checkd {
namespace {

std::span<const std::uint8_t> bytesOf(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Url urlOf(std::string regex, std::uint32_t options = 0) {
  Url url;
  url.regex = std::move(regex);
  url.regexOptions = options;
  return url;
}

// What is wrong with `body`, fed in pieces; empty where nothing is.
std::string judge(const Url& url, std::string_view body, std::size_t piece = 5000) {
  std::shared_ptr<const Regex> regex;
  if (!url.regex.empty()) {
    auto compiled = Regex::compile(url.regex, url.regexOptions);
    EXPECT_TRUE(compiled.ok()) << url.regex;
    regex = *compiled;
  }
  BodyCheck check(url, regex);
  for (std::size_t i = 0; i < body.size(); i += piece) {
    check.feed(bytesOf(body.substr(i, piece)));
  }
  return check.finish().value_or("");
}

bool matches(const Url& url, std::string_view body, std::size_t piece = 5000) {
  return judge(url, body, piece).empty();
}

TEST(BodyDigest, IsThatOfGenhash) {
  Url url;
  url.digest = {0x5d, 0x41, 0x40, 0x2a, 0xbc, 0x4b, 0x2a, 0x76,
                0xb9, 0x71, 0x9d, 0x91, 0x10, 0x17, 0xc5, 0x92};
  EXPECT_EQ(judge(url, "hello", 1), "");
  EXPECT_EQ(judge(url, "hell"), "MD5 digest error: it is 4229d691b07b13341da53f17ab9f2416");
  EXPECT_EQ(judge(url, ""), "MD5 digest error: it is d41d8cd98f00b204e9800998ecf8427e");
}

TEST(Regex, LooksAtTheWholeBody) {
  EXPECT_TRUE(matches(urlOf("h.*o"), "hello"));
  EXPECT_TRUE(matches(urlOf("^hello$"), "hello", 1));
  EXPECT_TRUE(matches(urlOf("lo+\\z"), "hello"));
  EXPECT_EQ(judge(urlOf("world"), "hello"), "Regex match failed: it is not there");
  EXPECT_TRUE(matches(urlOf("^$"), ""));
}

TEST(Regex, MayNotBeThere) {
  Url url = urlOf("error");
  url.regexNoMatch = true;
  EXPECT_EQ(judge(url, "hello"), "");
  EXPECT_EQ(judge(url, "an error"), "Regex match failed: it is there");
}

TEST(Regex, TakesTheOptionsOfPcre2) {
  EXPECT_FALSE(matches(urlOf("HELLO"), "hello"));
  EXPECT_TRUE(matches(urlOf("HELLO", PCRE2_CASELESS), "hello"));
  EXPECT_FALSE(matches(urlOf("^b$"), "a\nb\nc"));
  EXPECT_TRUE(matches(urlOf("^b$", PCRE2_MULTILINE), "a\nb\nc"));
  EXPECT_TRUE(matches(urlOf("^.$", PCRE2_UTF), "\xc3\xa9", 1));
  EXPECT_EQ(judge(urlOf(".", PCRE2_UTF), "a\xff"),
            "Regex match failed: regex: UTF-8 error: illegal byte (0xfe or 0xff)");
}

TEST(Regex, SaysWhatIsWrongWithIt) {
  EXPECT_EQ(Regex::compile("(unclosed", 0).error().message,
            "regex: missing closing parenthesis at offset 9");
}

TEST(Regex, BeginsMatchesBetweenTheOffsets) {
  const auto between = [](std::uint64_t min, std::uint64_t max) {
    Url url = urlOf("hello");
    url.regexMinOffset = min;
    url.regexMaxOffset = max;
    return url;
  };
  for (const std::size_t before : {3U, 40'000U, 70'000U, 200'000U}) {
    const std::string body = std::string(before, 'x') + "hello" + std::string(100'000, 'y');
    EXPECT_TRUE(matches(between(before, 0), body)) << before;
    EXPECT_FALSE(matches(between(before + 1, 0), body)) << before;
    EXPECT_TRUE(matches(between(0, before), body)) << before;
    EXPECT_FALSE(matches(between(0, before - 1), body)) << before;
    EXPECT_TRUE(matches(between(before, before), body)) << before;
  }
  EXPECT_FALSE(matches(between(100, 0), "hello"));
  EXPECT_FALSE(matches(between(100, 50), "hello"));
}

TEST(Regex, IsFoundWhereverItIsInALongBody) {
  const std::string match = "begin" + std::string(20'000, 'a') + "end";
  for (std::size_t place = 0; place < 200'000; place += 7919) {
    const std::string body = std::string(place, 'x') + match + std::string(50'000, 'y');
    EXPECT_TRUE(matches(urlOf("begina+end"), body)) << place;
    EXPECT_TRUE(matches(urlOf("(?<=x{3})begin.*end|^begin"), body)) << place;
    EXPECT_TRUE(matches(urlOf(".*nay", PCRE2_DOTALL), body + "nay")) << place;
    EXPECT_FALSE(matches(urlOf("nay$"), body + "nay" + body)) << place;
    EXPECT_TRUE(matches(urlOf("nay$"), body + body + "nay")) << place;
    EXPECT_FALSE(matches(urlOf("^end|\\Ay|end\\z"), body)) << place;
  }
}

TEST(Regex, OfTheFirstLineIsFoundThereOnly) {
  const std::string line(40'000, 'x');
  EXPECT_TRUE(matches(urlOf("hello", PCRE2_FIRSTLINE), line + "hello\n" + line + line));
  EXPECT_FALSE(matches(urlOf("hello", PCRE2_FIRSTLINE), "\n" + line + line + "hello\n"));
}

// What one call for the whole body says.
bool reference(const std::string& regex, std::uint32_t options, const std::string& body) {
  int code = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* compiled = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(regex.data()), regex.size(),
                                       options, &code, &offset, nullptr);
  pcre2_match_data* result = pcre2_match_data_create(1, nullptr);
  const int matched = pcre2_match(compiled, reinterpret_cast<PCRE2_SPTR>(body.data()), body.size(),
                                  0, 0, result, nullptr);
  pcre2_match_data_free(result);
  pcre2_code_free(compiled);
  return matched >= 0;
}

TEST(Regex, AgreesWithOneSearchThroughAllOfIt) {
  constexpr std::array kRegexes = {
      "ab{3,9}c",  "(?<=ab)c$",      "^c|a\\z",    "\\bab\\b",     "(?!ab)cc\\n",
      "a.c.a.c.a", "(a|b)*cab(?=c)", "c{5}\\Za",   "(?m)^abcabc$", "[^c]{12}",
      "é.é",       "(b)\\1{4}",      "\\Abc|cb\\Z"};
  std::mt19937 random(5);
  constexpr std::array<const char*, 6> kPieces = {"a", "b", "c", "\n", "é", " "};
  for (int round = 0; round < 300; ++round) {
    std::string body;
    const std::size_t size = random() % 150'000;
    while (body.size() < size) {
      body += kPieces[random() % (random() % 64 == 0 ? 6 : 3)];
    }
    const std::string regex = kRegexes[random() % kRegexes.size()];
    const std::uint32_t options = random() % 2 == 0 ? 0 : PCRE2_UTF;
    EXPECT_EQ(matches(urlOf(regex, options), body, 1 + random() % 20'000),
              reference(regex, options, body))
        << regex << " in " << size << " bytes, options " << options;
  }
}

TEST(Regex, EndsInTimeWhateverTheServerSends) {
  const std::string letters(300'000, 'a');
  for (const char* regex :
       {"(a+)+$", "(a*)*c", "a*a*a*a*c", "(a|aa)+c", "(a+)\\1+c", "a*+c(?<!x)"}) {
    const auto began = std::chrono::steady_clock::now();
    EXPECT_NE(judge(urlOf(regex), letters + "bx"), "") << regex;
    const auto took = std::chrono::steady_clock::now() - began;
    EXPECT_LT(std::chrono::duration_cast<std::chrono::milliseconds>(took).count(), 3000) << regex;
  }
}

}  // namespace
}  // namespace holdfast::checkd
