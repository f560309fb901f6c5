// What every health check has, and what those have that talk to a server.
#pragma once

#include <array>

#include "config/field.h"
#include "config/table.h"
#include "config/tables/timing.h"
#include "ipc/schemas/lvs_config.capnp.h"

namespace holdfast::config {

// ADDRESS, into the row of the keyword.
void readCheckAddress(Context& context, Block& check, Cursor& cursor);
// INTERFACE, into bind_if.
void readCheckInterface(Context& context, Block& check, Cursor& cursor);

// clang-format off
// Those that every check has. A kind's own habits hold where nothing around says otherwise.
constexpr std::array<Row, 6> checkingRows(std::string_view retry, Otherwise delayBeforeRetry) {
  return {{
    {"alpha", takes::onOff(), from("alpha"), {to<&schema::Checker::Builder::setAlpha>()},
     "it has failed until it has succeeded"},
    {"retry", takes::number(), from("retry", value(retry)), {to<&schema::Checker::Builder::setRetry>()},
     "further attempts before it has failed"},
    {"delay_before_retry", kDelay, from("delay_before_retry", delayBeforeRetry), {to<&schema::Checker::Builder::setDelayBeforeRetryNs>()},
     "from a failure to the next attempt"},
    {"warmup", kDelay, from("warmup", as("delay_loop")), {to<&schema::Checker::Builder::setWarmupNs>()},
     "the first check comes after a random time up to this"},
    {"delay_loop", kLoop, from("delay_loop"), {to<&schema::Checker::Builder::setDelayLoopNs>()},
     "from one check to the next"},
    {"log_all_failures", takes::onOff(), from("checker_log_all_failures"), {to<&schema::Checker::Builder::setLogAllFailures>()},
     "say each attempt that failed, not only the last one"},
  }};
}
inline constexpr auto kCheckingRows = checkingRows("1", value("1"));

inline constexpr std::array<Row, 7> kConnectingRows = {{
    {"connect_ip", takes::custom(readCheckAddress, "ADDRESS"), from("address"), {to<&schema::Connection::Builder::initAddress>()},
     "the address that is checked: that of the real server"},
    {"connect_port", takes::number(1, 65535), from("port"), {to<&schema::Connection::Builder::setPort>()},
     "the port that is checked: that of the real server"},
    {"bindto", takes::custom(readCheckAddress, "ADDRESS"), nothing(), {toOptional<&schema::Connection::Builder::initSource, &schema::Connection::Builder::setHasSource>()},
     "the address that it is checked from"},
    {"bind_port", takes::number(1, 65535), nothing(), {to<&schema::Connection::Builder::setSourcePort>()},
     "the port that it is checked from"},
    {"bind_if", takes::custom(readCheckInterface, "INTERFACE"), nothing(), {to<&schema::Connection::Builder::setInterface>()},
     "the interface that it is checked through"},
    {"connect_timeout", kTimeout, from("connect_timeout"), {to<&schema::Connection::Builder::setTimeoutNs>()},
     "how long it waits for an answer"},
    {"fwmark", takes::number(), nothing(), {bySealer()},
     "a mark on the packets that are sent"},
}};
// clang-format on

}  // namespace holdfast::config
