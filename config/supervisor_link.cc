#include "config/supervisor_link.h"

#include <poll.h>

#include "config/masking.h"
#include "config/seal/seal.h"
#include "config/text.h"
#include "ipc/descriptors.h"
#include "ipc/kj_edge.h"
#include "ipc/message.h"
#include "ipc/schemas/messages.capnp.h"

namespace holdfast::config {
namespace {

using Event = schema::CompilerEvent;

void waitUntilWritable(int fd) {
  pollfd poller{fd, POLLOUT, 0};
  while (::poll(&poller, 1, -1) < 0 && errno == EINTR) {
  }
}

bool send(Channel& channel, const MessageBuffer<Event>& message, int fd = -1) {
  for (;;) {
    switch (fd < 0 ? channel.send(message) : channel.send(message, fd)) {
      case SendOutcome::kSent:
        return true;
      case SendOutcome::kFull:
        waitUntilWritable(channel.fd());
        break;
      case SendOutcome::kClosed:
        return false;
    }
  }
}

// Not everybody has a message.
bool hand(Channel& channel, Event::Addressee addressee, const UniqueFd& sealed,
          std::size_t identity = 0) {
  if (!sealed) {
    return true;
  }
  MessageBuffer<Event> message;
  auto event = message.root();
  event.setKind(Event::Kind::SEALED);
  event.setAddressee(addressee);
  event.setIdentity(static_cast<std::uint32_t>(identity));
  return send(channel, message, sealed.get());
}

Log::Severity severityOf(Severity severity) {
  switch (severity) {
    case Severity::kFatal:
    case Severity::kError:
      return Log::Severity::ERROR;
    case Severity::kWarning:
      return Log::Severity::WARNING;
    case Severity::kNotice:
      return Log::Severity::NOTICE;
  }
  return Log::Severity::ERROR;
}

std::vector<std::string> linesOf(const Diagnostic& diagnostic, Style style, bool withFile) {
  switch (style) {
    case Style::kJson:
      return {jsonLine(diagnostic)};
    case Style::kCheck:
      return textLines(diagnostic, withFile);
    case Style::kLog:
      break;
  }
  return {headline(diagnostic, withFile) +
          (diagnostic.hint.empty() ? "" : " (" + diagnostic.hint + ")")};
}

}  // namespace

SupervisorLink::SupervisorLink() : channel_(UniqueFd(kControlFd)), log_(kLogFd) {}

void SupervisorLink::say(Log::Severity severity, std::string_view text) {
  waitUntilWritable(kLogFd);
  log_.write(severity, 0, text);
}

void SupervisorLink::report(const Compilation& compilation, Style style) {
  const bool withFile = compilation.source.inSeveralFiles();
  for (const Diagnostic& diagnostic : compilation.report.all()) {
    for (const std::string& line : linesOf(diagnostic, style, withFile)) {
      say(severityOf(diagnostic.severity), line);
    }
  }
  if (compilation.report.notKept() > 0) {
    const Diagnostic more{Severity::kError,
                          Code::kLimit,
                          {},
                          "and " + std::to_string(compilation.report.notKept()) + " more problems",
                          {}};
    say(Log::Severity::ERROR, linesOf(more, style, withFile).front());
  }
}

void SupervisorLink::dump(const Source& source) {
  for (const SourceLine& line : source.lines) {
    say(Log::Severity::INFO, maskLine(trimRight(line.text)));
  }
}

bool SupervisorLink::handOver(const Compilation& compilation, Purpose purpose) {
  Result<SealedPlan> sealed = Error{};
  const Status built = catchKj("sealing the configuration", [&]() -> Status {
    sealed = purpose == Purpose::kCheck ? sealForCheck(compilation.plan, compilation.source)
                                        : seal(compilation.plan);
    return sealed ? success() : Status(sealed.error());
  });
  if (!built) {
    say(Log::Severity::ERROR, built.error().message);
    return false;
  }
  bool handed = hand(channel_, Event::Addressee::SUPERVISOR, sealed->supervisor) &&
                hand(channel_, Event::Addressee::PRIVD, sealed->privd) &&
                hand(channel_, Event::Addressee::VRRPD, sealed->vrrpd) &&
                hand(channel_, Event::Addressee::WATCHD, sealed->watchd) &&
                hand(channel_, Event::Addressee::IPVS, sealed->ipvs) &&
                hand(channel_, Event::Addressee::CHECKD, sealed->checkd);
  for (std::size_t i = 0; handed && i < sealed->scriptds.size(); ++i) {
    handed = hand(channel_, Event::Addressee::SCRIPTD, sealed->scriptds[i], i);
  }
  return handed;
}

bool SupervisorLink::conclude(std::uint32_t exitCode, std::uint32_t problems) {
  MessageBuffer<Event> message;
  auto event = message.root();
  event.setKind(Event::Kind::VERDICT);
  event.setExitCode(exitCode);
  event.setProblems(problems);
  return send(channel_, message);
}

}  // namespace holdfast::config
