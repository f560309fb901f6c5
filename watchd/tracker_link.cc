#include "watchd/tracker_link.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace holdfast::watchd {

using Kind = schema::WatchEvent::Kind;

TrackerLink::TrackerLink(EventLoop& loop, Log& log, const char* peer,
                         std::function<void()> misbehaved)
    : channel_(loop, log, {.peer = peer},
               {.message = [this](Received& received) { return serve(received); },
                .gone = [] {},
                .misbehaved = std::move(misbehaved)}) {}

void TrackerLink::configure(Generation generation, std::size_t files, std::size_t processes) {
  generation_ = generation;
  files_ = files;
  for (std::size_t i = 0; i < files; ++i) {
    news_.push_back({.kind = Kind::FILE, .object = static_cast<std::uint32_t>(i)});
  }
  for (std::size_t i = 0; i < processes; ++i) {
    news_.push_back({.kind = Kind::PROCESSES, .object = static_cast<std::uint32_t>(i)});
  }
  news_.push_back({.kind = Kind::HELLO_END, .number = 0});
}

void TrackerLink::attach(UniqueFd channel) {
  channel_.attach(std::move(channel));
  isGreeted_ = false;
}

bool TrackerLink::serve(const Received& received) {
  const Decoded<schema::WatchRequest> decoded(received.segment());
  if (!decoded || received.fd || decoded.root().getVerb() != schema::WatchRequest::Verb::HELLO) {
    return false;
  }
  isGreeted_ = true;
  for (News& news : news_) {
    news.isUnsaid = news.number.has_value();
  }
  flush();
  return true;
}

void TrackerLink::tellFile(std::size_t file, std::int32_t number) {
  tell(news_[file], number, false);
}

void TrackerLink::tellProcesses(std::size_t monitor, std::uint32_t count, bool byFork) {
  constexpr std::uint32_t kMost = std::numeric_limits<std::int32_t>::max();
  tell(news_[files_ + monitor], static_cast<std::int32_t>(std::min(count, kMost)), byFork);
}

void TrackerLink::tell(News& news, std::int32_t number, bool byFork) {
  news.number = number;
  news.byFork = byFork;
  news.isUnsaid = true;
  flush();
}

void TrackerLink::flush() {
  if (!isGreeted_ || !channel_.open()) {
    return;
  }
  for (News& news : news_) {
    if (!news.isUnsaid) {
      continue;
    }
    const SendOutcome outcome = send(news);
    if (outcome == SendOutcome::kFull) {
      channel_.onceWritable([this] { flush(); });
    }
    if (outcome != SendOutcome::kSent) {
      return;
    }
    news.isUnsaid = false;
  }
}

SendOutcome TrackerLink::send(const News& news) {
  MessageBuffer<schema::WatchEvent> message;
  auto event = message.root();
  event.setKind(news.kind);
  event.setByFork(news.byFork);
  event.setGeneration(static_cast<std::uint32_t>(generation_));
  event.setObject(news.object);
  event.setNumber(*news.number);
  return channel_.send(message);
}

}  // namespace holdfast::watchd
