// What a web server answers: the same comes out however the bytes are cut.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "checkd/http_reply.h"

namespace {

using holdfast::checkd::HttpReply;

std::string read(HttpReply& reply, std::span<const std::uint8_t> bytes, std::size_t piece) {
  std::string body;
  while (!bytes.empty()) {
    const auto taken = bytes.first(std::min(piece, bytes.size()));
    const auto part = reply.feed(taken);
    body.append(reinterpret_cast<const char*>(part.data()), part.size());
    bytes = bytes.subspan(taken.size());
  }
  reply.end();
  return body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  HttpReply pieces;
  HttpReply whole;
  const std::string body = read(pieces, {data + 1, size - 1}, std::size_t{data[0]} + 1);
  if (body != read(whole, {data + 1, size - 1}, size) || pieces.state() != whole.state() ||
      pieces.status() != whole.status() || pieces.header() != whole.header() ||
      whole.state() == HttpReply::State::kHeader || whole.state() == HttpReply::State::kBody ||
      whole.why().size() > 200) {
    std::abort();
  }
  return 0;
}
