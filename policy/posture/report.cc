#include "policy/posture/report.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include "policy/posture/table.h"
#include "policy/users.h"

namespace holdfast::policy {
namespace {

// Capabilities one below the other; "all but ..." stays as it is.
Cell cellOf(CapabilitySet set) {
  const std::string names = set.names();
  if (names == "none") {
    return {"-"};
  }
  Cell lines;
  std::istringstream in(names);
  for (std::string name; std::getline(in, name, ',');) {
    lines.push_back(name);
  }
  return lines;
}

std::string nameOfProcess(const ObservedProcess& process) {
  return process.role.has_value() ? std::string(nameOf(*process.role))
                                  : "  " + process.executable;  // below its scriptd
}

Cell groupsOf(const ProcessStatus& status) {
  Cell names{groupName(status.gids[1])};
  for (const gid_t group : status.groups) {
    if (group != status.gids[1]) {
      names.push_back(groupName(group));
    }
  }
  return names;
}

Cell socketsOf(const ObservedProcess& process) {
  Cell lines;
  for (const auto& [kind, count] : process.sockets) {
    lines.push_back(std::to_string(count) + " " + kind);
  }
  for (const auto& [count, what] : {std::pair{process.fifos.toRead, " FIFO to read"},
                                    std::pair{process.fifos.toWrite, " FIFO to write"}}) {
    if (count != 0) {
      lines.push_back(std::to_string(count) + what);
    }
  }
  return lines.empty() ? Cell{"-"} : lines;
}

std::string seccompOf(const ProcessStatus& status) {
  if (status.seccompMode != 2) {
    return status.seccompMode == 0 ? "NONE" : "strict";
  }
  return status.seccompFilters > 1 ? "filter x" + std::to_string(status.seccompFilters) : "filter";
}

std::string dumpableOf(const ObservedProcess& process) {
  if (!process.dumpable.has_value()) {
    return "?";
  }
  const char* const yes = process.role.has_value() ? "YES" : "yes";  // a script may be
  return *process.dumpable ? yes : "no";
}

void append(std::ostringstream& out, const char* title, const std::vector<std::string>& lines) {
  if (!lines.empty()) {
    out << "\n" << title << "\n";
  }
  for (const std::string& line : lines) {
    out << "  - " << line << "\n";
  }
}

// ---------------------------------------------------------------------------------------- JSON

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    // Names of users and executables; a control character in one is nothing to pass on.
    out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  }
  return out + '"';
}

std::string listed(const std::vector<std::string>& values) {
  std::string out = "[";
  for (const std::string& value : values) {
    out += (out.size() > 1 ? ", " : "") + quoted(value);
  }
  return out + "]";
}

std::string capabilityList(CapabilitySet set) {
  std::vector<std::string> names;
  for (unsigned capability = 0; capability < 64; ++capability) {
    if (set.has(capability)) {
      names.push_back(CapabilitySet::nameOf(capability));
    }
  }
  return listed(names);
}

void appendJson(std::ostringstream& out, const ObservedProcess& process) {
  const ProcessStatus& status = process.status;
  out << "    {\"process\": "
      << quoted(process.role.has_value() ? std::string(nameOf(*process.role)) : "script")
      << ", \"executable\": " << quoted(process.executable) << ", \"pid\": " << status.pid
      << ", \"parent\": " << status.parent
      << ",\n     \"user\": " << quoted(userName(status.uids[1])) << ", \"uid\": " << status.uids[1]
      << ", \"groups\": " << listed(groupsOf(status))
      << ",\n     \"effective\": " << capabilityList(status.effective)
      << ", \"permitted\": " << capabilityList(status.permitted)
      << ",\n     \"bounding\": " << capabilityList(status.bounding)
      << ", \"ambient\": " << capabilityList(status.ambient)
      << ", \"inheritable\": " << capabilityList(status.inheritable)
      << ",\n     \"seccomp\": " << status.seccompMode
      << ", \"seccompFilters\": " << status.seccompFilters
      << ", \"noNewPrivileges\": " << (status.noNewPrivileges ? "true" : "false")
      << ", \"dumpable\": "
      << (!process.dumpable.has_value() ? "null"
          : *process.dumpable           ? "true"
                                        : "false")
      << ", \"sockets\": {";
  const char* separator = "";
  for (const auto& [kind, count] : process.sockets) {
    out << separator << quoted(kind) << ": " << count;
    separator = ", ";
  }
  out << "}, \"fifos\": {\"read\": " << process.fifos.toRead
      << ", \"write\": " << process.fifos.toWrite << "}}";
}

}  // namespace

std::string textReport(std::span<const ObservedProcess> processes, const Judgement& judgement) {
  Table table({"PROCESS", "PID", "USER", "GROUPS", "EFFECTIVE", "PERMITTED", "BOUNDING", "AMBIENT",
               "SECCOMP", "NO_NEW_PRIVS", "DUMPABLE", "SOCKETS"});
  for (const ObservedProcess& process : processes) {
    const ProcessStatus& status = process.status;
    table.add({{nameOfProcess(process)},
               {std::to_string(status.pid)},
               {userName(status.uids[1])},
               groupsOf(status),
               cellOf(status.effective),
               cellOf(status.permitted),
               cellOf(status.bounding),
               cellOf(status.ambient),
               {seccompOf(status)},
               {status.noNewPrivileges ? "yes" : "no"},
               {dumpableOf(process)},
               socketsOf(process)});
  }
  std::ostringstream out;
  out << "Holdfast: what runs below supervisor " << processes.front().status.pid << "\n\n"
      << table.text();
  append(out, "Findings: configured so, and worth knowing", judgement.findings);
  append(out, "DIFFERENCES from what is promised", judgement.differences);
  out << "\n"
      << (judgement.differences.empty()
              ? "Every process is as promised."
              : std::to_string(judgement.differences.size()) + " promise(s) not kept.")
      << "\n";
  return out.str();
}

std::string jsonReport(std::span<const ObservedProcess> processes, const Judgement& judgement) {
  std::ostringstream out;
  out << "{\n  \"supervisor\": " << processes.front().status.pid << ",\n  \"processes\": [\n";
  const char* separator = "";
  for (const ObservedProcess& process : processes) {
    out << separator;
    appendJson(out, process);
    separator = ",\n";
  }
  out << "\n  ],\n  \"findings\": " << listed(judgement.findings)
      << ",\n  \"differences\": " << listed(judgement.differences)
      << ",\n  \"asPromised\": " << (judgement.differences.empty() ? "true" : "false") << "\n}\n";
  return out.str();
}

}  // namespace holdfast::policy
