#include "privd/supervisor/command_line.h"

#include <getopt.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string_view>

#include "privd/supervisor/version.h"

namespace holdfast::supervisor {
namespace {

// One row an option. `letter` is its short form, or a number of its own above every character.
struct OptionRow {
  int letter;
  const char* name;
  int argument;
  const char* parameter;
  const char* help;
};

enum LongOnly {
  kAll = 256,
  kSignum,
  kFormat,
  kStrict,
  kAssumeInterfaces,
  kAssumeAllInterfaces,
  kConfigFd,
  kFlushLogFile
};

constexpr std::array kOptions{
    OptionRow{'f', "use-file", required_argument, "FILE", "the configuration file"},
    OptionRow{'t', "config-test", optional_argument, "[=LOG]", "check the configuration and exit"},
    OptionRow{kFormat, "format", required_argument, "FORMAT", "with -t: text or json"},
    OptionRow{kStrict, "strict", no_argument, "", "with -t: every warning is fatal"},
    OptionRow{kAssumeInterfaces, "assume-interfaces", required_argument, "A,B",
              "with -t: the interfaces that exist"},
    OptionRow{kAssumeAllInterfaces, "assume-all-interfaces", no_argument, "",
              "with -t: every interface exists"},
    OptionRow{'i', "config-id", required_argument, "ID", "for lines that begin with @ID"},
    OptionRow{'e', "all-config", no_argument, "", "every include has to find its file"},
    OptionRow{'d', "dump-conf", no_argument, "", "log the effective configuration at start"},
    OptionRow{'n', "dont-fork", no_argument, "", "stay in the foreground"},
    OptionRow{'l', "log-console", no_argument, "", "with -n: log to the terminal too"},
    OptionRow{'D', "log-detail", no_argument, "", "log in detail; twice for more"},
    OptionRow{'S', "log-facility", required_argument, "F", "0-7, local0-local7, user or daemon"},
    OptionRow{'G', "no-syslog", no_argument, "", "do not log to syslog"},
    OptionRow{'R', "dont-respawn", no_argument, "", "exit when a worker dies"},
    OptionRow{'s', "namespace", required_argument, "NAME", "run in this network namespace"},
    OptionRow{'p', "pid", required_argument, "FILE", "pid file of the supervisor"},
    OptionRow{'r', "vrrp_pid", required_argument, "FILE", "pid file of vrrpd"},
    OptionRow{'c', "checkers_pid", required_argument, "FILE", "pid file of the checkers"},
    OptionRow{'b', "bfd_pid", required_argument, "FILE", "pid file of BFD"},
    OptionRow{'P', "vrrp", no_argument, "", "VRRP only"},
    OptionRow{'C', "check", no_argument, "", "checkers only"},
    OptionRow{'B', "no_bfd", no_argument, "", "no BFD"},
    OptionRow{kAll, "all", no_argument, "", "every subsystem, configured or not"},
    OptionRow{kSignum, "signum", required_argument, "NAME", "print the number of a signal"},
    OptionRow{'T', "genhash", no_argument, "", "go on as genhash; only as the first option"},
    OptionRow{'v', "version", no_argument, "", "print the version"},
    OptionRow{'h', "help", no_argument, "", "print this"},
    // Recognised, without effect yet.
    OptionRow{'g', "log-file", optional_argument, "[=FILE]", nullptr},
    OptionRow{kFlushLogFile, "flush-log-file", no_argument, "", nullptr},
    OptionRow{'u', "umask", required_argument, "MASK", nullptr},
    OptionRow{'X', "release-vips", no_argument, "", nullptr},
    OptionRow{'V', "dont-release-vrrp", no_argument, "", nullptr},
    OptionRow{'I', "dont-release-ipvs", no_argument, "", nullptr},
    OptionRow{'a', "address-monitoring", no_argument, "", nullptr},
    OptionRow{'x', "snmp", no_argument, "", nullptr},
    OptionRow{'A', "snmp-agent-socket", required_argument, "S", nullptr},
    OptionRow{'m', "core-dump", no_argument, "", nullptr},
    OptionRow{'M', "core-dump-pattern", optional_argument, "[=P]", nullptr},
    OptionRow{kConfigFd, "config-fd", required_argument, "N", nullptr},
};

struct SignalRow {
  std::string_view name;
  int number;
};

std::array<SignalRow, 6> signalRows() {
  return {{{"STOP", SIGTERM},
           {"RELOAD", SIGHUP},
           {"DATA", SIGUSR1},
           {"STATS", SIGUSR2},
           {"STATS_CLEAR", SIGRTMAX - 1},
           {"JSON", SIGRTMIN + 2}}};
}

const OptionRow* rowOf(int letter) {
  const auto* row = std::find_if(kOptions.begin(), kOptions.end(),
                                 [letter](const OptionRow& each) { return each.letter == letter; });
  return row == kOptions.end() ? nullptr : row;
}

std::string shortOptions() {
  std::string letters = ":";
  for (const OptionRow& row : kOptions) {
    if (row.letter < 256) {
      letters += static_cast<char>(row.letter);
      letters.append(static_cast<std::size_t>(row.argument), ':');
    }
  }
  return letters;
}

std::vector<option> longOptions() {
  std::vector<option> options;
  for (const OptionRow& row : kOptions) {
    options.push_back({row.name, row.argument, nullptr, row.letter});
  }
  options.push_back({nullptr, 0, nullptr, 0});
  return options;
}

std::string helpText() {
  std::string text =
      "Usage: holdfast [OPTION...]\n       holdfast config SUBCOMMAND [OPTION...]\n"
      "       holdfast migrate [OPTION...]\n"
      "       holdfast posture [OPTION...]\n\n";
  for (const OptionRow& row : kOptions) {
    if (row.help == nullptr) {
      continue;
    }
    std::string left = row.letter < 256 ? std::string("  -") + static_cast<char>(row.letter) + ", "
                                        : std::string("      ");
    left += std::string("--") + row.name;
    left += row.argument == required_argument ? std::string("=") + row.parameter : row.parameter;
    left.resize(std::max<std::size_t>(left.size() + 2, 32), ' ');
    text += left + row.help + "\n";
  }
  return text;
}

std::string versionText() {
  std::string text = std::string("Holdfast v") + kVersion + ", in place of Keepalived v2.2.7\n\n";
  utsname system{};
  if (::uname(&system) == 0) {
    text += std::string("Running on ") + system.sysname + " " + system.release + " " +
            system.version + "\n";
  }
  return text;
}

std::optional<int> parseFacility(std::string_view text) {
  if (text == "user") {
    return 1;
  }
  if (text == "daemon") {
    return 3;
  }
  if (text.starts_with("local")) {
    text.remove_prefix(5);
  }
  if (text.size() == 1 && text[0] >= '0' && text[0] <= '7') {
    return 16 + (text[0] - '0');
  }
  return std::nullopt;
}

std::string nameOfBadOption(std::span<char* const> arguments) {
  const std::string_view word = arguments[static_cast<std::size_t>(optind - 1)];
  if (word.starts_with("--")) {
    return std::string(word.substr(0, word.find('=')));
  }
  return std::string("-") + static_cast<char>(optopt);
}

Status applyPrint(CommandLine& line, std::string text, bool toStdout) {
  line.action = CommandLine::Action::kPrint;
  line.printed = std::move(text);
  line.printToStdout = toStdout;
  return success();
}

Status applySignum(CommandLine& line, std::string_view name) {
  for (const SignalRow& row : signalRows()) {
    if (row.name == name) {
      return applyPrint(line, std::to_string(row.number) + "\n", true);
    }
  }
  return Error{"Unknown sigfunc " + std::string(name)};
}

// What would act differently from what was asked is an Error; what is only absent is a remark.
Status applyUnsupported(CommandLine& line, int letter) {
  const OptionRow* row = rowOf(letter);
  const std::string name = std::string("--") + row->name;
  if (letter == 'T') {
    return Error{name + " has to be the first option"};
  }
  if (letter == 'V' || letter == kConfigFd) {
    return Error{"Holdfast does not support " + name + " yet"};
  }
  line.remarks.push_back("Holdfast does not support " + name + " yet: ignored");
  return success();
}

Status applyRunOption(CommandLine& line, int letter, const char* value) {
  switch (letter) {
    case 'n':
      line.foreground = true;
      return success();
    case 'l':
      line.console = true;
      return success();
    case 'D':
      ++line.detail;
      return success();
    case 'G':
      line.syslog = false;
      return success();
    case 'R':
      line.respawn = false;
      return success();
    case 'C':
      line.startVrrp = false;
      return success();
    case 'P':
      line.startChecker = false;
      return success();
    case 's':
      line.netNamespace = value;
      return success();
    case 'p':
      line.pidFile = value;
      return success();
    case 'r':
      line.vrrpPidFile = value;
      return success();
    case 'c':
      line.checkersPidFile = value;
      return success();
    case 'S':
      if (const auto facility = parseFacility(value)) {
        line.facility = *facility;
      } else {
        line.remarks.push_back(std::string("Invalid log facility '") + value + "'");
      }
      return success();
    case 'B':
    case 'b':
    case kAll:
      return success();  // about processes that this configuration does not start
    default:
      return applyUnsupported(line, letter);
  }
}

Status applyFormat(CommandLine& line, std::string_view format) {
  line.jsonDiagnostics = format == "json";
  if (!line.jsonDiagnostics && format != "text") {
    return Error{"Unknown format '" + std::string(format) + "': text or json"};
  }
  return success();
}

// What concerns how the configuration is read.
Status applyConfigOption(CommandLine& line, int letter, const char* value) {
  switch (letter) {
    case 'f':
      line.configFile = value;
      return success();
    case kFormat:
      return applyFormat(line, value);
    case kStrict:
      line.strict = true;
      return success();
    case kAssumeInterfaces:
      line.assumedInterfaces = value;
      return success();
    case kAssumeAllInterfaces:
      line.assumeAllInterfaces = true;
      return success();
    case 'i':
      line.configId = value;
      return success();
    case 'e':
      line.allIncludeChecks = true;
      return success();
    case 'd':
      line.dumpConfig = true;
      return success();
    default:
      return applyRunOption(line, letter, value);
  }
}

Status apply(CommandLine& line, int letter, const char* value) {
  switch (letter) {
    case 't':
      line.action = CommandLine::Action::kTest;
      if (value != nullptr) {
        line.testLog = value;
      }
      return success();
    case kSignum:
      return applySignum(line, value);
    case 'v':
      return applyPrint(line, versionText(), false);
    case 'h':
      return applyPrint(line, helpText(), false);
    default:
      return applyConfigOption(line, letter, value);
  }
}

// Nothing that a daemon may be started with: it would not be what runs.
Status checkTestOptions(const CommandLine& line) {
  const bool test = line.action == CommandLine::Action::kTest;
  if (!test && (line.strict || !line.assumedInterfaces.empty() || line.assumeAllInterfaces)) {
    return Error{"--strict, --assume-interfaces and --assume-all-interfaces go with --config-test"};
  }
  if (!line.assumedInterfaces.empty() && line.assumeAllInterfaces) {
    return Error{"--assume-interfaces and --assume-all-interfaces exclude each other"};
  }
  return success();
}

std::string shortNodeName() {
  utsname system{};
  if (::uname(&system) != 0) {
    return {};
  }
  const std::string_view name = system.nodename;
  return std::string(name.substr(0, name.find('.')));
}

}  // namespace

Result<CommandLine> parseCommandLine(std::span<char* const> arguments) {
  CommandLine line;
  const std::string letters = shortOptions();
  const std::vector<option> options = longOptions();
  opterr = 0;
  optind = 0;  // glibc: start again, whatever was parsed before
  const int count = static_cast<int>(arguments.size());
  int letter = 0;
  while ((letter = ::getopt_long(count, const_cast<char**>(arguments.data()), letters.c_str(),
                                 options.data(), nullptr)) != -1) {
    if (letter == '?') {
      return Error{"Unknown option " + nameOfBadOption(arguments)};
    }
    const OptionRow* row = letter == ':' ? nullptr : rowOf(letter);
    if (row == nullptr || (row->argument == required_argument && *optarg == '\0')) {
      return Error{"Missing parameter for option " + nameOfBadOption(arguments)};
    }
    if (Status applied = apply(line, letter, optarg); !applied) {
      return applied.error();
    }
    if (line.action == CommandLine::Action::kPrint) {
      return line;
    }
  }
  if (Status checked = checkTestOptions(line); !checked) {
    return checked.error();
  }
  if (optind < count) {
    std::string words = "Unexpected argument(s):";
    for (const char* word : arguments.subspan(static_cast<std::size_t>(optind))) {
      words += std::string(" ") + word;
    }
    line.remarks.push_back(std::move(words));
  }
  if (line.configId.empty()) {
    line.configId = shortNodeName();
  }
  return line;
}

}  // namespace holdfast::supervisor
