#include "checkd/http_request.h"

namespace holdfast::checkd {
namespace {

std::string hostOf(const Connection& to) {
  const bool isIpv6 = to.address.family == AddressFamily::kIpv6;
  const std::string address = to.address.toString();
  return (isIpv6 ? "[" + address + "]" : address) + ":" + std::to_string(to.port);
}

}  // namespace

std::string httpRequest(HttpProtocol protocol, std::string_view path, std::string_view host,
                        const Connection& to) {
  std::string request = "GET ";
  request += path;
  request += protocol == HttpProtocol::kHttp11 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n";
  request += "User-Agent: KeepAliveClient\r\n";
  if (protocol != HttpProtocol::kHttp10) {
    request += "Connection: close\r\n";
  }
  request += "Host: ";
  request += host.empty() ? hostOf(to) : std::string(host);
  request += "\r\n\r\n";
  return request;
}

}  // namespace holdfast::checkd
