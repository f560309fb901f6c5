#include "ipc/watch_link.h"

#include <utility>

namespace holdfast {

WatchLink::WatchLink(EventLoop& loop, Log& log, Handlers handlers)
    : handlers_(std::move(handlers)),
      channel_(loop, log, {.peer = "watchd"},
               {.message = [this](Received& received) { return serve(received); },
                .gone =
                    [&log] {
                      log.warning(
                          "watchd is gone: what it said of files and processes stays until "
                          "it is back");
                    },
                .misbehaved = [this] { handlers_.misbehaved(); }}) {}

void WatchLink::attach(UniqueFd channel) {
  channel_.attach(std::move(channel));
  if (listens_) {
    hello();
  }
}

void WatchLink::listen() {
  listens_ = true;
  hello();
}

void WatchLink::hello() {
  MessageBuffer<schema::WatchRequest> message;
  message.root().setVerb(schema::WatchRequest::Verb::HELLO);
  message.root().setGeneration(static_cast<std::uint32_t>(generation_));
  // The first message of a channel always fits.
  if (channel_.open() && channel_.send(message) == SendOutcome::kClosed) {
    channel_.close();
  }
}

bool WatchLink::serve(const Received& received) {
  const Decoded<schema::WatchEvent> decoded(received.segment());
  if (!decoded || received.fd) {
    return false;
  }
  const auto event = decoded.root();
  if (static_cast<Generation>(event.getGeneration()) != generation_) {
    return true;
  }
  switch (event.getKind()) {
    case schema::WatchEvent::Kind::FILE:
      handlers_.file(idAt<TrackFileId>(event.getObject()), event.getNumber());
      return true;
    case schema::WatchEvent::Kind::PROCESSES:
      if (event.getNumber() < 0) {
        return false;
      }
      handlers_.processes(idAt<TrackProcessId>(event.getObject()),
                          static_cast<std::uint32_t>(event.getNumber()), event.getByFork());
      return true;
    case schema::WatchEvent::Kind::HELLO_END:
      return true;
  }
  return false;
}

}  // namespace holdfast
