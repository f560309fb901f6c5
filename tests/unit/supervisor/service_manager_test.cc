#include "privd/supervisor/service_manager.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>

namespace holdfast::supervisor {
namespace {

TEST(ServiceManager, SpeaksToAnAbstractSocket) {
  const std::string name = "@holdfast-test-" + std::to_string(::getpid());
  const UniqueFd listener(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data() + 1, name.size() - 1);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);

  const ServiceManager manager(name);
  manager.ready("running");
  std::array<char, 256> text{};
  const ssize_t size = ::recv(listener.get(), text.data(), text.size(), 0);
  ASSERT_GT(size, 0);
  EXPECT_EQ(std::string(text.data(), static_cast<std::size_t>(size)),
            "READY=1\nMAINPID=" + std::to_string(::getpid()) + "\nSTATUS=running");
}

TEST(ServiceManager, IsSilentWithoutASocket) {
  for (const char* bad : {"", "/", "relative", "/no/such/socket"}) {
    const ServiceManager manager{std::string_view(bad)};
    EXPECT_EQ(manager.fd(), -1) << bad;
    manager.stopping();
  }
  const ServiceManager tooLong{std::string("/") + std::string(200, 'x')};
  EXPECT_EQ(tooLong.fd(), -1);
}

}  // namespace
}  // namespace holdfast::supervisor
