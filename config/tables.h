// The keyword tables: config/tables/ has a file for each kind of block.
#pragma once

#include "config/table.h"

namespace holdfast::config {

[[nodiscard]] const Table& rootTable();
[[nodiscard]] const Table& globalTable();
[[nodiscard]] const Table& scriptTable();
[[nodiscard]] const Table& instanceTable();
[[nodiscard]] const Table& virtualServerGroupTable();
[[nodiscard]] const Table& virtualServerTable();
[[nodiscard]] const Table& realServerTable();
[[nodiscard]] const Table& sslTable();
[[nodiscard]] const Table& syncGroupTable();
[[nodiscard]] const Table& trackGroupTable();
[[nodiscard]] const Table& trackFileTable();
[[nodiscard]] const Table& trackProcessTable();
[[nodiscard]] const Table& bfdTable();
[[nodiscard]] const Table& garpGroupTable();
[[nodiscard]] const Table& hmacKeyTable();

// Of the source level: they are listed here, and read there.
[[nodiscard]] const Table& directiveTable();
[[nodiscard]] const Table& definitionTable();

// Health checks.
[[nodiscard]] const Table& tcpCheckTable();
[[nodiscard]] const Table& pingCheckTable();
[[nodiscard]] const Table& udpCheckTable();
[[nodiscard]] const Table& httpCheckTable();
[[nodiscard]] const Table& sslCheckTable();
[[nodiscard]] const Table& httpUrlTable();
[[nodiscard]] const Table& sslUrlTable();
[[nodiscard]] const Table& smtpCheckTable();
[[nodiscard]] const Table& smtpHostTable();
[[nodiscard]] const Table& dnsCheckTable();
[[nodiscard]] const Table& miscCheckTable();
[[nodiscard]] const Table& fileCheckTable();
[[nodiscard]] const Table& bfdCheckTable();

// Lines in lists.
[[nodiscard]] const Table& recipientLineTable();
[[nodiscard]] const Table& addressLineTable();
[[nodiscard]] const Table& unicastPeerLineTable();
[[nodiscard]] const Table& trackLineTable();
[[nodiscard]] const Table& groupLineTable();
[[nodiscard]] const Table& routeLineTable();
[[nodiscard]] const Table& ruleLineTable();
[[nodiscard]] const Table& linkbeatLineTable();
[[nodiscard]] const Table& delayLineTable();

// A name alone.
[[nodiscard]] const Table& nameTable();

// Options of options.
[[nodiscard]] const Table& nextHopTable();
[[nodiscard]] const Table& encapsulationTable();

}  // namespace holdfast::config
