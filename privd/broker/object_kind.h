// What each kind of kernel object says of itself, for object.cc and NetlinkBatch. One file for each
// kind: address_object.cc.
#pragma once

#include <string>
#include <vector>

#include "privd/broker/message_writer.h"
#include "privd/broker/object.h"

namespace holdfast::privd {

[[nodiscard]] std::vector<InterfaceId> devicesOf(const VirtualAddress& address);
[[nodiscard]] bool isGone(const VirtualAddress& address, int error);
[[nodiscard]] std::string textOf(const VirtualAddress& address, const Devices& devices);
// The device that it is on, for "on eth0"; empty where the text says so itself.
[[nodiscard]] std::string placeOf(const VirtualAddress& address, const Devices& devices);
// What can be done about a refusal; empty where that is not known.
[[nodiscard]] std::string adviceAbout(const VirtualAddress& address, const Devices& devices,
                                      int error);
[[nodiscard]] std::string byHand(const VirtualAddress& address, const Devices& devices);
[[nodiscard]] MessageWriter messageFor(Change change, const VirtualAddress& address,
                                       const Devices& devices);

}  // namespace holdfast::privd
