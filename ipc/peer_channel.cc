#include "ipc/peer_channel.h"

#include <utility>

namespace holdfast {

PeerChannel::PeerChannel(EventLoop& loop, Log& log, Options options, Handlers handlers)
    : loop_(loop), log_(log), options_(std::move(options)), handlers_(std::move(handlers)) {}

void PeerChannel::attach(UniqueFd channel) {
  close();
  channel_ = Channel(std::move(channel));
  if (Status status =
          loop_.addReader(channel_.fd(), options_.turn, [this] { read(options_.messagesInATurn); });
      !status) {
    log_.error(options_.peer + ": " + status.error().message);
    channel_.close();
  }
}

void PeerChannel::close() {
  if (channel_.open()) {
    loop_.removeReader(channel_.fd());
    channel_.close();
  }
}

void PeerChannel::onceWritable(std::function<void()> writable) {
  if (channel_.open()) {
    loop_.onceWritable(channel_.fd(), std::move(writable));
  }
}

void PeerChannel::read(int most) {
  Received received;
  for (int i = 0; i < most && readOne(received); ++i) {
  }
}

bool PeerChannel::readOne(Received& received) {
  if (!channel_.open()) {
    return false;
  }
  channel_.receive(received);
  switch (received.kind) {
    case Received::Kind::kMessage:
      if (handlers_.message(received)) {
        return true;
      }
      refuse("what is not a message of this channel");
      return false;
    case Received::Kind::kWouldBlock:
      return false;
    case Received::Kind::kEndOfFile:
      close();
      handlers_.gone();
      return false;
    case Received::Kind::kMalformed:
      refuse("a malformed message");
      return false;
  }
  return false;
}

void PeerChannel::refuse(const char* why) {
  log_.error(options_.peer + " sent " + why + ": closing the channel to it");
  close();
  handlers_.misbehaved();
}

}  // namespace holdfast
