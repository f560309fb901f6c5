// The expressions of rules of nftables, and the attributes that its messages have in common.
#pragma once

#include <linux/netfilter/nf_tables.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "ipc/ip_address.h"
#include "privd/broker/message_writer.h"

namespace holdfast::privd {

// NFPROTO_*
[[nodiscard]] std::uint8_t protocolOf(AddressFamily family);

void putText(MessageWriter& message, int type, std::string_view text);
void putNumber(MessageWriter& message, int type, std::uint32_t number);
void putData(MessageWriter& message, int type, std::span<const std::uint8_t> bytes);

void expression(MessageWriter& message, const char* name, const std::function<void()>& data);
void loadPayload(MessageWriter& message, std::uint32_t base, std::uint32_t offset,
                 std::uint32_t bytes, std::uint32_t reg = NFT_REG_1);
void loadMeta(MessageWriter& message, std::uint32_t key, std::uint32_t reg);
void translate(MessageWriter& message, const char* map, std::uint32_t reg);
void lookUp(MessageWriter& message, const char* set);
void compare(MessageWriter& message, std::span<const std::uint8_t> with);
void mask(MessageWriter& message, std::span<const std::uint8_t> bits);
void verdict(MessageWriter& message, int code, const char* chain = nullptr);

}  // namespace holdfast::privd
