#include "config/format/format.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/unit/config/format_check.h"

namespace holdfast::config {
namespace {

struct FormatCase {
  const char* name;
  std::string before;
  std::string after;
};

class Format : public testing::TestWithParam<FormatCase> {};

TEST_P(Format, IsCanonical) {
  const auto formatted = format(GetParam().before);
  ASSERT_TRUE(formatted) << formatted.error().message;
  EXPECT_EQ(*formatted, GetParam().after);
  EXPECT_EQ(brokenPromise(GetParam().before), "");
}

INSTANTIATE_TEST_SUITE_P(
    Layout, Format,
    testing::Values(
        FormatCase{"indents", "a {\nb   1\n\t\tc {\nd\n} }\n",
                   "a {\n    b 1\n    c {\n        d\n    }\n}\n"},
        FormatCase{"oneStatementALine", "a { b { 10.0.0.1 } c 2 }",
                   "a {\n    b {\n        10.0.0.1\n    }\n    c 2\n}\n"},
        FormatCase{"bracesGoToTheLineBefore", "a x\n\n{ # open\nb\n}\n",
                   "a x {  # open\n    b\n}\n"},
        FormatCase{"notOverAComment", "a x\n# why\n{\nb }\n", "a x\n# why\n{\n    b\n}\n"},
        FormatCase{"blankLines", "\n\na 1\n\n\n\nb {\n\nc\n\n}\n\n\n", "a 1\n\nb {\n    c\n}\n"},
        FormatCase{"comments", "a {\n# own\nb 1 # first\nlonger 2   !second\n\nc 3 # third\n}\n",
                   "a {\n    # own\n    b 1       # first\n    longer 2  !second\n\n"
                   "    c 3  # third\n}\n"},
        FormatCase{"commentOfASplitLine", "a { b } # why\n", "a {  # why\n    b\n}\n"},
        FormatCase{"windows", "a {\r\n  b 1\r\n}\r\n", "a {\n    b 1\n}\n"},
        FormatCase{"latin1", "# caf\xe9\na \xe9\n", "# caf\xe9\na \xe9\n"},
        FormatCase{"empty", "", ""}, FormatCase{"nothing", "\n\n  \n", ""}));

INSTANTIATE_TEST_SUITE_P(
    Meaning, Format,
    testing::Values(
        FormatCase{"quotes", "a  \"b   c\"   d\n", "a \"b   c\" d\n"},
        FormatCase{"singleQuotes", "notify  '/bin/x  y'\n", "notify  '/bin/x  y'\n"},
        FormatCase{"backslashes", "notify  /bin/x\\  y\n", "notify  /bin/x\\  y\n"},
        FormatCase{"wordsThatTouch", "a b\"c d\"e\n", "a b\"c d\"e\n"},
        FormatCase{"escapes", "a \\# b \\! c # d\n", "a \\# b \\! c  # d\n"},
        FormatCase{"quotedComment", "a \"#b\" #c\n", "a \"#b\"  #c\n"},
        FormatCase{"aQuoteWithoutAPartner", "  a \"b { c\n", "a \"b { c\n"},
        FormatCase{"includesAreLines", "a { include b }\n", "a { include b }\n"},
        FormatCase{"includesWithBraces", " include  /k/{a,b}.conf\n", "include  /k/{a,b}.conf\n"},
        FormatCase{"includesThatAreNone", "include{ x }\n", "include{ x }\n"},
        FormatCase{"sequencesInALine", "a { ~SEQ(i, 1, 2) b$i }\n", "a { ~SEQ(i, 1, 2) b$i }\n"},
        FormatCase{"conditionsInALine", "a { @x b }\n", "a { @x b }\n"},
        FormatCase{"parameters", "$X= ~SEQ(i,1,2) b${i}\na { $X }\n",
                   "$X= ~SEQ(i,1,2) b${i}\na { $X }\n"},
        FormatCase{"extraBraces", "}}\na { b\n{ c }\n", "}\n}\na {\n    b {\n        c\n    }\n"},
        FormatCase{"braceOfNobody", "a { b }\n{ c }\n", "a {\n    b\n}\n{\n    c\n}\n"}));

INSTANTIATE_TEST_SUITE_P(
    KeptAsItIs, Format,
    testing::Values(FormatCase{"longDefinitions", "$V=  \\\n  a {  \\\n  b $V2   \\\n}\n  c\n",
                               "$V=  \\\n  a {  \\\n  b $V2   \\\n}\nc\n"},
                    FormatCase{"longDefinitionAtTheEnd", "$V= \\\na \\\n", "$V= \\\na \\\n"},
                    FormatCase{"definitions", "  $A=x   y # c\n", "$A=x   y  # c\n"},
                    FormatCase{"sequences", "a {\n~SEQ(i,1,2)   b$i\n}\n",
                               "a {\n    ~SEQ(i,1,2)   b$i\n}\n"},
                    FormatCase{"conditions", "@main  a   {\n@other b {\nc 1\n}\n",
                               "@main  a   {\n@other b {\n    c 1\n}\n"},
                    FormatCase{"blocksUnderACondition", "@main a {\n@main  b\n@main }\nc\n",
                               "@main a {\n    @main  b\n@main }\nc\n"}),
    [](const testing::TestParamInfo<FormatCase>& one) { return one.param.name; });

TEST(FormatLimits, ALineThatTheReaderDoesNotTakeIsNotTouched) {
  const std::string tooLong(kMaxRawLineBytes + 1, 'x');
  EXPECT_EQ(*format("  " + tooLong + "  \na\n"), "  " + tooLong + "  \na\n");
  EXPECT_EQ(*format(std::string_view("  a\0b  \n", 8)), std::string_view("  a\0b  \n", 8));
}

TEST(FormatLimits, NoLineBecomesTooLong) {
  for (const std::size_t bytes : {kMaxRawLineBytes, kMaxRawLineBytes - 1, kMaxRawLineBytes - 130}) {
    std::string text = "a {\n" + std::string(bytes - 3, 'x') + "#yz\nb # c\n}\n";
    EXPECT_EQ(brokenPromise(text), "");
    text = "a {\nb#" + std::string(bytes - 2, 'x') + "\n}\n";
    EXPECT_EQ(brokenPromise(text), "");
  }
}

TEST(FormatLimits, AFileThatWouldBecomeTooLargeIsAnError) {
  std::string text;
  while (text.size() < kMaxFileBytes / 4) {
    text += "{{{{{{{{{{{{{{{{\n";
  }
  EXPECT_FALSE(format(text));
}

TEST(FormatFirstDifference, IsALine) {
  EXPECT_EQ(firstDifference("a\nb\n", "a\nb\n"), 0U);
  EXPECT_EQ(firstDifference("a\n b\n", "a\nb\n"), 2U);
  EXPECT_EQ(firstDifference("a\nb", "a\nb\n"), 2U);
}

// Every configuration that the tests have.
TEST(FormatPromises, HoldForTheTestsConfigurations) {
  std::size_t files = 0;
  for (const char* root : {HOLDFAST_PROBES, HOLDFAST_CORPUS}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (entry.is_regular_file()) {
        std::ostringstream text;
        text << std::ifstream(entry.path()).rdbuf();
        EXPECT_EQ(brokenPromise(text.str()), "") << entry.path();
        ++files;
      }
    }
  }
  EXPECT_GT(files, 10U);
}

}  // namespace
}  // namespace holdfast::config
