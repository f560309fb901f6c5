#include "watchd/process_match.h"

namespace holdfast::watchd {
namespace {

constexpr std::size_t kMaxName = 15;  // TASK_COMM_LEN without its NUL

std::string lastComponent(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

// A program that writes a title over its arguments leaves any number of NULs at the end.
std::string_view withoutEnd(std::string_view commandLine) {
  return commandLine.substr(0, commandLine.find_last_not_of('\0') + 1);
}

}  // namespace

ProcessMatch::ProcessMatch(const std::vector<std::string>& arguments, Parameters parameters,
                           bool fullCommand)
    : parameters_(parameters), byCommandLine_(fullCommand || parameters != Parameters::kIgnored) {
  if (arguments.empty()) {
    return;
  }
  name_ = lastComponent(arguments.front()).substr(0, kMaxName);
  command_ = arguments.front() + '\0';
  for (const std::string& argument : arguments) {
    commandLine_ += argument + '\0';
  }
}

bool ProcessMatch::matches(std::string_view name, std::string_view commandLine) const {
  if (!byCommandLine_) {
    return name == name_;
  }
  const std::string ended = std::string(withoutEnd(commandLine)) + '\0';
  const std::string_view wanted = withoutEnd(commandLine_);
  switch (parameters_) {
    case Parameters::kIgnored:
      return ended.starts_with(command_);
    case Parameters::kExact:
      return withoutEnd(ended) == wanted;
    case Parameters::kInitial:
      return ended.starts_with(wanted) && ended.find('\0', wanted.size()) == ended.size() - 1;
    case Parameters::kPartial:
      return ended.starts_with(std::string(wanted) + '\0');
  }
  return false;
}

}  // namespace holdfast::watchd
