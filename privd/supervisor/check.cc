#include "privd/supervisor/check.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "ipc/json.h"
#include "ipc/unique_fd.h"
#include "privd/supervisor/compile_once.h"
#include "privd/supervisor/privileges.h"
#include "privd/supervisor/script_check.h"

namespace holdfast::supervisor {
namespace {

constexpr int kExitConfigTest = 4;  // there is nothing to check, or not here
constexpr int kExitProblem = 5;
constexpr int kExitScriptSecurity = 6;

int printError(const Error& error, int exitCode) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  return exitCode;
}

void printLine(std::string_view text) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
}

Status openTestLog(const std::string& path) {
  const UniqueFd log(
      ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!log || ::dup2(log.get(), STDERR_FILENO) < 0) {
    return systemError("cannot open the log file " + path);
  }
  return success();
}

// As confd writes its own.
std::string jsonLine(const char* severity, const char* code, const ScriptMessage& about) {
  std::string out =
      std::string("{\"severity\":\"") + severity + "\",\"code\":\"" + code + "\",\"file\":";
  appendJsonString(out, about.file);
  out += ",\"line\":" + std::to_string(about.line) + ",\"column\":0,\"message\":";
  appendJsonString(out, about.message);
  return out + ",\"hint\":\"\"}";
}

void print(const ScriptReport& scripts, bool json, bool withFile) {
  for (const ScriptMessage& script : scripts.messages) {
    printLine(json ? jsonLine(script.warning ? "warning" : "notice", "script", script)
                   : script.text(withFile));
  }
}

// What keepalived -t answers with its exit status: the worst of what was found.
int verdict(const Compilation& compilation, const ScriptReport& scripts, bool strict) {
  if (!compilation.sealed && compilation.exitCode == 0) {
    return kExitConfig;
  }
  if (scripts.isViolation()) {
    return kExitScriptSecurity;
  }
  return scripts.checkUnusable || (strict && scripts.unusable) ? kExitProblem
                                                               : compilation.exitCode;
}

}  // namespace

int runCheck(const CommandLine& line) {
  if (line.testLog) {
    if (Status opened = openTestLog(*line.testLog); !opened) {
      return printError(opened.error(), kExitFailure);
    }
  }
  if (Status entered = enterNetNamespace(line.netNamespace); !entered) {
    return printError(entered.error(), kExitConfigTest);
  }
  const auto site = Site::read();
  if (!site) {
    return printError(site.error(), kExitConfig);
  }
  auto compilation = compileOnce(line, [](const LogRecord& record) { printLine(record.text); });
  if (!compilation) {
    return printError(compilation.error(), kExitFailure);
  }
  if (!compilation->failure.empty()) {
    printLine(line.jsonDiagnostics
                  ? jsonLine("fatal", "internal", {.message = compilation->failure})
                  : compilation->failure);
  }
  ScriptReport scripts;
  if (compilation->sealed) {
    auto plan = permittedPlan(*compilation, *site);
    if (!plan) {
      return printError(plan.error(), kExitConfig);
    }
    scripts = checkScripts(*plan);
    print(scripts, line.jsonDiagnostics, plan->severalFiles);
  }
  return verdict(*compilation, scripts, line.strict);
}

}  // namespace holdfast::supervisor
