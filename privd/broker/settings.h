// Settings of devices that are others', changed only as far as somebody here needs it, and put
// back: at the end, or by the privd after this one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace holdfast::privd {

class Kernel;

// net.ipv4.conf.DEVICE.*, under the kernel's numbers (IPV4_DEVCONF_*).
enum class Setting : std::uint8_t {
  kReversePathFilter = 8,
  kArpFilter = 13,
  kArpIgnore = 19,
  kPromoteSecondaries = 20,
  kAcceptLocal = 23,
};
inline constexpr std::size_t kSettings = 24;

struct FormerSetting {
  int device = 0;
  Setting setting{};
  std::uint32_t value = 0;
  friend bool operator==(const FormerSetting&, const FormerSetting&) = default;
};

// Owned by the Broker.
class Settings {
 public:
  // `remember` is called before anything is changed, so that a crash right after it loses nothing.
  Settings(Kernel& kernel, std::function<void()> remember)
      : kernel_(kernel), remember_(std::move(remember)) {}

  // To `value`, where it is less than that.
  void raise(int device, Setting setting, std::uint32_t value);
  // As it was before; nothing where it was not changed.
  void restore(int device, Setting setting);
  void restoreAll();

  [[nodiscard]] std::vector<FormerSetting> all() const;
  // What the privd before this one had changed.
  void recall(const std::vector<FormerSetting>& former);

 private:
  using Key = std::pair<int, Setting>;

  Kernel& kernel_;
  std::function<void()> remember_;
  std::map<Key, std::uint32_t> former_;
};

}  // namespace holdfast::privd
