#include "vrrpd/authentication.h"

#include <netinet/ip.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace holdfast::vrrpd {
namespace {

constexpr std::uint8_t kLengthField = kAuthHeaderBytes / 4 - 2;  // RFC 2402, 2.2
constexpr std::size_t kSpiOffset = 4;
constexpr std::size_t kSequenceOffset = 8;
constexpr std::size_t kCheckOffset = 12;
constexpr std::size_t kCheckBytes = 12;  // HMAC-MD5-96, RFC 2403
static_assert(kCheckOffset + kCheckBytes == kAuthHeaderBytes);

using CheckValue = std::array<std::uint8_t, kCheckBytes>;
using HeaderBytes = std::array<std::uint8_t, kMaxIpv4HeaderBytes>;

void write16(std::span<std::uint8_t> out, std::size_t offset, std::size_t value) {
  out[offset] = static_cast<std::uint8_t>(value >> 8 & 0xff);
  out[offset + 1] = static_cast<std::uint8_t>(value & 0xff);
}

void write32(std::span<std::uint8_t> out, std::size_t offset, std::uint32_t value) {
  write16(out, offset, value >> 16);
  write16(out, offset + 2, value & 0xffff);
}

std::uint32_t read32(std::span<const std::uint8_t> bytes, std::size_t offset) {
  return static_cast<std::uint32_t>(bytes[offset]) << 24 |
         static_cast<std::uint32_t>(bytes[offset + 1]) << 16 |
         static_cast<std::uint32_t>(bytes[offset + 2]) << 8 | bytes[offset + 3];
}

// An HMAC whose state, which is as good as the key, does not stay on the stack.
class HmacMd5 {
 public:
  explicit HmacMd5(std::span<const std::uint8_t> key) {
    hmac_md5_set_key(&state_, key.size(), key.data());
  }
  ~HmacMd5() { ::explicit_bzero(&state_, sizeof(state_)); }
  HmacMd5(const HmacMd5&) = delete;
  HmacMd5& operator=(const HmacMd5&) = delete;

  void add(std::span<const std::uint8_t> bytes) {
    hmac_md5_update(&state_, bytes.size(), bytes.data());
  }
  [[nodiscard]] CheckValue value() {
    CheckValue value{};
    hmac_md5_digest(&state_, value.size(), value.data());
    return value;
  }

 private:
  hmac_md5_ctx state_{};
};

// What routers on the way change counts as zero (RFC 2402, 3.3.3.1); as keepalived has it, the TTL
// of a multicast datagram is not among that, since it may not be forwarded.
void clearMutable(std::span<std::uint8_t> header, bool isMulticast) {
  header[offsetof(iphdr, tos)] = 0;
  write16(header, offsetof(iphdr, frag_off), 0);
  write16(header, offsetof(iphdr, check), 0);
  if (!isMulticast) {
    header[offsetof(iphdr, ttl)] = 0;
  }
}

CheckValue checkValue(const Secret& key, std::span<const std::uint8_t> clearedIpHeader,
                      std::span<const std::uint8_t> authHeader, std::span<const std::uint8_t> pdu) {
  HmacMd5 hmac(key.bytes());
  hmac.add(clearedIpHeader);
  hmac.add(authHeader.first(kCheckOffset));
  hmac.add(CheckValue{});
  hmac.add(pdu);
  return hmac.value();
}

}  // namespace

bool isEqual(std::span<const std::uint8_t> one, std::span<const std::uint8_t> other) {
  return one.size() == other.size() && memeql_sec(one.data(), other.data(), one.size()) != 0;
}

std::optional<AuthHeaderView> AuthHeaderView::parse(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != kAuthHeaderBytes || bytes[0] != kIpProtocolVrrp || bytes[1] != kLengthField) {
    return std::nullopt;
  }
  return AuthHeaderView(bytes);
}

std::uint32_t AuthHeaderView::securityParameters() const {
  return read32(bytes_, kSpiOffset);
}

std::uint32_t AuthHeaderView::sequence() const {
  return read32(bytes_, kSequenceOffset);
}

bool AuthHeaderView::isSealedWith(const Secret& key, const Envelope& envelope) const {
  HeaderBytes buffer{};
  const auto header = std::span(buffer).first(std::min(envelope.ipHeader.size(), buffer.size()));
  std::ranges::copy(envelope.ipHeader.first(header.size()), header.begin());
  clearMutable(header, envelope.destination.isMulticast());
  const auto pdu = envelope.pdu.first(std::min(envelope.pdu.size(), envelope.statedBytes));
  return isEqual(checkValue(key, header, bytes_, pdu), bytes_.subspan(kCheckOffset));
}

void writeAuthHeader(const Secret& key, const AuthStamp& stamp, const IpAddress& source,
                     const IpAddress& destination, std::span<const std::uint8_t> pdu,
                     std::span<std::uint8_t> out) {
  std::array<std::uint8_t, sizeof(iphdr)> header{};
  header[0] = 0x45;
  write16(header, offsetof(iphdr, tot_len), header.size() + kAuthHeaderBytes + pdu.size());
  write16(header, offsetof(iphdr, id), stamp.identification);
  header[offsetof(iphdr, ttl)] = kMulticastTtl;
  header[offsetof(iphdr, protocol)] = kIpProtocolAuthHeader;
  std::copy_n(source.bytes.begin(), 4, header.begin() + offsetof(iphdr, saddr));
  std::copy_n(destination.bytes.begin(), 4, header.begin() + offsetof(iphdr, daddr));
  clearMutable(header, destination.isMulticast());

  std::ranges::fill(out, std::uint8_t{0});
  out[0] = kIpProtocolVrrp;
  out[1] = kLengthField;
  std::copy_n(source.bytes.begin(), 4, out.begin() + kSpiOffset);
  write32(out, kSequenceOffset, stamp.sequence);
  std::ranges::copy(checkValue(key, header, out, pdu), out.begin() + kCheckOffset);
}

std::uint32_t AuthSequence::next() {
  const std::uint32_t before = std::max(last_, std::exchange(reserved_, 0));
  last_ = before == ~std::uint32_t{0} ? 1 : before + 1;
  return last_;
}

void AuthSequence::heard(std::uint32_t sequence) {
  last_ = sequence;
  reserved_ = 0;
}

void AuthSequence::goOnAfter(std::uint16_t block) {
  last_ = static_cast<std::uint32_t>(block) << 16;
  reserved_ = last_ | 0xffff;
}

}  // namespace holdfast::vrrpd
