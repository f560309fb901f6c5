// Who runs a script, and which program it is.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/plan.h"

namespace holdfast::config {

struct Resolution;

class Scripts {
 public:
  struct Runnable {
    std::uint32_t identity = 0;
    std::vector<std::string> arguments;  // [0] is absolute
  };

  void resolveDefaultUser(Resolution& resolution);

  // `user` is nullptr for the default user. Nullopt, after having said why, where nobody may or can
  // run it. `severity` is that of the messages.
  [[nodiscard]] std::optional<Runnable> place(Resolution& resolution, const Command& command,
                                              const UserName* user, ScriptUse use,
                                              Severity severity = Severity::kError);
  // Whose a file is: `user`, or the default user.
  [[nodiscard]] FileOwner ownerOf(Resolution& resolution, const UserName* user) const;

 private:
  [[nodiscard]] std::optional<std::uint32_t> identityOf(Resolution& resolution,
                                                        const UserName* user,
                                                        const Command& command,
                                                        const std::string& usedBy);
  [[nodiscard]] std::optional<std::uint32_t> identityNamed(Resolution& resolution,
                                                           const UserName& user);
  [[nodiscard]] bool findProgram(Resolution& resolution, std::vector<std::string>& arguments,
                                 const Statement* statement) const;

  Severity severity_ = Severity::kError;
  std::map<std::string, std::optional<std::uint32_t>> named_;  // by "user group"
  std::optional<PlannedIdentity> default_;     // empty: scripts need a user of their own
  std::optional<std::uint32_t> defaultIndex_;  // made when it is first needed
  std::string problem_;
};

}  // namespace holdfast::config
