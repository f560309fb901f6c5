// How a finding reads to an operator.
#include <array>
#include <cstdio>
#include <cstring>

#include "policy/script_path.h"
#include "policy/users.h"

namespace holdfast::policy {
namespace {

// "alice (1001)", "root", or the number where the files have no name.
std::string nameWithNumber(const std::string& name, unsigned id) {
  const std::string number = std::to_string(id);
  return id == 0 || name == number ? name : name + " (" + number + ")";
}

std::string userText(uid_t uid) {
  return nameWithNumber(userName(uid), uid);
}

std::string groupText(gid_t gid) {
  return nameWithNumber(groupName(gid), gid);
}

std::string octal(mode_t mode) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode & 07777U);
  return text.data();
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\x%02x",
                    static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += escape.data();
    }
  }
  return out;
}

// What is wrong, and what to do about it.
std::string verdictText(const ScriptFinding& finding, const std::string& name,
                        ScriptIdentity identity) {
  const std::string user = userText(identity.uid);
  const std::string error = std::strerror(finding.error);  // NOLINT(concurrency-mt-unsafe)
  switch (finding.problem) {
    case ScriptProblem::kNotAbsolute:
      return "is not an absolute path: write it from / on";
    case ScriptProblem::kMissing:
      return finding.component.ends_with('\r')
                 ? "does not exist: the file has DOS line ends; convert them (sed -i 's/\\r$//')"
                 : "does not exist";
    case ScriptProblem::kNotADirectory:
      return "is not a directory";
    case ScriptProblem::kTooManyLinks:
      return "is reached through more than 40 symbolic links";
    case ScriptProblem::kTooLong:
      return "is part of a path that is too long";
    case ScriptProblem::kNotRegular:
      return "is not a regular file";
    case ScriptProblem::kNotExecutable:
      return "is not executable by " + user + ": chmod +x " + name;
    case ScriptProblem::kNotReachable:
      return "cannot be searched by " + user + ": open the directory to that user";
    case ScriptProblem::kChanged:
      return "was replaced while it was looked at";
    case ScriptProblem::kUnreadable:
      return "cannot be looked at: " + error;
    case ScriptProblem::kForeignOwner:
      return "does not belong to root" + (identity.uid == 0 ? "" : " or " + user) +
             ": its owner could replace the script; chown -h root " + name;
    case ScriptProblem::kGroupWritable:
      return "can be written by group " + groupText(finding.group) +
             ": its members could replace the script; chmod g-w " + name;
    case ScriptProblem::kOtherWritable:
      return "can be written by everybody: anyone could replace the script; chmod o-w " + name;
    case ScriptProblem::kUnchecked:
      return "cannot be looked at by this process (" + error + "): it is checked at every run";
  }
  return "is unknown";
}

}  // namespace

std::string describe(const ScriptFinding& finding, ScriptIdentity identity) {
  const std::string name = printable(finding.component);
  std::string text = finding.inInterpreter ? "interpreter " : "";
  text += name;
  if (finding.hasStatus) {
    text += " (owner " + userText(finding.owner) + ", group " + groupText(finding.group) +
            ", mode " + octal(finding.mode) + ")";
  }
  return text + " " + verdictText(finding, name, identity);
}

}  // namespace holdfast::policy
