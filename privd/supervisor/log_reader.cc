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
constexpr int kLinesAtTheEnd = 1024;

}  // namespace

LogReader::LogReader(EventLoop& loop, Channel channel, std::string ident, pid_t pid,
                     Consumer consumer, std::function<void()> broken)
    : loop_(loop),
      channel_(std::move(channel)),
      ident_(std::move(ident)),
      pid_(pid),
      consumer_(std::move(consumer)),
      broken_(std::move(broken)) {}

LogReader::~LogReader() {
  close();
}

Status LogReader::watch() {
  return loop_.addReader(channel_.fd(), Turn::kRest, [this] { readSome(kLinesInATurn); });
}

void LogReader::drain() {
  if (channel_.open()) {
    readSome(kLinesAtTheEnd);
  }
}

void LogReader::close() {
  if (channel_.open()) {
    loop_.removeReader(channel_.fd());
    channel_.close();
  }
}

void LogReader::readSome(int lines) {
  Received received;
  for (int i = 0; i < lines; ++i) {
    channel_.receive(received);
    if (received.kind == Received::Kind::kWouldBlock) {
      return;
    }
    if (received.kind == Received::Kind::kEndOfFile) {
      close();
      return;
    }
    if (received.kind == Received::Kind::kMalformed || received.fd || !consume(received)) {
      close();
      broken_();
      return;
    }
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
    if (line.getDropped() != 0) {
      const std::string lost =
          std::to_string(line.getDropped()) + " log lines were lost: the log was too slow";
      consumer_({ident_, pid_, kWarning, 0, lost});
    }
    consumer_({ident_, pid_, severity, line.getDetail(),
               std::string_view(text.begin(), std::min<std::size_t>(text.size(), kMaxLogText))});
    return success();
  });
  return read.ok();
}

}  // namespace holdfast::supervisor
