#include "policy/script_path.h"

#include <grp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

namespace holdfast::policy {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kOwn = 61001;    // the script's user
constexpr uid_t kOther = 61002;  // somebody else
constexpr gid_t kStaff = 61003;
constexpr ScriptIdentity kRoot{0, 0};
constexpr ScriptIdentity kUser{kOwn, kOwn};

// A directory that root owns and everybody can search, gone when the test ends.
class Layout {
 public:
  Layout() {
    std::string name = "/tmp/holdfast-script-path-XXXXXX";
    root_ = ::mkdtemp(name.data());
    ::chmod(root_.c_str(), 0755);
  }
  ~Layout() { fs::remove_all(root_); }
  Layout(const Layout&) = delete;
  Layout& operator=(const Layout&) = delete;

  [[nodiscard]] std::string at(const std::string& name) const { return root_ + "/" + name; }

  void directory(const std::string& name, mode_t mode = 0755, uid_t uid = 0, gid_t gid = 0) const {
    ::mkdir(at(name).c_str(), 0700);
    own(name, mode, uid, gid);
  }
  void file(const std::string& name, mode_t mode = 0755, uid_t uid = 0, gid_t gid = 0,
            const std::string& text = "#!/bin/sh\n") const {
    std::ofstream(at(name)) << text;
    own(name, mode, uid, gid);
  }
  void link(const std::string& name, const std::string& target, uid_t uid = 0) const {
    fs::create_symlink(target, at(name));
    ASSERT_EQ(::lchown(at(name).c_str(), uid, uid), 0);
  }

 private:
  void own(const std::string& name, mode_t mode, uid_t uid, gid_t gid) const {
    ASSERT_EQ(::chown(at(name).c_str(), uid, gid), 0);
    ASSERT_EQ(::chmod(at(name).c_str(), mode), 0);
  }
  std::string root_;
};

struct Row {
  const char* name;
  std::function<void(const Layout&)> build;
  const char* path;
  ScriptIdentity identity;
  std::optional<ScriptProblem> problem;
  const char* component = "";
};

using P = ScriptProblem;

const std::vector<Row> kRows = {
    {"root's script for root", [](const Layout& l) { l.file("s"); }, "s", kRoot, {}},
    {"root's script for a user", [](const Layout& l) { l.file("s"); }, "s", kUser, {}},
    {"the mail gateway's script",
     [](const Layout& l) { l.file("s", 0700, kOwn, kOwn); },
     "s",
     kUser,
     {}},
    {"a user's script for root", [](const Layout& l) { l.file("s", 0755, kOwn, kOwn); }, "s", kRoot,
     P::kForeignOwner, "s"},
    {"a user's private script for root", [](const Layout& l) { l.file("s", 0700, kOwn, kOwn); },
     "s", kRoot, P::kForeignOwner, "s"},
    {"another user's script", [](const Layout& l) { l.file("s", 0755, kOther); }, "s", kUser,
     P::kForeignOwner, "s"},
    {"writable by a group", [](const Layout& l) { l.file("s", 0775, 0, kStaff); }, "s", kRoot,
     P::kGroupWritable, "s"},
    {"writable by root's group", [](const Layout& l) { l.file("s", 0775); }, "s", kRoot, {}},
    {"writable by everybody", [](const Layout& l) { l.file("s", 0757); }, "s", kRoot,
     P::kOtherWritable, "s"},
    {"directory of another user",
     [](const Layout& l) {
       l.directory("d", 0755, kOther);
       l.file("d/s");
     },
     "d/s", kRoot, P::kForeignOwner, "d"},
    {"directory writable by a group",
     [](const Layout& l) {
       l.directory("d", 0775, 0, kStaff);
       l.file("d/s");
     },
     "d/s", kRoot, P::kGroupWritable, "d"},
    {"directory writable by root's group",
     [](const Layout& l) {
       l.directory("d", 0775);
       l.file("d/s");
     },
     "d/s",
     kRoot,
     {}},
    {"directory writable by everybody",
     [](const Layout& l) {
       l.directory("d", 0777);
       l.file("d/s");
     },
     "d/s", kRoot, P::kOtherWritable, "d"},
    {"sticky directory, root's script",
     [](const Layout& l) {
       l.directory("d", 01777);
       l.file("d/s");
     },
     "d/s",
     kRoot,
     {}},
    {"sticky directory, another user's script",
     [](const Layout& l) {
       l.directory("d", 01777);
       l.file("d/s", 0755, kOther);
     },
     "d/s", kRoot, P::kForeignOwner, "d/s"},
    {"sticky directory, another user's link to root's script",
     [](const Layout& l) {
       l.directory("d", 01777);
       l.file("s");
       l.link("d/l", "../s", kOther);
     },
     "d/l", kRoot, P::kForeignOwner, "d/l"},
    {"sticky directory of another user",
     [](const Layout& l) {
       l.directory("d", 01777, kOther);
       l.file("d/s");
     },
     "d/s", kRoot, P::kForeignOwner, "d"},
    {"relative link",
     [](const Layout& l) {
       l.file("s");
       l.link("l", "s");
     },
     "l",
     kRoot,
     {}},
    {"relative link through ..",
     [](const Layout& l) {
       l.directory("d");
       l.file("s");
       l.link("d/l", ".././d/../s");
     },
     "d/l",
     kRoot,
     {}},
    {"absolute link",
     [](const Layout& l) {
       l.file("s");
       l.link("l", l.at("s"));
     },
     "l",
     kRoot,
     {}},
    {"link into a directory that is not safe",
     [](const Layout& l) {
       l.directory("bad", 0777);
       l.file("bad/s");
       l.link("l", "bad/s");
     },
     "l", kRoot, P::kOtherWritable, "bad"},
    {".. out of a directory that is not safe",
     [](const Layout& l) {
       l.directory("bad", 0777);
       l.directory("bad/d");
       l.file("s");
     },
     "bad/d/../../s", kRoot, P::kOtherWritable, "bad"},
    {"link of a directory",
     [](const Layout& l) {
       l.directory("d");
       l.file("d/s");
       l.link("l", "d/");
     },
     "l/s",
     kRoot,
     {}},
    {"link to itself", [](const Layout& l) { l.link("l", "l"); }, "l", kRoot, P::kTooManyLinks,
     "l"},
    {"links in a circle",
     [](const Layout& l) {
       l.link("a", l.at("b"));
       l.link("b", "a");
     },
     "a", kRoot, P::kTooManyLinks, "a"},
    {"link that dangles", [](const Layout& l) { l.link("l", "gone"); }, "l", kRoot, P::kMissing,
     "gone"},
    {"missing", [](const Layout&) {}, "s", kRoot, P::kMissing, "s"},
    {"missing directory", [](const Layout&) {}, "d/s", kRoot, P::kMissing, "d"},
    {"file as a directory", [](const Layout& l) { l.file("s"); }, "s/x", kRoot, P::kNotADirectory,
     "s"},
    {"slash at the end", [](const Layout& l) { l.file("s"); }, "s/", kRoot, P::kNotADirectory, "s"},
    {"doubled slashes",
     [](const Layout& l) {
       l.directory("d");
       l.file("d/s");
     },
     "d///.//s",
     kRoot,
     {}},
    {"a directory", [](const Layout& l) { l.directory("s"); }, "s", kRoot, P::kNotRegular, "s"},
    {"a FIFO", [](const Layout& l) { ::mkfifo(l.at("s").c_str(), 0755); }, "s", kRoot,
     P::kNotRegular, "s"},
    {"not executable", [](const Layout& l) { l.file("s", 0644); }, "s", kRoot, P::kNotExecutable,
     "s"},
    {"executable by others only", [](const Layout& l) { l.file("s", 0645, kOwn); }, "s", kUser,
     P::kNotExecutable, "s"},
    {"executable by the group",
     [](const Layout& l) { l.file("s", 0710, 0, kOwn); },
     "s",
     kUser,
     {}},
    {"executable by root only", [](const Layout& l) { l.file("s", 0700); }, "s", kUser,
     P::kNotExecutable, "s"},
    {"directory closed to the user",
     [](const Layout& l) {
       l.directory("d", 0700);
       l.file("d/s");
     },
     "d/s", kUser, P::kNotReachable, "d"},
    {"both unsafe and unusable: unusable counts",
     [](const Layout& l) {
       l.directory("d", 0777);
       l.file("d/s", 0644);
     },
     "d/s", kRoot, P::kNotExecutable, "d/s"},
    {"interpreter through env",
     [](const Layout& l) { l.file("s", 0755, 0, 0, "#!/usr/bin/env bash\n"); },
     "s",
     kRoot,
     {}},
    {"interpreter with blanks and a word",
     [](const Layout& l) { l.file("s", 0755, 0, 0, "#! \t/bin/sh -e\n"); },
     "s",
     kRoot,
     {}},
    {"interpreter that is missing",
     [](const Layout& l) { l.file("s", 0755, 0, 0, "#!/nowhere/sh\n"); }, "s", kRoot, P::kMissing,
     "/nowhere"},
    {"interpreter of a file with DOS line ends",
     [](const Layout& l) { l.file("s", 0755, 0, 0, "#!/bin/sh\r\n"); }, "s", kRoot, P::kMissing,
     "/usr/bin/sh\r"},
    {"interpreter of another user",
     [](const Layout& l) {
       l.file("i", 0755, kOther);
       l.file("s", 0755, 0, 0, "#!" + l.at("i") + "\n");
     },
     "s", kRoot, P::kForeignOwner, "i"},
    {"interpreter that is a script with an unsafe interpreter",
     [](const Layout& l) {
       l.file("j", 0757);
       l.file("i", 0755, 0, 0, "#!" + l.at("j"));
       l.file("s", 0755, 0, 0, "#!" + l.at("i") + " -x");
     },
     "s", kRoot, P::kOtherWritable, "j"},
    {"interpreter that is itself",
     [](const Layout& l) { l.file("s", 0755, 0, 0, "#!" + l.at("s") + "\n"); },
     "s",
     kRoot,
     {}},
    {"plain text", [](const Layout& l) { l.file("s", 0755, 0, 0, "exit 0\n"); }, "s", kRoot, {}},
    {"empty", [](const Layout& l) { l.file("s", 0755, 0, 0, ""); }, "s", kRoot, {}},
};

TEST(ScriptPath, JudgesEveryLayout) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "needs root to give files away";
  }
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    const Layout layout;
    row.build(layout);
    const ScriptVerdict verdict = walkScriptPath(layout.at(row.path), row.identity);
    const ScriptFinding* worst = verdict.worst();
    ASSERT_EQ(worst != nullptr, row.problem.has_value())
        << (worst == nullptr ? "" : describe(*worst, row.identity));
    if (worst == nullptr) {
      EXPECT_TRUE(verdict.file.valid());
      EXPECT_TRUE(verdict.mayRun(true));
      continue;
    }
    EXPECT_EQ(static_cast<int>(worst->problem), static_cast<int>(*row.problem))
        << describe(*worst, row.identity);
    const std::string expected = row.component[0] == '/' ? row.component : layout.at(row.component);
    EXPECT_EQ(worst->component, expected);
    EXPECT_FALSE(verdict.mayRun(true));
    const bool unusable = severityOf(worst->problem) == ScriptSeverity::kUnusable;
    EXPECT_EQ(verdict.mayRun(false), !unusable);
  }
}

TEST(ScriptPath, RefusesWhatIsNotAnAbsolutePath) {
  EXPECT_EQ(walkScriptPath("", kRoot).unusable->problem, P::kNotAbsolute);
  EXPECT_EQ(walkScriptPath("bin/sh", kRoot).unusable->problem, P::kNotAbsolute);
  EXPECT_EQ(walkScriptPath("/" + std::string(5000, 'a'), kRoot).unusable->problem, P::kTooLong);
  EXPECT_EQ(walkScriptPath("/" + std::string(300, 'a'), kRoot).unusable->problem, P::kTooLong);
}

TEST(ScriptPath, TellsProgramsFromScripts) {
  EXPECT_EQ(walkScriptPath("/bin/sh", kRoot).format, ScriptFormat::kElf);
  const Layout layout;
  layout.file("s", 0755, ::geteuid(), ::getegid(), "#!/usr/bin/env python3\n");
  layout.file("t", 0755, ::geteuid(), ::getegid(), "exit 0\n");
  const ScriptVerdict script = walkScriptPath(layout.at("s"), {::geteuid(), ::getegid()});
  EXPECT_EQ(script.format, ScriptFormat::kInterpreted);
  EXPECT_EQ(script.interpreter, "/usr/bin/env");
  const ScriptVerdict text = walkScriptPath(layout.at("t"), {::geteuid(), ::getegid()});
  EXPECT_EQ(text.format, ScriptFormat::kPlainText);
  EXPECT_EQ(text.interpreter, "/bin/sh");
}

// Runs `check` in a process of its own that has become `identity`.
bool holdsAs(ScriptIdentity identity, const std::function<bool()>& check) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    const bool changed = ::setgroups(0, nullptr) == 0 &&
                         ::setresgid(identity.gid, identity.gid, identity.gid) == 0 &&
                         ::setresuid(identity.uid, identity.uid, identity.uid) == 0;
    ::_exit(changed && check() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(ScriptPath, SaysWhatItCannotCheckItself) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "needs root to change users";
  }
  const Layout layout;
  layout.directory("closed", 0700, kOwn, kOwn);
  layout.file("closed/s", 0700, kOwn, kOwn);
  layout.file("s", 0700, kOwn, kOwn);
  layout.directory("roots", 0700);
  layout.file("roots/s");
  layout.file("program", 0711, 0, 0, "\177ELF");
  // As somebody else: it is not known.
  EXPECT_TRUE(holdsAs({kOther, kOther}, [&layout] {
    const ScriptVerdict verdict = walkScriptPath(layout.at("closed/s"), kUser);
    return verdict.worst() != nullptr && verdict.worst()->problem == P::kUnchecked;
  }));
  EXPECT_TRUE(holdsAs({kOther, kOther}, [&layout] {
    const ScriptVerdict verdict = walkScriptPath(layout.at("s"), kUser);
    return verdict.worst() != nullptr && verdict.worst()->problem == P::kUnchecked;
  }));
  // As the user: it is.
  EXPECT_TRUE(holdsAs(kUser, [&layout] {
    return walkScriptPath(layout.at("closed/s"), kUser).worst() == nullptr &&
           walkScriptPath(layout.at("roots/s"), kUser).unusable->problem == P::kNotReachable &&
           walkScriptPath(layout.at("program"), kUser).format == ScriptFormat::kUnknown &&
           walkScriptPath(layout.at("program"), kUser).mayRun(true);
  }));
}

TEST(ScriptPath, NamesComponentOwnerAndMode) {
  ScriptFinding finding;
  finding.problem = P::kGroupWritable;
  finding.component = "/opt/ha\x1b[2J";
  finding.hasStatus = true;
  finding.owner = 0;
  finding.group = 61003;
  finding.mode = S_IFDIR | 0775;
  EXPECT_EQ(describe(finding, kRoot),
            "/opt/ha\\x1b[2J (owner root, group 61003, mode 0775) can be written by group "
            "61003: its members could replace the script; chmod g-w /opt/ha\\x1b[2J");
}

TEST(ScriptPath, KnowsDirectoriesFitForPath) {
  EXPECT_TRUE(isSafeDirectory("/usr/bin", kRoot));
  EXPECT_FALSE(isSafeDirectory("/tmp", kRoot));
  EXPECT_FALSE(isSafeDirectory("/usr/bin/env", kRoot));
  EXPECT_FALSE(isSafeDirectory("/nowhere", kRoot));
}

}  // namespace
}  // namespace holdfast::policy
