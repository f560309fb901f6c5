#include "privd/supervisor/log_reader.h"

#include <capnp/message.h>

#include <algorithm>
#include <utility>

#include "ipc/kj_edge.h"
#include "ipc/log.h"
#include "ipc/schemas/messages.capnp.h"

namespace holdfast::supervisor {
namespace {

constexpr int kLinesInATurn = 64;
constexpr int kLinesAtOnce = 1024;
constexpr Duration kReportInterval = std::chrono::minutes(1);

}  // namespace

LogReader::LogReader(EventLoop& loop, Channel channel, std::string ident, pid_t pid,
                     Consumer consumer, std::function<void()> broken, std::optional<LogRate> rate)
    : loop_(loop),
      channel_(std::move(channel)),
      ident_(std::move(ident)),
      pid_(pid),
      consumer_(std::move(consumer)),
      broken_(std::move(broken)),
      rate_(rate),
      nextLook_(loop, [this](TimePoint, Duration) { readSome(kLinesAtOnce); }) {}

LogReader::~LogReader() {
  close();
}

Status LogReader::watch() {
  return loop_.addReader(channel_.fd(), Turn::kRest, [this] { readSome(kLinesInATurn); });
}

void LogReader::drain() {
  if (channel_.open()) {
    readSome(kLinesAtOnce);
  }
  reportSuppressed();
}

void LogReader::close() {
  nextLook_.disarm();
  if (channel_.open()) {
    loop_.removeReader(channel_.fd());
    channel_.close();
  }
}

void LogReader::readSome(int lines) {
  const std::uint64_t before = suppressed_;
  for (int i = 0; i < lines && readOne(); ++i) {
  }
  if (suppressed_ != before) {
    slowDown();
  } else if (isSlow_) {
    speedUp();
  }
}

bool LogReader::readOne() {
  Received received;
  channel_.receive(received);
  switch (received.kind) {
    case Received::Kind::kMessage:
      if (!received.fd && consume(received)) {
        return true;
      }
      break;
    case Received::Kind::kWouldBlock:
      return false;
    case Received::Kind::kEndOfFile:
      close();
      return false;
    case Received::Kind::kMalformed:
      break;
  }
  close();
  broken_();
  return false;
}

void LogReader::slowDown() {
  if (!channel_.open()) {
    return;
  }
  const TimePoint now = EventLoop::now();
  if (!std::exchange(isSlow_, true)) {
    loop_.removeReader(channel_.fd());
    reportedAt_ = now;
  } else if (now - reportedAt_ >= kReportInterval) {
    reportSuppressed();
    reportedAt_ = now;
  }
  nextLook_.arm(now + kSlow);
}

void LogReader::speedUp() {
  reportSuppressed();
  isSlow_ = false;
  if (channel_.open() && !watch()) {
    nextLook_.arm(EventLoop::now() + kSlow);
  }
}

void LogReader::reportSuppressed() {
  if (const std::uint64_t lines = std::exchange(suppressed_, 0); lines != 0) {
    const std::string text = std::to_string(lines) + " lines of " + ident_ +
                             " suppressed: more than " + std::to_string(LogRate::kPerSecond) +
                             " a second";
    consumer_({ident_, pid_, kWarning, 0, text});
  }
}

bool LogReader::consume(const Received& received) {
  const Status read = catchKj("log line", [&]() -> Status {
    const kj::ArrayPtr<const capnp::word> segment(received.segment().data(), received.words);
    capnp::ReaderOptions options;
    options.traversalLimitInWords = kMaxMessageBytes / sizeof(capnp::word);
    options.nestingLimit = 4;
    capnp::SegmentArrayMessageReader reader(kj::arrayPtr(&segment, 1), options);
    const auto line = reader.getRoot<schema::LogLine>();
    const auto text = line.getText();
    const int severity = std::clamp(static_cast<int>(line.getSeverity()), 0, 7);
    pass({ident_, pid_, severity, line.getDetail(),
          std::string_view(text.begin(), std::min<std::size_t>(text.size(), kMaxLogText))},
         line.getDropped());
    return success();
  });
  return read.ok();
}

// `dropped` lines before this one found the socket full.
void LogReader::pass(const LogRecord& record, std::uint32_t dropped) {
  if (isSlow_) {
    suppressed_ += dropped;
  } else if (dropped != 0) {
    const std::string lost = std::to_string(dropped) + " log lines were lost: the log was too slow";
    consumer_({ident_, pid_, kWarning, 0, lost});
  }
  if (rate_ && !rate_->take(EventLoop::now())) {
    ++suppressed_;
    return;
  }
  consumer_(record);
}

}  // namespace holdfast::supervisor
