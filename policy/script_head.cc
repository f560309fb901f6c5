#include "policy/script_head.h"

#include <algorithm>

namespace holdfast::policy {
namespace {

// What follows #! up to the next blank, as execve(2) reads it.
std::string interpreterIn(std::string_view head) {
  head = head.substr(2, head.find('\n') - 2);
  head.remove_prefix(std::min(head.find_first_not_of(" \t"), head.size()));
  head = head.substr(0, head.find_first_of(std::string_view(" \t\0", 3)));
  // The kernel looks for a relative one in the working directory, which is "/".
  std::string path(head.empty() || head.front() == '/' ? "" : "/");
  return path.append(head);
}

}  // namespace

ScriptHead parseScriptHead(std::string_view head) {
  if (head.starts_with("#!")) {
    return {ScriptFormat::kInterpreted, interpreterIn(head)};
  }
  if (head.starts_with("\177ELF")) {
    return {ScriptFormat::kElf, ""};
  }
  return {ScriptFormat::kPlainText, "/bin/sh"};
}

}  // namespace holdfast::policy
