#include "tests/unit/config/sealed_fields.h"

#include <capnp/dynamic.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <charconv>

#include "config/seal/size.h"
#include "ipc/schemas/bfd_config.capnp.h"
#include "ipc/schemas/config.capnp.h"
#include "ipc/schemas/lvs_config.capnp.h"
#include "ipc/schemas/management_config.capnp.h"
#include "ipc/schemas/watch_config.capnp.h"
#include "ipc/sealed.h"
#include "tests/unit/config/compile.h"

namespace holdfast::config {
namespace {

std::string textOf(const capnp::DynamicValue::Reader& value) {
  if (value.getType() == capnp::DynamicValue::STRUCT) {
    const auto fields = value.as<capnp::DynamicStruct>();
    if (fields.getSchema() == capnp::Schema::from<schema::Address>()) {
      const auto address = fields.as<schema::Address>();
      return IpAddress::fromHalves(address.getFamily() == schema::Family::IPV4
                                       ? AddressFamily::kIpv4
                                       : AddressFamily::kIpv6,
                                   address.getHigh(), address.getLow())
          .toString();
    }
  }
  if (value.getType() == capnp::DynamicValue::TEXT) {
    return value.as<capnp::Text>().cStr();
  }
  if (value.getType() == capnp::DynamicValue::DATA) {
    return kj::str(value.as<capnp::Data>().asChars()).cStr();
  }
  return kj::str(value).cStr();
}

// The word at the front of `path`, which loses it and the '.' or '[' behind it.
std::string_view takeName(std::string_view& path) {
  const std::string_view name = path.substr(0, path.find_first_of(".["));
  path.remove_prefix(name.size());
  if (path.starts_with('.')) {
    path.remove_prefix(1);
  }
  return name;
}

std::string follow(capnp::DynamicValue::Reader value, std::string_view path) {
  while (!path.empty()) {
    if (value.getType() == capnp::DynamicValue::LIST) {
      const auto list = value.as<capnp::DynamicList>();
      if (path == "size") {
        return std::to_string(list.size());
      }
      unsigned index = 0;
      const auto [end, error] = std::from_chars(path.data() + 1, path.data() + path.size(), index);
      if (!path.starts_with('[') || error != std::errc{} || index >= list.size()) {
        return "(no element " + std::string(path) + ")";
      }
      value = list[index];
      path.remove_prefix(static_cast<std::size_t>(end - path.data()) + 1);
      path.remove_prefix(path.starts_with('.') ? 1 : 0);
      continue;
    }
    const std::string name(takeName(path));
    const auto fields = value.as<capnp::DynamicStruct>();
    KJ_IF_MAYBE (field, fields.getSchema().findFieldByName(name.c_str())) {
      value = fields.get(*field);
    } else {
      return "(no field " + name + ")";
    }
  }
  return textOf(value);
}

template <typename Schema>
std::string follow(const UniqueFd& fd, std::string_view path) {
  const auto config = SealedConfig<Schema>::map(fd.get());
  return config ? follow(capnp::DynamicStruct::Reader(config->root()), path)
                : config.error().message;
}

}  // namespace

SealedFields::SealedFields(const std::string& text, const std::string& extraUsers)
    : compilation_(std::make_unique<Compilation>(compileText(text, extraUsers))) {
  const Report& report = compilation_->report;
  EXPECT_FALSE(report.refused()) << report.all().back().message << "\n" << text;
  if (!report.refused()) {
    complete(*compilation_);
    Result<SealedPlan> sealed = seal(compilation_->plan);
    EXPECT_TRUE(sealed.ok());
    messages_ = std::move(sealed).value();
    const std::size_t most = mostSealedBytes(compilation_->plan, compilation_->source);
    for (const UniqueFd* message :
         {&messages_.privd, &messages_.vrrpd, &messages_.ipvs, &messages_.checkd}) {
      struct stat status {};
      EXPECT_TRUE(!*message || ::fstat(message->get(), &status) == 0);
      EXPECT_LE(static_cast<std::size_t>(status.st_size), most);
    }
  }
}

std::string SealedFields::at(std::string_view path) const {
  const std::string_view message = takeName(path);
  if (message == "supervisor") {
    return follow<schema::SupervisorConfig>(messages_.supervisor, path);
  }
  if (message == "broker") {
    return follow<schema::BrokerConfig>(messages_.privd, path);
  }
  if (message == "vrrp") {
    return follow<schema::VrrpConfig>(messages_.vrrpd, path);
  }
  if (message == "bfd") {
    return follow<schema::BfdConfig>(messages_.bfdd, path);
  }
  if (message == "ipvs") {
    return follow<schema::IpvsConfig>(messages_.ipvs, path);
  }
  if (message == "checker") {
    return follow<schema::CheckerConfig>(messages_.checkd, path);
  }
  if (message == "management") {
    return follow<schema::ManagementConfig>(messages_.mgmtd, path);
  }
  if (message == "watch") {
    return follow<schema::WatchConfig>(messages_.watchd, path);
  }
  if (message == "scripts" && path == "size") {
    return std::to_string(messages_.scriptds.size());
  }
  if (message == "scripts" && path.starts_with('[')) {
    const std::size_t close = path.find(']');
    const std::size_t index = std::stoul(std::string(path.substr(1, close - 1)));
    path.remove_prefix(std::min(close + 2, path.size()));
    return index < messages_.scriptds.size()
               ? follow<schema::ScriptConfig>(messages_.scriptds[index], path)
               : "(no such identity)";
  }
  return "(no message " + std::string(message) + ")";
}

}  // namespace holdfast::config
