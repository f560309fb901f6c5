#include "checkd/http_request.h"

#include <algorithm>

namespace holdfast::checkd {
namespace {

std::string hostOf(const Connection& to) {
  const bool isIpv6 = to.address.family == AddressFamily::kIpv6;
  const std::string address = to.address.toString();
  return (isIpv6 ? "[" + address + "]" : address) + ":" + std::to_string(to.port);
}

bool namesClient(std::string_view header) {
  constexpr std::string_view kName = "user-agent:";
  return std::ranges::equal(header.substr(0, kName.size()), kName, {}, [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
}

}  // namespace

std::string httpRequest(HttpProtocol protocol, std::string_view path, std::string_view host,
                        const Connection& to, std::span<const std::string> headers) {
  std::string request = "GET ";
  request += path;
  request += protocol == HttpProtocol::kHttp11 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n";
  if (std::ranges::none_of(headers, namesClient)) {
    request += "User-Agent: KeepAliveClient\r\n";
  }
  if (protocol != HttpProtocol::kHttp10) {
    request += "Connection: close\r\n";
  }
  request += "Host: ";
  request += host.empty() ? hostOf(to) : std::string(host);
  request += "\r\n";
  for (const std::string& line : headers) {
    request += line;
    request += "\r\n";
  }
  request += "\r\n";
  return request;
}

}  // namespace holdfast::checkd
