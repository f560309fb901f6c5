#include "privd/broker/sealed_values.h"

#include <algorithm>
#include <string>

namespace holdfast::privd {
namespace {

constexpr std::uint32_t kMaxTrackGroups = 65'536;

}  // namespace

bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f; });
}

bool validUnicast(const IpAddress& address) {
  return !address.isUnspecified() && !address.isMulticast() &&
         address != *IpAddress::parse("255.255.255.255");
}

Result<AddressFamily> readFamily(schema::Family family) {
  switch (family) {
    case schema::Family::IPV4:
      return AddressFamily::kIpv4;
    case schema::Family::IPV6:
      return AddressFamily::kIpv6;
  }
  return Error{"unknown address family"};
}

Result<IpAddress> readAddress(schema::Address::Reader address) {
  const Result<AddressFamily> family = readFamily(address.getFamily());
  if (!family) {
    return family.error();
  }
  if (*family == AddressFamily::kIpv4 &&
      (address.getHigh() != 0 || address.getLow() > 0xffffffff)) {
    return Error{"an IPv4 address of more than 32 bits"};
  }
  return IpAddress::fromHalves(*family, address.getHigh(), address.getLow());
}

Result<IpAddress> readUnicast(schema::Address::Reader address, AddressFamily family,
                              const char* what) {
  const Result<IpAddress> read = readAddress(address);
  if (!read || read->family != family || !validUnicast(*read)) {
    return Error{std::string(what) + " is not a unicast address of the right family"};
  }
  return read;
}

Status readPrefix(schema::Address::Reader address, std::uint8_t length, AddressFamily family,
                  std::optional<IpAddress>& out) {
  const Result<IpAddress> read = readAddress(address);
  if (!read || read->family != family) {
    return Error{"a prefix is not of the right family"};
  }
  if (length > 8 * read->size()) {
    return Error{"prefix length out of range"};
  }
  out = *read;
  return success();
}

Status readInterface(bool isThere, std::uint32_t index, std::size_t interfaces,
                     std::optional<InterfaceId>& out) {
  if (isThere && index >= interfaces) {
    return Error{"it names an interface that does not exist"};
  }
  out = valueIf(isThere, static_cast<InterfaceId>(index));
  return success();
}

Status readTrackGroup(bool isThere, std::uint32_t index, std::optional<TrackGroupId>& out) {
  if (isThere && index >= kMaxTrackGroups) {
    return Error{"it names a track group that cannot be"};
  }
  out = valueIf(isThere, static_cast<TrackGroupId>(index));
  return success();
}

}  // namespace holdfast::privd
