#include "config/words.h"

#include <gtest/gtest.h>

#include "config/statement.h"
#include "config/suggest.h"

namespace holdfast::config {
namespace {

using Texts = std::vector<std::string>;

Texts textsOf(std::string_view line) {
  Texts texts;
  for (const Word& word : splitWords(line).words) {
    texts.emplace_back(word.text);
  }
  return texts;
}

TEST(Words, AreSeparatedBySpaceQuotesAndBraces) {
  EXPECT_EQ(textsOf("  a  b\tc "), (Texts{"a", "b", "c"}));
  EXPECT_EQ(textsOf("\"a b\" c \"\""), (Texts{"a b", "c", ""}));
  EXPECT_EQ(textsOf("a{b }c{"), (Texts{"a", "{", "b", "}", "c", "{"}));
  EXPECT_EQ(textsOf("'a b'"), (Texts{"'a", "b'"}));
  EXPECT_EQ(textsOf("\"{\" \"x \\\" y\""), (Texts{"{", "x \\\" y"}));
  EXPECT_EQ(textsOf("a ${UNDEFINED}/b c"), (Texts{"a", "${UNDEFINED}/b", "c"}));
}

TEST(Words, KnowWhereTheyStand) {
  const Words words = splitWords("  ab \"c d\" }");
  ASSERT_EQ(words.words.size(), 3U);
  EXPECT_EQ(words.words[0].column(), 3U);
  EXPECT_EQ(words.words[1].column(), 6U);
  EXPECT_EQ(words.words[1].end, 10U);
  EXPECT_EQ(words.words[2].kind, Word::Kind::kCloseBrace);
  EXPECT_FALSE(words.unmatchedQuote);
  EXPECT_TRUE(splitWords("a \"b c").unmatchedQuote);
}

struct CommandCase {
  std::string text;
  Texts arguments;  // empty: an error
};

class Command_ : public testing::TestWithParam<CommandCase> {};

TEST_P(Command_, IsSplitInTheShellsManner) {
  const Result<Texts> arguments = splitCommand(GetParam().text);
  EXPECT_EQ(arguments.ok(), !GetParam().arguments.empty());
  if (arguments) {
    EXPECT_EQ(*arguments, GetParam().arguments);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Words, Command_,
    testing::Values(CommandCase{"/bin/a b  c", {"/bin/a", "b", "c"}},
                    CommandCase{"/bin/a 'b c' \"d e\"", {"/bin/a", "b c", "d e"}},
                    CommandCase{"abcd\" efg h jkl \"mnop", {"abcd efg h jkl mnop"}},
                    CommandCase{"abcd \"efg h jkl\" mnop", {"abcd", "efg h jkl", "mnop"}},
                    CommandCase{"a '' b", {"a", "", "b"}},
                    CommandCase{"a\\ b \\x41\\102\\t\\\\ \\cA\\q\\E",
                                {"a b", "AB\t\\", "\001q\033"}},
                    CommandCase{"a \"b \\\" c\"", {"a", "b \" c"}},
                    CommandCase{"\\a\\b\\f\\n\\r\\v", {"\a\b\f\n\r\v"}}, CommandCase{"a 'b", {}},
                    CommandCase{"a \"b", {}}, CommandCase{"a \\", {}}, CommandCase{"a \\0", {}},
                    CommandCase{"a \\x00", {}}));

Statements parse(const std::string& text, Report& report) {
  static Source source;
  source = Source{};
  source.files = {"f"};
  std::uint32_t line = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    source.lines.push_back(
        {source.arena.copy(std::string_view(text).substr(begin, end - begin)), 0, ++line});
    begin = end + 1;
  }
  return parseStatements(source, report);
}

TEST(Statements, HaveTheirBlocks) {
  Report report;
  const auto statements = parse("a b {\n c d\n e { f }\n}\ng\n{\n h\n}\ni { j k }", report);
  EXPECT_EQ(report.problems(), 0U);
  ASSERT_EQ(statements.size(), 3U);
  ASSERT_EQ(statements[0].block.size(), 2U);
  EXPECT_EQ(statements[0].block[1].block.at(0).keyword(), "f");
  EXPECT_EQ(statements[1].keyword(), "g");
  EXPECT_EQ(statements[1].block.at(0).keyword(), "h");
  EXPECT_EQ(statements[2].block.at(0).words.size(), 2U);
}

TEST(Statements, SayWhereABraceIsMissing) {
  const std::pair<std::string, std::string> cases[] = {
      {"a {\n b\n", "There are 1 missing '}'s or extra '{'s"},
      {"a {\n b {\n", "There are 2 missing '}'s or extra '{'s"},
      {"a\n}\nb\n", "Extra '}' found"},
      {"{ a }\n", "Unexpected '{' - ignoring"},
      {"a { { b } c }\n", "Unexpected '{' - ignoring"},
      {"a \"b c\nd\n", "Unmatched quote: 'a \"b c'"},
  };
  for (const auto& [text, message] : cases) {
    Report report;
    parse(text, report);
    ASSERT_EQ(report.all().size(), 1U) << text;
    EXPECT_EQ(report.all()[0].message, message);
    EXPECT_EQ(report.exitCode(), 5U);
  }
}

TEST(Statements, DoNotNestWithoutEnd) {
  Report report;
  std::string text;
  for (int i = 0; i < 5000; ++i) {
    text += "a {\n";
  }
  parse(text, report);
  EXPECT_GT(report.problems(), 0U);
}

TEST(Suggestion, IsTheNearestWordIfOneIsNear) {
  const std::vector<std::string_view> words = {"priority", "interface", "virtual_router_id"};
  EXPECT_EQ(nearestWord("prioriy", words), "priority");
  EXPECT_EQ(nearestWord("pirority", words), "priority");
  EXPECT_EQ(nearestWord("virtual_router", words), "virtual_router_id");
  EXPECT_EQ(nearestWord("weight", words), std::nullopt);
  EXPECT_EQ(nearestWord("x", words), std::nullopt);
}

}  // namespace
}  // namespace holdfast::config
