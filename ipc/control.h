// The worker's side of descriptor 3: what the supervisor asks of every worker, and the answers.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "ipc/channel.h"
#include "ipc/event_loop.h"
#include "ipc/ids.h"
#include "ipc/schemas/messages.capnp.h"

namespace holdfast {

// What a worker does when it is asked. A handler that is not set makes its verb a protocol error.
// `stop` is called once, for the verb, for the supervisor's end of file, and for a protocol error.
// A ping needs no handler: that it is answered at all shows that the loop turns.
struct ControlHandlers {
  std::function<void(Generation generation, UniqueFd sealedConfig)> load;
  std::function<void(schema::ControlRequest::Peer peer, std::uint32_t argument, UniqueFd channel)>
      attach;
  std::function<void()> start;
  std::function<void()> stop;
  std::function<void(Generation generation)> retire;
  std::function<void(std::uint32_t what, const UniqueFd& memory)> dump;
  std::function<void(std::uint32_t silenceMs, UniqueFd memory)> notebook;
  // The end to write to; `reloaded`: of a configuration that replaces another one.
  std::function<void(schema::ControlRequest::Fifo fifo, bool reloaded, UniqueFd end)> fifo;
  std::function<void(std::uint32_t service)> runService;
  std::function<void(Generation generation, UniqueFd sealedConfig)> loadIpvs;
  std::function<void(const UniqueFd& sealedText)> sitePolicy;
};

// Added to ControlRequest.argument of a FIFO.
inline constexpr std::uint32_t kReloadedFifo = 256;
// ControlEvent.result of a service: its exit status or signal, and this many times its outcome.
inline constexpr std::uint32_t kServiceOutcome = 65536;

class Control {
 public:
  // `fd` is owned: kControlFd. Events that find the socket full are an Error of the supervisor's
  // making, and are dropped.
  Control(EventLoop& loop, UniqueFd fd, ControlHandlers handlers);
  ~Control();
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  // Starts reading.
  [[nodiscard]] Status watch();

  // `result` is 0, or the errno that says why object number `object` was refused.
  void loaded(Generation generation, std::uint32_t result, std::uint32_t object = 0);
  void ready();
  void stopped();
  // What was to be dumped is in the memory, or `error` is the errno.
  void dumped(int error, std::uint32_t bytes);
  // Asks for `peer` to be started again: the channel to it that was attached last is closed.
  // `identity` is a scriptd's.
  void misbehaved(schema::ControlRequest::Peer peer, std::uint32_t identity = 0);
  void serviceEnded(std::uint32_t service, schema::ScriptEvent::Outcome outcome,
                    std::uint32_t status);

  // Whether the daemon started when the configuration was handed over that was handed over last.
  [[nodiscard]] bool isStart() const { return isStart_; }

 private:
  void readRequests();
  void serve(Received& received);
  void leave();
  void send(schema::ControlEvent::Kind kind, Generation generation, std::uint32_t result,
            std::uint32_t object);

  EventLoop& loop_;
  Channel channel_;
  ControlHandlers handlers_;
  // The number of the channel that was attached last, by peer and argument.
  std::map<std::pair<schema::ControlRequest::Peer, std::uint32_t>, Generation> attached_;
  bool isStart_ = false;
  bool leaving_ = false;
};

}  // namespace holdfast
