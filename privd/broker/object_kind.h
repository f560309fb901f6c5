// What each kind of kernel object says of itself, for object.cc and NetlinkBatch. One file for each
// kind: address_object.cc, route_object.cc, rule_object.cc.
//
//   devicesOf    without these it cannot be
//   hasPlace     they are there
//   isGone       whether an answer to its removal says that it is not there (any more)
//   nounOf       "route ", "rule "; empty for an address, which shows what it is
//   textOf       as it is written after `ip address add` and its like
//   placeOf      the device that it is on, for "on eth0"; empty where the text says so itself
//   adviceAbout  what can be done about a refusal; empty where that is not known
//   byHand       what it does there, and how to remove it by hand
//   messageFor   the request that puts or removes it
#pragma once

#include <string>
#include <vector>

#include "privd/broker/message_writer.h"
#include "privd/broker/object.h"

namespace holdfast::privd {

[[nodiscard]] std::vector<InterfaceId> devicesOf(const VirtualAddress& address);
[[nodiscard]] bool hasPlace(const VirtualAddress& address, const Devices& devices);
[[nodiscard]] bool isGone(const VirtualAddress& address, int error);
[[nodiscard]] const char* nounOf(const VirtualAddress& address);
[[nodiscard]] std::string textOf(const VirtualAddress& address, const Devices& devices);
[[nodiscard]] std::string placeOf(const VirtualAddress& address, const Devices& devices);
[[nodiscard]] std::string adviceAbout(const VirtualAddress& address, const Devices& devices,
                                      int error);
[[nodiscard]] std::string byHand(const VirtualAddress& address, const Devices& devices);
[[nodiscard]] MessageWriter messageFor(Change change, const VirtualAddress& address,
                                       const Devices& devices);

[[nodiscard]] std::vector<InterfaceId> devicesOf(const Route& route);
[[nodiscard]] bool hasPlace(const Route& route, const Devices& devices);
[[nodiscard]] bool isGone(const Route& route, int error);
[[nodiscard]] const char* nounOf(const Route& route);
[[nodiscard]] std::string textOf(const Route& route, const Devices& devices);
[[nodiscard]] std::string placeOf(const Route& route, const Devices& devices);
[[nodiscard]] std::string adviceAbout(const Route& route, const Devices& devices, int error);
[[nodiscard]] std::string byHand(const Route& route, const Devices& devices);
[[nodiscard]] MessageWriter messageFor(Change change, const Route& route, const Devices& devices);

[[nodiscard]] std::vector<InterfaceId> devicesOf(const Rule& rule);
[[nodiscard]] bool hasPlace(const Rule& rule, const Devices& devices);
[[nodiscard]] bool isGone(const Rule& rule, int error);
[[nodiscard]] const char* nounOf(const Rule& rule);
[[nodiscard]] std::string textOf(const Rule& rule, const Devices& devices);
[[nodiscard]] std::string placeOf(const Rule& rule, const Devices& devices);
[[nodiscard]] std::string adviceAbout(const Rule& rule, const Devices& devices, int error);
[[nodiscard]] std::string byHand(const Rule& rule, const Devices& devices);
[[nodiscard]] MessageWriter messageFor(Change change, const Rule& rule, const Devices& devices);

}  // namespace holdfast::privd
