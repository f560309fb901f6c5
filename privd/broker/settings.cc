#include "privd/broker/settings.h"

#include "privd/broker/kernel.h"

namespace holdfast::privd {

void Settings::raise(int device, Setting setting, std::uint32_t value) {
  const Key key(device, setting);
  if (former_.contains(key)) {
    return;
  }
  const Result<std::uint32_t> former = kernel_.setting(device, setting);
  if (!former || *former >= value) {
    return;
  }
  former_.emplace(key, *former);
  remember_();
  if (!kernel_.set(device, setting, value)) {
    former_.erase(key);
    remember_();
  }
}

void Settings::restore(int device, Setting setting) {
  const auto found = former_.find({device, setting});
  if (found == former_.end()) {
    return;
  }
  // A device that has gone took its setting with it.
  static_cast<void>(kernel_.set(device, setting, found->second));
  former_.erase(found);
  remember_();
}

void Settings::restoreAll() {
  while (!former_.empty()) {
    const auto [device, setting] = former_.begin()->first;
    restore(device, setting);
  }
}

std::vector<FormerSetting> Settings::all() const {
  std::vector<FormerSetting> result;
  for (const auto& [key, value] : former_) {
    result.push_back({key.first, key.second, value});
  }
  return result;
}

void Settings::recall(const std::vector<FormerSetting>& former) {
  for (const FormerSetting& one : former) {
    former_.emplace(Key(one.device, one.setting), one.value);
  }
}

}  // namespace holdfast::privd
