// The same files through Debian's keepalived, where it is installed: the same exit code, and
// something said about the same lines.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "config/compiler.h"
#include "tests/unit/config/compile.h"

namespace holdfast::config {
namespace {

constexpr const char* kKeepalived = "/usr/sbin/keepalived";

struct Verdict {
  int exitCode = -1;
  std::set<std::pair<std::uint32_t, std::string>> said;  // line (0: none) and message

  [[nodiscard]] bool says(const std::string& message) const {
    return std::any_of(said.begin(), said.end(),
                       [&message](const auto& one) { return one.second == message; });
  }
  // The lines that something was said about, but for what `other` says about no line.
  [[nodiscard]] std::set<std::uint32_t> lines(const Verdict& other) const {
    std::set<std::uint32_t> lines;
    for (const auto& [line, message] : said) {
      if (line != 0 && !other.said.contains({0, message})) {
        lines.insert(line);
      }
    }
    return lines;
  }
};

Verdict askKeepalived(const std::string& path) {
  const std::string command =
      std::string(kKeepalived) + " -t -i main -f " + path + " 2>&1 </dev/null";
  Verdict verdict;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  std::array<char, 4096> buffer{};
  const std::regex pattern("^(?:\\((?:.*: )?Line (\\d+)\\) )?(.*)\n$");
  while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) {
    std::cmatch match;
    if (std::regex_match(buffer.data(), match, pattern)) {
      const std::string line = match[1].matched ? match[1].str() : "0";
      verdict.said.emplace(static_cast<std::uint32_t>(std::stoul(line)), match[2]);
    }
  }
  const int status = ::pclose(pipe);
  verdict.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return verdict;
}

Verdict askCompiler(const std::string& path) {
  SourceOptions options;
  options.configId = "main";
  const Compilation compilation =
      compile(path, options, RealFiles(), Host{{"lo"}, 0, 0, "/etc/passwd", "/etc/group"});
  Verdict verdict;
  verdict.exitCode = static_cast<int>(compilation.report.exitCode());
  for (const Diagnostic& diagnostic : compilation.report.all()) {
    if (diagnostic.severity != Severity::kNotice && diagnostic.place.line != 0) {
      verdict.said.emplace(diagnostic.place.line, diagnostic.message);
    }
  }
  return verdict;
}

std::vector<std::string> filesIn(const std::string& directory) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".conf") {
      files.push_back(entry.path());
    }
  }
  return files;
}

class Probe : public testing::TestWithParam<std::string> {};

TEST_P(Probe, IsJudgedAsKeepalivedDoes) {
  if (::access(kKeepalived, X_OK) != 0 || ::geteuid() != 0) {
    GTEST_SKIP() << "needs " << kKeepalived << ", as root";
  }
  const Verdict theirs = askKeepalived(GetParam());
  const Verdict ours = askCompiler(GetParam());
  EXPECT_EQ(ours.exitCode, theirs.exitCode);
  EXPECT_EQ(ours.lines(theirs), theirs.lines({}));
  for (const auto& [line, message] : ours.said) {
    EXPECT_TRUE(theirs.says(message)) << "keepalived does not say: " << message;
  }
}

std::string stemOf(const testing::TestParamInfo<std::string>& probe) {
  return std::filesystem::path(probe.param).stem().string();
}

INSTANTIATE_TEST_SUITE_P(Keepalived, Probe, testing::ValuesIn(filesIn(HOLDFAST_PROBES)), stemOf);

// Files of other people, where HOLDFAST_CORPUS names a directory of them: each either compiles or
// is told why not.
TEST(Corpus, CompilesOrIsToldWhyNot) {
  const char* directory = std::getenv("HOLDFAST_CORPUS");
  if (directory == nullptr) {
    GTEST_SKIP() << "HOLDFAST_CORPUS is not set";
  }
  std::size_t compiled = 0;
  for (const std::string& path : filesIn(directory)) {
    SourceOptions options;
    options.configId = "main";
    const Compilation compilation = compile(path, options, RealFiles(), Host{});
    EXPECT_TRUE(!compilation.report.refused() || compilation.report.problems() > 0) << path;
    compiled += compilation.report.refused() ? 0 : 1;
  }
  RecordProperty("compiled", static_cast<int>(compiled));
}

}  // namespace
}  // namespace holdfast::config
