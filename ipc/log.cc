#include "ipc/log.h"

#include <capnp/generated-header-support.h>
#include <capnp/message.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace holdfast {
namespace {

// Root pointer, LogLine, and the text with its terminating NUL.
constexpr std::size_t kMaxWords =
    1 + capnp::sizeInWords<schema::LogLine>() + (kMaxLogText + 1 + 7) / sizeof(capnp::word);

}  // namespace

void Log::write(Severity severity, std::uint8_t detail, std::string_view text) {
  if (detail > mostDetail_) {
    return;
  }
  const std::size_t size = std::min(text.size(), kMaxLogText);
  std::array<capnp::word, kMaxWords> words{};
  capnp::MallocMessageBuilder builder(kj::arrayPtr(words.data(), words.size()));
  auto line = builder.initRoot<schema::LogLine>();
  line.setSeverity(severity);
  line.setDetail(detail);
  line.setDropped(dropped_);
  std::memcpy(line.initText(static_cast<unsigned>(size)).begin(), text.data(), size);
  const auto segment = builder.getSegmentsForOutput()[0].asBytes();
  if (::send(fd_, segment.begin(), segment.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
    ++dropped_;
    ++droppedEver_;
    return;
  }
  dropped_ = 0;
}

}  // namespace holdfast
