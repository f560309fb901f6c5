#include "config/source.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/text.h"
#include "tests/unit/config/memory_files.h"

namespace holdfast::config {
namespace {

struct Outcome {
  std::vector<std::string> lines;
  Report report;
  Source source;
};

Outcome read(const MemoryFiles& files, SourceOptions options = {}) {
  if (options.configId.empty()) {
    options.configId = "main";
  }
  Outcome outcome;
  outcome.source = readSource("/etc/k/keepalived.conf", options, files, outcome.report);
  for (const SourceLine& line : outcome.source.lines) {
    outcome.lines.emplace_back(trim(line.text));
  }
  return outcome;
}

Outcome read(const std::string& text, SourceOptions options = {}) {
  MemoryFiles files;
  files.contents["/etc/k/keepalived.conf"] = text;
  return read(files, std::move(options));
}

struct Case {
  const char* what;
  std::string text;
  std::vector<std::string> lines;
};

class SourceLevel : public testing::TestWithParam<Case> {};

TEST_P(SourceLevel, ProducesTheseLines) {
  const Outcome outcome = read(GetParam().text);
  EXPECT_EQ(outcome.lines, GetParam().lines) << GetParam().what;
  EXPECT_EQ(outcome.report.problems(), 0U);
}

// The examples of keepalived.conf(5), and what Debian's keepalived 2.2.7 makes of these.
INSTANTIATE_TEST_SUITE_P(
    Language, SourceLevel,
    testing::Values(
        Case{"comments", "a b # c\n! d\n#e\nf ! g\n", {"a b", "f"}},
        Case{"comment signs in quotes", "a \"# ! x\" # y\n", {"a \"# ! x\""}},
        Case{"escaped comment signs", "a\\#b c\\!d\n", {"a#b c!d"}},
        Case{"an escaped quote does not end quotes", "a \"x\\\" # y\" # z\n", {"a \"x\\\" # y\""}},
        Case{"carriage returns", "a b\r\nc\r\n", {"a b", "c"}},
        Case{"no newline at the end", "a\nb", {"a", "b"}},
        Case{"conditions", "@main a\n@backup b\n@^main c\n@^backup d\n", {"a", "d"}},
        Case{"chained conditions",
             "@main @^backup a\n@main @backup b\n@^backup @^third c\n",
             {"a", "c"}},
        Case{"conditions with nothing behind them", "@main\n@main   \n@^other\n", {}},
        Case{"an empty condition", "@ a\n@^ b\n", {"b"}},
        Case{"a parameter", "$A=1\nx$A y${A}z $A\n", {"x1 y1z 1"}},
        Case{"where a name ends", "$A=1\n$A, $A) $Ax $A; $A-\n", {"1, 1) $Ax $A; $A-"}},
        Case{"before a quotation mark it does not",
             "$A=1\n\"x $A\" \"$A y\"\n",
             {"\"x $A\" \"1 y\""}},
        Case{"undefined parameters stay", "x $B ${B} $ ${ $1\n", {"x $B ${B} $ ${ $1"}},
        Case{"an empty value", "$A=\nx${A}y\n", {"xy"}},
        Case{"not a definition", "$A =1\n$1a=2\n", {"$A =1", "$1a=2"}},
        Case{"replaced when used, not when defined",
             "$ADDRESS_BASE=10.2.${ADDRESS_BASE_SUB}\n$ADDRESS_BASE_SUB=0\n"
             "${ADDRESS_BASE}.100/32\n$ADDRESS_BASE_SUB=10\n${ADDRESS_BASE}.100/32\n",
             {"10.2.0.100/32", "10.2.10.100/32"}},
        Case{"a conditional definition",
             "@main $P=240\n@backup $P=200\npriority $P\n",
             {"priority 240"}},
        Case{"a condition in a parameter",
             "$IF_MAIN=@main\n$IF_MAIN priority 240\n",
             {"priority 240"}},
        Case{"several lines",
             "$I= \\\n a ${N} { \\\n @main b \\\n @other c \\\n }\n$N=0\n$I\n$N=1\n$I\n",
             {"a 0 {", "b", "}", "a 1 {", "b", "}"}},
        Case{"nested",
             "$R= \\\n r ${V}.${W} \\\n x\n$V=7\n$S= \\\n s { \\\n $W=1 \\\n $R \\\n $W=2 \\\n $R "
             "\\\n }\n$S\n",
             {"s {", "r 7.1", "x", "r 7.2", "x", "}"}},
        Case{"a commented line is none of a long definition",
             "$Y=a \\\n# b \\\nc \\\n#d\ne\n$Y\n",
             {"e", "a", "c"}},
        Case{"an empty line ends a long definition", "$Y=a \\\n\nb\n$Y\n", {"b", "a"}},
        Case{"built in", "${_PWD} ${_INSTANCE}\n", {"/etc/k main"}},
        Case{"the comment signs", "a${_HASH}b ${_BANG}\n", {"a#b !"}},
        Case{"random without a choice", "${_RANDOM 5 5}\n", {"5"}},
        Case{"a sequence",
             "~SEQ(S, 0, 3) ip 10.0.${S}.1\n",
             {"ip 10.0.0.1", "ip 10.0.1.1", "ip 10.0.2.1", "ip 10.0.3.1"}},
        Case{"its start left out",
             "~SEQ(i,2) a${i}\n~SEQ(j,-2) b${j}\n",
             {"a1", "a2", "b-1", "b-2"}},
        Case{"backwards",
             "~SEQ(i,3,1) a${i}\n~SEQ(j,3,-2,0) b${j}\n",
             {"a3", "a2", "a1", "b3", "b1"}},
        Case{"hexadecimal",
             "~SEQx(S, 144, 16, 192) a:${S}:1\n~SEQx(T, 0x90, 0x10, 0xc0) b${T}\n",
             {"a:90:1", "a:a0:1", "a:b0:1", "a:c0:1", "b90", "ba0", "bb0", "bc0"}},
        Case{"hexadecimal, backwards", "~SEQx(A, 0x12, -1, 0x10) a${A}\n", {"a12", "a11", "a10"}},
        Case{"two sequences", "~SEQ(i,1,2) ~SEQ(j,1,2) ${i}.${j}\n", {"1.1", "1.2", "2.1", "2.2"}},
        Case{"a sequence of several lines",
             "$V= \\\n a${i} \\\n b\n~SEQ(i,1,2) $V\n",
             {"a1", "b", "a2", "b"}},
        Case{"a parameter as its end", "$N=2\n~SEQ(i,1,$N) a${i}\n", {"a1", "a2"}},
        Case{"a condition behind it",
             "~SEQ(i,1,2) @main a${i}\n~SEQ(j,1,2) @other b${j}\n",
             {"a1", "a2"}},
        Case{"a list", "~LST(l, a,b ,c)K${l}\n", {"Ka", "Kb", "Kc"}},
        Case{"a list of groups",
             "~LST({IP, IP1}, {10,1},{20,4}) 192.168.${IP}.${IP1}\n",
             {"192.168.10.1", "192.168.20.4"}},
        Case{"groups that are short", "~LST({a,b}, {1,2},{3}, 4) ${a}_${b}\n", {"1_2", "3_", "4_"}},
        Case{"list and sequence",
             "~LST({A, B}, {1,2},{3,4})  ~SEQ(C,5,2,7) ${C}.${A}.${B}\n",
             {"5.1.2", "7.1.2", "5.3.4", "7.3.4"}}));

TEST(Source, RememberesWhereALineCameFrom) {
  const Outcome outcome = read("\n  @main  a\n$M= \\\n x \\\n y\n\n$M\n");
  ASSERT_EQ(outcome.lines.size(), 3U);
  EXPECT_EQ(outcome.source.lines[0].line, 2U);
  EXPECT_EQ(outcome.source.lines[0].text, "         a");
  EXPECT_EQ(outcome.source.lines[1].line, 7U);
  EXPECT_EQ(outcome.source.lines[2].line, 7U);
}

TEST(Source, IncludesFilesRelativeToTheFile) {
  MemoryFiles files;
  files.contents["/etc/k/keepalived.conf"] = "a\ninclude conf.d/*.conf\nb ${_PWD}\n";
  files.contents["/etc/k/conf.d/1.conf"] = "one ${_PWD}\ninclude sub/x\n";
  files.contents["/etc/k/conf.d/2.conf"] = "two";
  files.contents["/etc/k/conf.d/sub/x"] = "x ${_PWD}\n";
  const Outcome outcome = read(files);
  EXPECT_EQ(outcome.lines, (std::vector<std::string>{"a", "one /etc/k/conf.d",
                                                     "x /etc/k/conf.d/sub", "two", "b /etc/k"}));
  EXPECT_EQ(outcome.source.files.at(outcome.source.lines[3].file), "/etc/k/conf.d/2.conf");
}

TEST(Source, IncludesWithConditionsAndParameters) {
  MemoryFiles files;
  files.contents["/etc/k/keepalived.conf"] = "$D=d\n@main include ${D}/a\n@other include d/b\n";
  files.contents["/etc/k/d/a"] = "a";
  files.contents["/etc/k/d/b"] = "b";
  EXPECT_EQ(read(files).lines, std::vector<std::string>{"a"});
}

struct IncludeCase {
  std::string text;
  std::uint32_t exitCode;
  std::size_t messages;
};

class Includes : public testing::TestWithParam<IncludeCase> {};

TEST_P(Includes, RequireWhatTheirLetterSays) {
  MemoryFiles files;
  files.contents["/etc/k/keepalived.conf"] = GetParam().text;
  files.contents["/etc/k/d/a.conf"] = "a";
  files.contents["/etc/k/d/exe"] = "b";
  files.executables.emplace_back("/etc/k/d/exe");
  const Outcome outcome = read(files);
  EXPECT_EQ(outcome.report.exitCode(), GetParam().exitCode);
  EXPECT_EQ(outcome.report.all().size(), GetParam().messages);
}

INSTANTIATE_TEST_SUITE_P(
    Variants, Includes,
    testing::Values(IncludeCase{"include d/none\n", 0, 1}, IncludeCase{"include d/none*\n", 0, 0},
                    IncludeCase{"include none/*\n", 0, 1}, IncludeCase{"includer d/none\n", 0, 1},
                    IncludeCase{"includer d/exe\n", 6, 1}, IncludeCase{"include d/exe\n", 0, 1},
                    IncludeCase{"includem d/none\n", 6, 1}, IncludeCase{"includem d/none*\n", 0, 0},
                    IncludeCase{"includew d/none*\n", 6, 1}, IncludeCase{"includea d/none\n", 6, 1},
                    IncludeCase{"includea none/*\n", 6, 1},
                    IncludeCase{"include d/{a,b}.conf\n", 0, 1},
                    IncludeCase{"includeb d/{a,b}.conf\n", 6, 1},
                    IncludeCase{"includea d/a.conf\n", 0, 0},
                    IncludeCase{"include_check\ninclude d/none\n", 6, 1},
                    IncludeCase{"include_check +match -wildcard_match\ninclude d/none\n", 6, 1},
                    IncludeCase{"include_check\ninclude_check -match\ninclude d/none\n", 0, 1},
                    IncludeCase{"include_check match wildcard_match\ninclude d/none*\n", 6, 1},
                    IncludeCase{"include_check bogus\n", 5, 1}));

class Endless : public testing::TestWithParam<std::string> {};

TEST_P(Endless, EndsWithAnError) {
  SourceOptions options;
  options.maxLines = 10000;
  options.maxExpandedBytes = std::size_t{8} << 20;
  EXPECT_GT(read(GetParam(), options).report.problems(), 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Expansion, Endless,
    testing::Values("$P=a${P}\n$P\n", "$P=${P}\n$P\n", "$A=${B}${B}\n$B=${A}${A}\n$A\n",
                    "$M= \\\n x \\\n $M\n$M\n", "$M= \\\n $M \\\n $M\n$M\n",
                    "~SEQ(i,1,99999) ~SEQ(j,1,99999) x\n", "~SEQ(i,1,99999) ~SEQ(j,1,99999)\n",
                    "~SEQ(i,1,99999) ~SEQ(j,1,99999) $Z=1\n",
                    "include keepalived.conf\ninclude keepalived.conf\n",
                    "~SEQ(i,1,4000000000) x\n", "include keepalived.conf\n", "~SEQ(i,1,3\n",
                    "~SEQ(i,a,3) x\n", "~SEQ(i,1,0,3) x\n", "~SEQ(i,1,-1,3) x\n",
                    "~SEQx(i,-2,1) x\n", "~LST(l) x\n", "~LST({a,b},{1,2,3}) x\n",
                    "${_RANDOM 7 3}\n", std::string("a\0b\n", 4), std::string(20000, 'x') + "\n"));

TEST(Source, AMissingFileIsFatal) {
  const Outcome outcome = read(MemoryFiles{});
  EXPECT_TRUE(outcome.report.refused());
  EXPECT_EQ(outcome.report.exitCode(), 4U);
}

TEST(Source, TheSameSeedGivesTheSameRandomNumbers) {
  const std::string text = "random_seed 5\n${_RANDOM} ${_RANDOM 10} ${_RANDOM 100 200}\n";
  EXPECT_EQ(read(text).lines, read(text).lines);
}

TEST(Source, ReadsTheEnvironment) {
  SourceOptions options;
  options.environment["SITE"] = "north";
  EXPECT_EQ(read("a ${_ENV SITE} ${_ENV OTHER}\n", options).lines,
            std::vector<std::string>{"a north ${_ENV OTHER}"});
}

}  // namespace
}  // namespace holdfast::config
