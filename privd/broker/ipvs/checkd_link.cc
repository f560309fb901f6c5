#include "privd/broker/ipvs/checkd_link.h"

#include <utility>

namespace holdfast::privd::ipvs {
namespace {

constexpr int kRequestsInATurn = 64;
// More than a socket's queue has room for.
constexpr int kLastRequests = 1024;
// Between two looks at a socket that was full. It can be writable and still refuse descriptors.
constexpr Duration kFlushPatience = std::chrono::milliseconds(10);

}  // namespace

CheckdLink::CheckdLink(EventLoop& loop, Log& log, Edge& edge, Balancer::IsMaster isMaster,
                       Handlers handlers)
    : handlers_(std::move(handlers)),
      balancer_(edge, log, *this, std::move(isMaster)),
      channel_(loop, log,
               {.peer = "checkd", .turn = Turn::kRest, .messagesInATurn = kRequestsInATurn},
               {.message = [this](Received& received) { return serve(received); },
                .gone = [this] { gone(); },
                .misbehaved =
                    [this] {
                      gone();
                      handlers_.misbehaved();
                    }}),
      flushTimer_(loop, [this](TimePoint, Duration) {
        // A full socket arms the timer again, in send().
        channel_.onceWritable([this] { static_cast<void>(balancer_.flush()); });
      }) {}

void CheckdLink::attach(UniqueFd channel) {
  channel_.read(kLastRequests);
  gone();
  waiting_ = std::move(channel);
  if (handlers_.state() == policy::BrokerState::kRunning) {
    start();
  }
}

void CheckdLink::start() {
  if (waiting_) {
    channel_.attach(std::move(waiting_));
  }
}

bool CheckdLink::serve(const Received& received) {
  const bool good =
      balancer_.serve(received.segment(), received.fd.valid(), handlers_.state(), EventLoop::now());
  handlers_.settle();
  return good;
}

// What it has said stays as it is, since it will be started again.
void CheckdLink::gone() {
  flushTimer_.disarm();
  channel_.close();
  balancer_.checkdChanged();
}

SendOutcome CheckdLink::send(const Event& event, int borrowedFd) {
  MessageBuffer<schema::LvsEvent> message;
  event.write(message.root());
  const SendOutcome outcome =
      borrowedFd < 0 ? channel_.send(message) : channel_.send(message, borrowedFd);
  if (outcome == SendOutcome::kFull && !flushTimer_.armed()) {
    flushTimer_.arm(EventLoop::now() + kFlushPatience);
  }
  return outcome;
}

}  // namespace holdfast::privd::ipvs
