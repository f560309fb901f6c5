// holdfast config: what a configuration means, for people and for programs. It has confd's sandbox,
// and writes to its standard output and standard error only.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/compiler.h"
#include "config/explain/comparison.h"
#include "config/explain/explain.h"
#include "config/explain/keywords.h"
#include "config/files.h"
#include "config/format/format.h"
#include "config/this_host.h"
#include "config/tool/command.h"
#include "ipc/json.h"
#include "ipc/kj_edge.h"
#include "policy/sandbox.h"

namespace holdfast::config {
namespace {

constexpr int kExitUsage = 1;
constexpr int kExitDifferent = 1;  // of plan and format --check, as diff(1) has it
constexpr int kExitRefused = 2;

void print(std::FILE* stream, const std::string& line) {
  std::fprintf(stream, "%s\n", line.c_str());
}

int fail(const std::string& message, int status = kExitUsage) {
  print(stderr, message);
  return status;
}

// Prints the diagnostics. False where there is nothing to work on.
bool compileFile(const ToolCommand& command, const std::string& file, const SourceOptions& options,
                 const Host& host, Compilation& out) {
  out = compile(file, options, RealFiles(), host);
  for (const Diagnostic& diagnostic : out.report.all()) {
    if (command.json) {
      print(stderr, jsonLine(diagnostic));
    } else {
      for (const std::string& line : textLines(diagnostic, true)) {
        print(stderr, line);
      }
    }
  }
  return !out.report.refused();
}

void listAll(const ToolCommand& command) {
  for (const ListedKeyword& keyword : listKeywords()) {
    print(stdout, command.json ? jsonLine(keyword) : textLine(keyword));
  }
}

void explainAll(const ToolCommand& command, const Compilation& compilation) {
  for (const ExplainedObject& object :
       explain(*compilation.plan.configuration, compilation.source)) {
    if (command.json) {
      print(stdout, jsonLine(object));
      continue;
    }
    for (const std::string& line : textLines(object)) {
      print(stdout, line);
    }
  }
}

int planAll(const ToolCommand& command, const Compilation& before, const Compilation& after) {
  const auto changes = compare(*before.plan.configuration, *after.plan.configuration);
  for (const Change& change : changes) {
    print(stdout, command.json ? jsonLine(change) : textLine(change));
  }
  return changes.empty() ? EXIT_SUCCESS : kExitDifferent;
}

int formatFile(const ToolCommand& command, const std::string& file) {
  const Result<std::string> before = RealFiles().read(file, kMaxFileBytes);
  const Result<std::string> after = before ? format(*before) : before;
  if (!after) {
    return fail(file + ": " + after.error().message, kExitRefused);
  }
  const std::size_t difference = firstDifference(*before, *after);
  if (command.json) {
    std::string out = "{\"file\":";
    appendJsonString(out, file);
    out += ",\"changed\":" + std::string(difference == 0 ? "false" : "true") +
           ",\"line\":" + std::to_string(difference);
    if (!command.check) {
      out += ",\"text\":";
      appendJsonString(out, *after);
    }
    print(stdout, out + "}");
  } else if (!command.check) {
    std::fwrite(after->data(), 1, after->size(), stdout);
  } else if (difference != 0) {
    print(stderr, file + ": line " + std::to_string(difference) + " is not in canonical layout");
  }
  return command.check && difference != 0 ? kExitDifferent : EXIT_SUCCESS;
}

int work(const ToolCommand& command, const SourceOptions& options, const Host& host) {
  if (command.kind == ToolCommand::Kind::kKeywords) {
    listAll(command);
    return EXIT_SUCCESS;
  }
  if (command.kind == ToolCommand::Kind::kFormat) {
    return formatFile(command, command.files.front());
  }
  Compilation first;
  if (!compileFile(command, command.files.front(), options, host, first)) {
    return kExitRefused;
  }
  if (command.kind == ToolCommand::Kind::kExplain) {
    explainAll(command, first);
    return EXIT_SUCCESS;
  }
  Compilation second;
  if (!compileFile(command, command.files.back(), options, host, second)) {
    return kExitRefused;
  }
  return planAll(command, first, second);
}

int run(std::span<char* const> arguments) {
  const auto command = parseToolCommand(arguments);
  if (!command) {
    return fail(command.error().message);
  }
  if (command->kind == ToolCommand::Kind::kHelp) {
    std::fputs(helpText().c_str(), stdout);
    return EXIT_SUCCESS;
  }
  SourceOptions options = sourceOptionsOfThisHost();
  options.configId = command->configId.value_or(options.configId);
  Host host = thisHost();
  host.interfaces = command->interfaces.value_or(host.interfaces);
  host.everyInterface = command->everyInterface;
  policy::SandboxRequest sandbox;
  sandbox.role = policy::Role::kConfd;
  sandbox.uid = host.uid;
  sandbox.gid = host.gid;
  if (const auto entered = policy::enterSandbox(sandbox); !entered) {
    return fail(entered.error().message);
  }
  const int status = work(*command, options, host);
  return std::fflush(stdout) == 0 ? status : fail("cannot write the answer");
}

}  // namespace
}  // namespace holdfast::config

int main(int count, char** arguments) {
  const holdfast::QuietKjExceptions quiet;
  return holdfast::config::run({arguments, static_cast<std::size_t>(count)});
}
