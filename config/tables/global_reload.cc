// global_defs: files, and what happens at a reload.
#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "config/block.h"
#include "config/field.h"
#include "config/tables/global_areas.h"
#include "config/text.h"

namespace holdfast::config {
namespace {

constexpr std::array<Choice, 12> kBits = {{{"IRUSR", 0400},
                                           {"IWUSR", 0200},
                                           {"IXUSR", 0100},
                                           {"IRWXU", 0700},
                                           {"IRGRP", 0040},
                                           {"IWGRP", 0020},
                                           {"IXGRP", 0010},
                                           {"IRWXG", 0070},
                                           {"IROTH", 0004},
                                           {"IWOTH", 0002},
                                           {"IXOTH", 0001},
                                           {"IRWXO", 0007}}};

std::optional<std::int64_t> maskOf(std::string_view text) {
  constexpr std::int64_t kMost = 0777;
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  const bool octal = !hexadecimal && text.size() > 1 && text.front() == '0';
  text.remove_prefix(hexadecimal ? 2 : 0);
  std::int64_t mask = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), mask,
                                              hexadecimal ? 16 : (octal ? 8 : 10));
  return failure == std::errc{} && end == text.data() + text.size() && mask <= kMost
             ? std::optional(mask)
             : std::nullopt;
}

// BIT[|BIT]..., with or without spaces around the bars.
std::optional<std::int64_t> bitsOf(Context& context, Cursor& cursor) {
  std::string rest;
  while (cursor.hasWord()) {
    rest += cursor.take();
  }
  std::int64_t mask = 0;
  for (std::size_t begin = 0; begin <= rest.size();) {
    const std::size_t end = std::min(rest.find('|', begin), rest.size());
    const std::string name = rest.substr(begin, end - begin);
    const auto* bit = std::find_if(kBits.begin(), kBits.end(),
                                   [&name](const Choice& one) { return one.word == name; });
    if (bit == kBits.end()) {
      context.error(Code::kInvalidValue, cursor,
                    name.empty() ? "umask missing bit value" : "Unknown umask bit " + name,
                    "takes a number, or bits such as IRGRP with '|' between them");
      return std::nullopt;
    }
    mask |= bit->value;
    begin = end + 1;
  }
  return mask;
}

void readUmask(Context& context, Block& globals, Cursor& cursor) {
  const std::string first(cursor.peek());
  std::optional<std::int64_t> mask;
  if (first.empty() || !isDigit(first.front())) {
    mask = bitsOf(context, cursor);
  } else {
    cursor.take();
    mask = maskOf(first);
    if (!mask) {
      context.error(Code::kInvalidValue, cursor, "invalid umask value " + first,
                    "at most 0777: octal with a 0 in front, hexadecimal with 0x");
    } else if (cursor.hasWord()) {
      cursor.take();
      context.error(Code::kInvalidValue, cursor, "Extra parameter(s) to umask option");
      return;
    }
  }
  if (mask) {
    globals.say("umask", *mask, &cursor.statement);
  }
}

void readCheckConfig(Context&, Block& globals, Cursor& cursor) {
  globals.say("reload_check_config", true, &cursor.statement);
  if (cursor.hasWord()) {
    globals.say("reload_check_config log", std::string(cursor.take()), &cursor.statement);
  }
}

void readTimeFile(Context& context, Block& globals, Cursor& cursor) {
  std::string path(cursor.take());
  if (cursor.hasWord()) {
    context.error(Code::kInvalidValue, cursor, "reload_time_file invalid", "takes one path");
  } else {
    globals.say("reload_time_file", std::move(path), &cursor.statement);
  }
}

// Without a path a rule says which one.
void readReloadFile(Context&, Block& globals, Cursor& cursor) {
  globals.say("reload_file", std::string(cursor.hasWord() ? cursor.take() : ""), &cursor.statement);
}

void readTemporaryDirectory(Context& context, Block& globals, Cursor& cursor) {
  if (isFirst(context, globals, "tmp_config_directory", cursor.statement,
              "tmp_config_directory already specified - ignoring")) {
    globals.say("tmp_config_directory", std::string(cursor.take()), &cursor.statement);
  }
}

}  // namespace

std::span<const Row> reloadRows() {
  using S = schema::SupervisorConfig::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"umask", takes::custom(readUmask, "NUMBER | BIT[|BIT]...", kBits), value("127"), {to<&S::setUmask>()},
     "permissions that dumps of the state and notify FIFOs do not get"},
    {"reload_check_config", takes::orBare(takes::custom(readCheckConfig, "[FILE]")), nothing(), {to<&S::setReloadCheckConfig>()},
     "a reload with any mistake is refused, not only one that cannot be used"},
    {"reload_check_config log", takes::part(takes::word()), nothing(), {to<&S::setReloadCheckLog>()},
     "where it says what is wrong"},
    {"reload_time_file", takes::orElse(takes::custom(readTimeFile, "FILE"), "reload_time_file invalid"), nothing(), {to<&S::setReloadTimeFile>()},
     "a file with the time of the next reload in it"},
    {"reload_repeat", takes::flag(), value("off"), {to<&S::setReloadRepeat>()},
     "that file stays: a time without a date is one of every day"},
    {"reload_file", takes::orBare(takes::custom(readReloadFile, "[FILE]")), nothing(), {to<&S::setReloadFile>()},
     "is there while the configuration is being read"},
    {"config_save_dir", takes::word(), nothing(), {to<&S::setConfigSaveDirectory>()},
     "copies of each configuration that was used, without its secrets"},
    {"tmp_config_directory", takes::orElse(takes::custom(readTemporaryDirectory, "DIRECTORY"), "tmp_config_directory missing directory name"),
     nothing(), {to<&S::setTemporaryConfigDirectory>()},
     "means nothing: what is sealed is in memory, and nobody writes a file"},
    {"use_symlink_paths", takes::onOff(), value("off"), {to<&S::setUseSymlinkPaths>()},
     "means what is so anyhow: scripts run under the path that is configured"},
    {"set_supplementary_groups", takes::onOff(), value("off"), {to<&S::setSetSupplementaryGroups>()},
     "scripts have all groups of their user", kNotYet},
  };
  // clang-format on
  return kRows;
}

}  // namespace holdfast::config
