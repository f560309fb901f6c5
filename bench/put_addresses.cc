// What the kernel alone needs for what a new master does: adds COUNT addresses behind FIRST to an
// interface, in batches, and sends an announcement of each. Prints the seconds.
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr std::uint32_t kBatch = 64;  // as privd's

struct AddAddress {
  nlmsghdr header{};
  ifaddrmsg address{};
  rtattr localHeader{RTA_LENGTH(4), IFA_LOCAL};
  std::uint32_t local = 0;
};

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

void addBatch(int netlink, int index, std::uint32_t first, std::uint32_t count) {
  std::array<AddAddress, kBatch> messages{};
  for (std::uint32_t i = 0; i < count; ++i) {
    AddAddress& message = messages[i];
    message.header.nlmsg_len = sizeof(message);
    message.header.nlmsg_type = RTM_NEWADDR;
    message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_ACK;
    message.address.ifa_family = AF_INET;
    message.address.ifa_prefixlen = 32;
    message.address.ifa_index = static_cast<unsigned>(index);
    message.local = htonl(first + i);
  }
  if (::send(netlink, messages.data(), count * sizeof(AddAddress), 0) < 0) {
    fail("netlink");
  }
  std::array<char, 65536> answers;
  for (std::uint32_t answered = 0; answered < count;) {
    const ssize_t size = ::recv(netlink, answers.data(), answers.size(), 0);
    if (size < 0) {
      fail("netlink");
    }
    for (std::size_t at = 0; at + NLMSG_HDRLEN <= static_cast<std::size_t>(size);) {
      auto* header = reinterpret_cast<nlmsghdr*>(answers.data() + at);
      at += NLMSG_ALIGN(header->nlmsg_len);
      ++answered;
      if (static_cast<nlmsgerr*>(NLMSG_DATA(header))->error != 0) {
        std::fputs("an address cannot be added\n", stderr);
        std::exit(1);
      }
    }
  }
}

void announce(int packet, const sockaddr_ll& to, std::uint32_t address) {
  std::array<std::uint8_t, 42> frame{};
  std::fill_n(frame.begin(), 6, std::uint8_t{0xff});
  const std::array<std::uint8_t, 10> arpRequest{0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 1};
  std::copy(arpRequest.begin(), arpRequest.end(), frame.begin() + 12);
  const std::uint32_t bytes = htonl(address);
  std::memcpy(frame.data() + 28, &bytes, sizeof(bytes));
  std::memcpy(frame.data() + 38, &bytes, sizeof(bytes));
  if (::sendto(packet, frame.data(), frame.size(), 0, reinterpret_cast<const sockaddr*>(&to),
               sizeof(to)) < 0) {
    fail("frame");
  }
}

}  // namespace

int main(int argc, char** argv) {
  in_addr first{};
  if (argc != 4 || ::inet_aton(argv[2], &first) == 0) {
    std::fputs("usage: put_addresses INTERFACE FIRST COUNT\n", stderr);
    return 2;
  }
  const auto count = static_cast<std::uint32_t>(std::atoi(argv[3]));
  const std::uint32_t begin = ntohl(first.s_addr);
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = static_cast<int>(::if_nametoindex(argv[1]));
  const int netlink = ::socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  const int packet = ::socket(AF_PACKET, SOCK_RAW, 0);
  if (netlink < 0 || packet < 0 || to.sll_ifindex == 0) {
    fail("socket or interface");
  }
  const auto start = std::chrono::steady_clock::now();
  for (std::uint32_t done = 0; done < count; done += kBatch) {
    addBatch(netlink, to.sll_ifindex, begin + done, std::min(kBatch, count - done));
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    announce(packet, to, begin + i);
  }
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
  std::printf("%f\n", passed.count());
  return 0;
}
