// A sealed configuration of any content: it is validated, or refused without an exception. What is
// accepted can be told to the kernel.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <variant>
#include <vector>

#include "privd/broker/configuration.h"
#include "privd/broker/netlink_codec.h"
#include "tests/fuzz/sealed_input.h"

using namespace holdfast;

namespace {

// Every interface of the configuration, and no other.
class Everywhere final : public privd::Devices {
 public:
  explicit Everywhere(std::size_t count) : count_(count) {}
  [[nodiscard]] int indexOf(InterfaceId id) const override {
    if (holdfast::indexOf(id) >= count_) {
      std::abort();
    }
    return 2;
  }
  [[nodiscard]] const std::string& nameOf(InterfaceId id) const override {
    static_cast<void>(indexOf(id));
    return name_;
  }
  [[nodiscard]] std::uint32_t tableOf(InterfaceId vrf) const override {
    return static_cast<std::uint32_t>(indexOf(vrf));
  }

 private:
  std::size_t count_;
  std::string name_ = "e0";
};

template <typename Object>
void encodeAll(const std::vector<Object>& objects, const privd::Devices& devices) {
  for (const Object& object : objects) {
    const privd::Placement placement{&object, &devices};
    privd::NetlinkBatch batch;
    batch.change(privd::Change::kAdd, placement, 1);
    batch.change(privd::Change::kRemove, placement, 2);
    if (batch.bytes().empty() || cannotSet(placement, 1).empty()) {
      std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  readSealedInput<schema::BrokerConfig>(data, size, [](schema::BrokerConfig::Reader from) {
    const auto read = privd::readConfiguration(from);
    if (const auto* config = std::get_if<privd::Configuration>(&read)) {
      const Everywhere devices(config->interfaces.size());
      for (const privd::Instance& instance : config->instances) {
        encodeAll(instance.addresses, devices);
        encodeAll(instance.routes, devices);
        encodeAll(instance.rules, devices);
      }
      encodeAll(config->staticAddresses, devices);
      encodeAll(config->staticRoutes, devices);
      encodeAll(config->staticRules, devices);
    }
  });
  return 0;
}
