#include "scriptd/output_pipe.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace holdfast::scriptd {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} * 1024;  // what a pipe holds

}  // namespace

OutputPipe::OutputPipe(EventLoop& loop, UniqueFd readEnd, OutputFilter::Line line)
    : loop_(loop), fd_(std::move(readEnd)), line_(std::move(line)) {}

OutputPipe::~OutputPipe() {
  loop_.removeReader(fd_.get());
}

Status OutputPipe::watch() {
  return loop_.addReader(fd_.get(), Turn::kRest, [this] { readable(); });
}

OutputPipe::Read OutputPipe::readOnce() {
  static std::array<char, kReadBytes> buffer;
  const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
  if (got < 0) {
    return errno == EAGAIN || errno == EINTR ? Read::kNothing : Read::kEnd;
  }
  if (got > 0 && !finished_) {
    filter_.feed({buffer.data(), static_cast<std::size_t>(got)}, line_);
  }
  return got > 0 ? Read::kSome : Read::kEnd;
}

void OutputPipe::readable() {
  if (readOnce() != Read::kEnd) {
    return;
  }
  atEnd_ = true;
  loop_.removeReader(fd_.get());
  if (finished_) {
    const std::function<void()> closed = std::move(closed_);
    closed();
  }
}

bool OutputPipe::finish(std::function<void()> closed) {
  Read last = Read::kSome;
  for (int reads = 0; reads < 2 && !atEnd_ && last == Read::kSome; ++reads) {
    last = readOnce();
  }
  filter_.finish(line_);
  finished_ = true;
  closed_ = std::move(closed);
  return !atEnd_ && last != Read::kEnd;
}

}  // namespace holdfast::scriptd
