#include "config/tool/command.h"

#include <getopt.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "config/this_host.h"

namespace holdfast::config {
namespace {

constexpr const char* kDefaultFile = "/etc/keepalived/keepalived.conf";

struct Subcommand {
  std::string_view name;
  ToolCommand::Kind kind;
  std::size_t fewestFiles;
  std::size_t mostFiles;
  const char* parameters;
  const char* help;
};

constexpr std::array kSubcommands = {
    Subcommand{"explain", ToolCommand::Kind::kExplain, 0, 1, "[FILE]",
               "every object with every value that holds, and where it comes from"},
    Subcommand{"plan", ToolCommand::Kind::kPlan, 2, 2, "OLD NEW",
               "what a reload from one file to the other would change"},
    Subcommand{"format", ToolCommand::Kind::kFormat, 0, 1, "[FILE]",
               "the file in canonical layout, with its comments"},
    Subcommand{"keywords", ToolCommand::Kind::kKeywords, 0, 0, "",
               "every keyword, with what it takes and what holds without it"},
};

struct OptionRow {
  int letter;
  const char* name;
  int argument;
  const char* parameter;
  const char* help;
};

constexpr std::array kOptions = {
    OptionRow{'j', "json", no_argument, "", "one JSON object a line"},
    OptionRow{'c', "check", no_argument, "", "format: only say whether the file would change"},
    OptionRow{'i', "config-id", required_argument, "=ID", "for lines that begin with @ID"},
    OptionRow{'a', "assume-interfaces", required_argument, "=A,B", "the interfaces that exist"},
    OptionRow{'A', "assume-all-interfaces", no_argument, "", "every interface exists"},
    OptionRow{'h', "help", no_argument, "", "print this"},
};

void padTo(std::string& text, std::size_t width) {
  text.resize(std::max(text.size() + 2, width), ' ');
}

const Subcommand* findSubcommand(std::string_view name) {
  const auto* found = std::find_if(kSubcommands.begin(), kSubcommands.end(),
                                   [name](const Subcommand& one) { return one.name == name; });
  return found == kSubcommands.end() ? nullptr : found;
}

void apply(ToolCommand& command, int letter) {
  switch (letter) {
    case 'j':
      command.json = true;
      break;
    case 'c':
      command.check = true;
      break;
    case 'i':
      command.configId = optarg;
      break;
    case 'a':
      command.interfaces = splitAtCommas(optarg);
      break;
    case 'A':
      command.everyInterface = true;
      break;
    default:
      command.kind = ToolCommand::Kind::kHelp;
      break;
  }
}

}  // namespace

std::string helpText() {
  std::string text = "Usage: holdfast config SUBCOMMAND [OPTION...]\n\n";
  for (const Subcommand& one : kSubcommands) {
    std::string left = "  " + std::string(one.name) + " " + one.parameters;
    padTo(left, 32);
    text += left + one.help + "\n";
  }
  text += "\n";
  for (const OptionRow& row : kOptions) {
    std::string left = std::string("  --") + row.name + row.parameter;
    padTo(left, 32);
    text += left + row.help + "\n";
  }
  return text + "\nWithout FILE it is " + kDefaultFile + ".\n";
}

Result<ToolCommand> parseToolCommand(std::span<char* const> arguments) {
  ToolCommand command;
  const std::string_view word = arguments.size() > 1 ? arguments[1] : "--help";
  if (word == "--help" || word == "-h") {
    return command;
  }
  const Subcommand* subcommand = findSubcommand(word);
  if (subcommand == nullptr) {
    return Error{"holdfast config: there is no '" + std::string(word) +
                 "' (explain, plan, format, keywords)"};
  }
  command.kind = subcommand->kind;
  std::vector<option> options;
  for (const OptionRow& row : kOptions) {
    options.push_back({row.name, row.argument, nullptr, row.letter});
  }
  options.push_back({});
  opterr = 0;
  optind = 2;
  const int count = static_cast<int>(arguments.size());
  int letter = 0;
  while ((letter = ::getopt_long(count, const_cast<char**>(arguments.data()), ":", options.data(),
                                 nullptr)) != -1) {
    if (letter == '?' || letter == ':') {
      return Error{std::string("holdfast config: ") +
                   (letter == '?' ? "unknown option " : "a value is missing behind ") +
                   arguments[static_cast<std::size_t>(optind - 1)]};
    }
    apply(command, letter);
  }
  if (command.check && command.kind != ToolCommand::Kind::kFormat) {
    return Error{"holdfast config: --check goes with format"};
  }
  command.files.assign(arguments.begin() + optind, arguments.end());
  if (command.files.size() < subcommand->fewestFiles ||
      command.files.size() > subcommand->mostFiles) {
    return Error{"Usage: holdfast config " + std::string(word) + " [OPTION...] " +
                 subcommand->parameters};
  }
  if (command.files.empty() && subcommand->mostFiles > 0) {
    command.files.emplace_back(kDefaultFile);
  }
  return command;
}

}  // namespace holdfast::config
