#include "ipc/json.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

std::string json(std::string_view text) {
  std::string out;
  appendJsonString(out, text);
  return out;
}

TEST(Json, IsAsciiWhateverTheTextIs) {
  EXPECT_EQ(json("plain"), R"("plain")");
  EXPECT_EQ(json("a\"b\\c\n\x7f"), R"("a\"b\\c\u000a\u007f")");
  EXPECT_EQ(json(std::string_view("\0", 1)), R"("\u0000")");
}

TEST(Json, EscapesCharactersAndNotBytes) {
  EXPECT_EQ(json("\xc3\xa9 \xe2\x82\xac"), R"("\u00e9 \u20ac")");
  EXPECT_EQ(json("\xf0\x9f\x98\x80"), R"("\ud83d\ude00")");
}

TEST(Json, TakesWhatIsNotUtf8AsLatin1) {
  EXPECT_EQ(json("\xe9t\xe9"), R"("\u00e9t\u00e9")");
  EXPECT_EQ(json("\xc3"), R"("\u00c3")");                      // cut short
  EXPECT_EQ(json("\xc0\xaf"), R"("\u00c0\u00af")");            // longer than it has to be
  EXPECT_EQ(json("\xed\xa0\x80"), R"("\u00ed\u00a0\u0080")");  // half of a surrogate pair
}

}  // namespace
}  // namespace holdfast
