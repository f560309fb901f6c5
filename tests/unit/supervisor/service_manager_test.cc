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

// The other end of an abstract socket.
class Listener {
 public:
  Listener() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name_.data() + 1, name_.size() - 1);
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
  }

  [[nodiscard]] const std::string& name() const { return name_; }
  // The next message, or nothing where none has come.
  [[nodiscard]] std::string next() const {
    std::array<char, 256> text{};
    const ssize_t size = ::recv(socket_.get(), text.data(), text.size(), MSG_DONTWAIT);
    return size < 0 ? std::string() : std::string(text.data(), static_cast<std::size_t>(size));
  }

 private:
  std::string name_ = "@holdfast-test-" + std::to_string(::getpid());
  UniqueFd socket_;
};

TEST(ServiceManager, SpeaksToAnAbstractSocket) {
  const Listener listener;
  const ServiceManager manager(listener.name());
  manager.ready("running");
  EXPECT_EQ(listener.next(), "READY=1\nMAINPID=" + std::to_string(::getpid()) + "\nSTATUS=running");
}

TEST(ServiceManager, AStatusIsNoOtherAssignment) {
  const Listener listener;
  const ServiceManager manager(listener.name());
  manager.status("it failed\nREADY=1\nMAINPID=1\r\x7f");
  EXPECT_EQ(listener.next(), "STATUS=it failed?READY=1?MAINPID=1??");
  manager.ready("a\nb");
  EXPECT_TRUE(listener.next().ends_with("\nSTATUS=a?b"));
}

TEST(ServiceManager, GivesASignOfLifeWhereOneIsWanted) {
  const Listener listener;
  ServiceManager(listener.name()).alive();
  EXPECT_EQ(listener.next(), "");
  ServiceManager(listener.name(), std::chrono::seconds(30)).alive();
  EXPECT_EQ(listener.next(), "WATCHDOG=1");
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
