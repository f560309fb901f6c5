// The least that any daemon can need from the expiry of a timer to a frame on the wire: waits for a
// timerfd, and sends one frame. Prints by how many milliseconds the kernel saw the frame leave
// after the deadline, COUNT times.
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <net/if.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDelay = 20'000'000;

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

std::int64_t nanoseconds(const timespec& time) {
  return time.tv_sec * kSecond + time.tv_nsec;
}

std::int64_t now() {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME, &time);
  return nanoseconds(time);
}

// When the kernel handed the last frame to the device.
std::int64_t departure(int packet) {
  pollfd wait{packet, 0, 0};
  std::array<char, 256> frame;
  alignas(cmsghdr) std::array<char, 256> control;
  iovec vector{frame.data(), frame.size()};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (::poll(&wait, 1, 1000) != 1 || ::recvmsg(packet, &message, MSG_ERRQUEUE) < 0) {
    fail("time stamp");
  }
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_TIMESTAMPING) {
      timespec stamp{};
      std::memcpy(&stamp, CMSG_DATA(part), sizeof(stamp));
      return nanoseconds(stamp);
    }
  }
  std::fputs("the device gives no time stamp\n", stderr);
  std::exit(1);
}

double once(int epoll, int timer, int packet, const sockaddr_ll& to) {
  const std::int64_t deadline = now() + kDelay;
  const itimerspec setting{{}, {deadline / kSecond, deadline % kSecond}};
  ::timerfd_settime(timer, TFD_TIMER_ABSTIME, &setting, nullptr);
  epoll_event event{};
  if (::epoll_wait(epoll, &event, 1, -1) != 1) {
    fail("epoll_wait");
  }
  std::array<std::uint8_t, 60> frame{};
  std::fill_n(frame.begin(), 6, std::uint8_t{0xff});
  frame[12] = ETH_P_ARP >> 8;
  frame[13] = ETH_P_ARP & 0xff;
  if (::sendto(packet, frame.data(), frame.size(), 0, reinterpret_cast<const sockaddr*>(&to),
               sizeof(to)) < 0) {
    fail("frame");
  }
  return static_cast<double>(departure(packet) - deadline) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: timer_to_frame INTERFACE COUNT\n", stderr);
    return 2;
  }
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = static_cast<int>(::if_nametoindex(argv[1]));
  const int packet = ::socket(AF_PACKET, SOCK_RAW, 0);
  const int timer = ::timerfd_create(CLOCK_REALTIME, 0);
  const int epoll = ::epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  const int stamps = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  if (packet < 0 || timer < 0 || ::epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event) != 0 ||
      ::setsockopt(packet, SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof(stamps)) != 0) {
    fail("socket or timer");
  }
  for (int i = 0; i < std::atoi(argv[2]); ++i) {
    std::printf("%f\n", once(epoll, timer, packet, to));
  }
  return 0;
}
