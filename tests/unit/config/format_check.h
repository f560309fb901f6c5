// What the formatter promises, for its tests and its fuzzer.
#pragma once

#include <string>

#include "config/format/format.h"
#include "config/source.h"
#include "config/statement.h"
#include "tests/unit/config/memory_files.h"

namespace holdfast::config {

// What is left of a text behind its layout.
inline void describe(const Statements& statements, std::string& out) {
  for (const Statement& statement : statements) {
    for (const Word& word : statement.words) {
      out.append(word.text).append("\x1f");
    }
    out += statement.hasBlock ? "{\n" : "\n";
    describe(statement.block, out);
    out += statement.hasBlock ? "}\n" : "";
  }
}

struct Meaning {
  std::string statements;
  std::string complaints;
  bool limited = false;  // a bound was met: what is behind it was not read

  friend bool operator==(const Meaning&, const Meaning&) = default;
};

inline Meaning meaningOf(const std::string& text) {
  MemoryFiles files;
  files.contents["/k/main"] = text;
  files.contents["/k/included"] = "included {\n";
  SourceOptions options;
  options.configId = "main";
  options.maxLines = 20000;
  options.maxExpandedBytes = std::size_t{1} << 22;
  Report report;
  Source source = readSource("/k/main", options, files, report);
  Meaning meaning;
  describe(parseStatements(source, report), meaning.statements);
  for (const Diagnostic& diagnostic : report.all()) {
    meaning.complaints += std::string(name(diagnostic.code)) + "\n";
    meaning.limited = meaning.limited || diagnostic.severity == Severity::kFatal;
  }
  return meaning;
}

// Empty where every promise is kept.
inline std::string brokenPromise(const std::string& text) {
  const Result<std::string> once = format(text);
  if (!once) {
    return {};
  }
  const Result<std::string> twice = format(*once);
  if (!twice || *twice != *once) {
    return "formatting it again changes it:\n" + *once + "-----\n" + (twice ? *twice : "");
  }
  const Meaning before = meaningOf(text);
  const Meaning after = meaningOf(*once);
  if (before != after && !before.limited && !after.limited) {
    return "the meaning changes:\n" + before.statements + before.complaints + "-----\n" +
           after.statements + after.complaints;
  }
  return {};
}

}  // namespace holdfast::config
