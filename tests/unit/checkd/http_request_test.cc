#include "checkd/http_request.h"

#include <gtest/gtest.h>

namespace holdfast::checkd {
namespace {

Connection to(const char* address, std::uint16_t port) {
  Connection connection;
  connection.address = *IpAddress::parse(address);
  connection.port = port;
  return connection;
}

TEST(HttpRequest, AsksInVersion10) {
  EXPECT_EQ(httpRequest(HttpProtocol::kHttp10, "/x", "www.example.org", to("10.0.0.1", 80)),
            "GET /x HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nHost: www.example.org\r\n\r\n");
}

TEST(HttpRequest, AsksForTheConnectionToBeClosed) {
  EXPECT_EQ(
      httpRequest(HttpProtocol::kHttp10Close, "/", "h", to("10.0.0.1", 80)),
      "GET / HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\nHost: h\r\n\r\n");
  EXPECT_EQ(
      httpRequest(HttpProtocol::kHttp11, "/", "h", to("10.0.0.1", 80)),
      "GET / HTTP/1.1\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\nHost: h\r\n\r\n");
}

TEST(HttpRequest, HasHeadersOfItsOwn) {
  const std::vector<std::string> headers = {"X-A: b", "uSER-agent: probe"};
  EXPECT_EQ(httpRequest(HttpProtocol::kHttp10, "/", "h", to("10.0.0.1", 80), headers),
            "GET / HTTP/1.0\r\nHost: h\r\nX-A: b\r\nuSER-agent: probe\r\n\r\n");
}

TEST(HttpRequest, NamesAddressAndPortWhereThereIsNoHost) {
  EXPECT_EQ(httpRequest(HttpProtocol::kHttp10, "/", "", to("10.0.0.1", 80)),
            "GET / HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nHost: 10.0.0.1:80\r\n\r\n");
  EXPECT_EQ(httpRequest(HttpProtocol::kHttp10, "/", "", to("2001:db8::1", 443)),
            "GET / HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nHost: [2001:db8::1]:443\r\n\r\n");
}

}  // namespace
}  // namespace holdfast::checkd
