// What acts on lines before they are statements (config/source.h), and the definitions that nobody
// has to make.
#include "config/field.h"
#include "config/tables.h"

namespace holdfast::config {
namespace {

// Read at the source level, where there are no words yet.
constexpr Takes before(std::string_view syntax) {
  return takes::custom(nullptr, syntax);
}

}  // namespace

const Table& directiveTable() {
  // clang-format off
  static constexpr Row kRows[] = {
    {"include", before("PATTERN"), nothing(), {byCompiler()},
     "the files that match stand here, those that can be read; {a,b} is either"},
    {"includer", before("PATTERN"), nothing(), {byCompiler()},
     "the same; each has to be a file that can be read"},
    {"includem", before("PATTERN"), nothing(), {byCompiler()},
     "as includer; what is no wildcard has to be there"},
    {"includew", before("PATTERN"), nothing(), {byCompiler()},
     "as includem; a wildcard has to match something"},
    {"includeb", before("PATTERN"), nothing(), {byCompiler()},
     "as includer; each of {a,b} has to be there"},
    {"includea", before("PATTERN"), nothing(), {byCompiler()},
     "all of that"},
    {"@ID", before("LINE"), nothing(), {byCompiler()},
     "the line is there where ID is that of this host (-i), and may have more conditions"},
    {"@^ID", before("LINE"), nothing(), {byCompiler()},
     "the line is there where it is another"},
    {"$NAME=VALUE", before(""), nothing(), {byCompiler()},
     "$NAME and ${NAME} stand for VALUE from here on; a \\ at the end of the line goes on in the next"},
    {"~SEQ", before("(NAME, [START, [STEP,]] END) LINE"), nothing(), {byCompiler()},
     "the line once for each number, which is $NAME"},
    {"~SEQx", before("(NAME, [START, [STEP,]] END) LINE"), nothing(), {byCompiler()},
     "the same in hexadecimal"},
    {"~LST", before("(NAME, VALUE, ...) LINE | ({NAME, ...}, {VALUE, ...}, ...) LINE"), nothing(), {byCompiler()},
     "the line once for each value, or row of values"},
  };
  // clang-format on
  static const Table kTable("line directive", kRows);
  return kTable;
}

const Table& definitionTable() {
  // clang-format off
  static constexpr Row kRows[] = {
    {"_PWD", before(""), nothing(), {byCompiler()},
     "the directory of the file that it stands in"},
    {"_INSTANCE", before(""), nothing(), {byCompiler()},
     "what ID is compared with"},
    {"_RANDOM", before("[MIN [MAX]]"), nothing(), {byCompiler()},
     "a number, up to 32767 where nothing else is said"},
    {"_HASH", before(""), nothing(), {byCompiler()},
     "#, where it begins no comment"},
    {"_BANG", before(""), nothing(), {byCompiler()},
     "!, where it begins no comment"},
    {"_ENV", before("NAME"), nothing(), {byCompiler()},
     "a variable of the environment of the daemon"},
  };
  // clang-format on
  static const Table kTable("built-in definition", kRows);
  return kTable;
}

}  // namespace holdfast::config
