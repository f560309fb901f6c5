#include "config/diagnostic.h"

#include <algorithm>
#include <array>
#include <utility>

#include "config/masking.h"
#include "ipc/json.h"

namespace holdfast::config {
namespace {

constexpr std::array<std::string_view, 19> kCodeNames = {"file",
                                                         "include",
                                                         "limit",
                                                         "expansion",
                                                         "quotes",
                                                         "braces",
                                                         "unknown-keyword",
                                                         "not-supported",
                                                         "missing-parameter",
                                                         "invalid-value",
                                                         "duplicate",
                                                         "unknown-name",
                                                         "conflict",
                                                         "missing-setting",
                                                         "unused",
                                                         "unknown-interface",
                                                         "secret",
                                                         "unreadable-file",
                                                         "not-permitted"};
constexpr std::array<std::string_view, 4> kSeverityNames = {"fatal", "error", "warning", "notice"};

std::uint32_t exitCodeOf(const Diagnostic& diagnostic) {
  if (diagnostic.severity == Severity::kNotice) {
    return 0;
  }
  switch (diagnostic.code) {
    case Code::kMissingParameter:
      return 2;
    case Code::kFile:
    case Code::kUnknownInterface:
      return 4;
    case Code::kInclude:
      return 6;
    case Code::kLimit:
    case Code::kExpansion:
    case Code::kQuotes:
    case Code::kBraces:
    case Code::kUnknownKeyword:
    case Code::kNotSupported:
    case Code::kInvalidValue:
    case Code::kDuplicate:
    case Code::kUnknownName:
    case Code::kConflict:
    case Code::kMissingSetting:
    case Code::kUnused:
    case Code::kUnreadableSecret:
    case Code::kUnreadableFile:
    case Code::kNotPermitted:
      return 5;
  }
  return 5;
}

// The source may hold anything: what a terminal would act on becomes a question mark.
std::string printable(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(),
      [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }, '?');
  return out;
}

// A caret under `column`; tabs before it are kept, so that it stands under its character.
std::string caretLine(const Place& place) {
  std::string out;
  for (std::size_t i = 0; i + 1 < place.column; ++i) {
    out += i < place.text.size() && place.text[i] == '\t' ? '\t' : ' ';
  }
  out += '^';
  return out;
}

}  // namespace

std::string_view name(Code code) {
  return kCodeNames.at(static_cast<std::size_t>(code));
}
std::string_view name(Severity severity) {
  return kSeverityNames.at(static_cast<std::size_t>(severity));
}

void Report::add(Severity severity, Code code, Place place, std::string message, std::string hint) {
  Diagnostic diagnostic{severity, code, std::move(place), std::move(message), std::move(hint)};
  if (severity != Severity::kNotice) {
    ++problems_;
  } else if (code == Code::kNotSupported) {
    ++withoutEffect_;
  }
  refused_ = refused_ || severity == Severity::kFatal;
  // A missing parameter ends the compilation, so its code stands; otherwise the highest does.
  const std::uint32_t exitCode = exitCodeOf(diagnostic);
  exitCode_ = exitCode == 2 ? 2 : std::max(exitCode_, exitCode);
  if (kept_.size() < kMaxKept) {
    mask(diagnostic);
    kept_.push_back(std::move(diagnostic));
  } else {
    ++notKept_;
  }
}

void Report::makeStrict() {
  for (Diagnostic& diagnostic : kept_) {
    if (diagnostic.severity != Severity::kNotice || diagnostic.code == Code::kNotSupported) {
      diagnostic.severity = Severity::kFatal;
    }
  }
  if (withoutEffect_ > 0 && exitCode_ == 0) {
    exitCode_ = 5;
  }
  problems_ += std::exchange(withoutEffect_, 0);
  refused_ = problems_ > 0;
}

std::string headline(const Diagnostic& diagnostic, bool withFile) {
  std::string out;
  if (diagnostic.place.line != 0) {
    out = "(";
    if (withFile) {
      out += diagnostic.place.file + ": ";
    }
    out += "Line " + std::to_string(diagnostic.place.line) + ") ";
  }
  return printable(out + diagnostic.message);
}

std::vector<std::string> textLines(const Diagnostic& diagnostic, bool withFile) {
  constexpr std::size_t kMaxShown = 200;
  std::vector<std::string> lines = {headline(diagnostic, withFile)};
  const Place& place = diagnostic.place;
  if (place.column == 0 || place.text.empty() || place.column > kMaxShown) {
    if (!diagnostic.hint.empty()) {
      lines.push_back("    " + printable(diagnostic.hint));
    }
    return lines;
  }
  lines.push_back("    " + printable(place.text.substr(0, kMaxShown)));
  lines.push_back("    " + caretLine(place) +
                  (diagnostic.hint.empty() ? "" : " " + printable(diagnostic.hint)));
  return lines;
}

std::string jsonLine(const Diagnostic& diagnostic) {
  std::string out = "{\"severity\":";
  appendJsonString(out, name(diagnostic.severity));
  out += ",\"code\":";
  appendJsonString(out, name(diagnostic.code));
  out += ",\"file\":";
  appendJsonString(out, diagnostic.place.file);
  out += ",\"line\":" + std::to_string(diagnostic.place.line);
  out += ",\"column\":" + std::to_string(diagnostic.place.column);
  out += ",\"message\":";
  appendJsonString(out, diagnostic.message);
  out += ",\"hint\":";
  appendJsonString(out, diagnostic.hint);
  out += '}';
  return out;
}

}  // namespace holdfast::config
