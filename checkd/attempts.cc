#include "checkd/attempts.h"

#include <utility>
#include <variant>

#include "checkd/dns_attempt.h"
#include "checkd/ping_attempt.h"
#include "checkd/smtp_attempt.h"
#include "checkd/tcp_attempt.h"
#include "checkd/udp_attempt.h"

namespace holdfast::checkd {
namespace {

struct Maker {
  const Means& means;
  std::size_t target;
  Attempt::Done done;

  std::unique_ptr<Attempt> operator()(const TcpCheck& check) {
    return makeTcpAttempt(means.loop, means.sockets, check, std::move(done));
  }
  std::unique_ptr<Attempt> operator()(const HttpCheck& check) {
    return makeHttpAttempt(means.loop, means.sockets, means.http, means.tls.of(check.tls), check,
                           target, std::move(done));
  }
  std::unique_ptr<Attempt> operator()(const MiscCheck& check) {
    return makeMiscAttempt(means.loop, means.scripts, check, std::move(done));
  }
  std::unique_ptr<Attempt> operator()(const SmtpCheck& check) {
    return makeSmtpAttempt(means.loop, means.sockets, means.tls.of(check.tls), check, target,
                           std::move(done));
  }
  std::unique_ptr<Attempt> operator()(const DnsCheck& check) {
    return makeDnsAttempt(means.loop, means.sockets, check, std::move(done));
  }
  std::unique_ptr<Attempt> operator()(const UdpCheck& check) {
    return makeUdpAttempt(means.loop, means.sockets, check, std::move(done));
  }
  std::unique_ptr<Attempt> operator()(const PingCheck& check) {
    return makePingAttempt(means.loop, means.sockets, check, std::move(done));
  }
  // Told, never attempted: targetsOf() is 0.
  std::unique_ptr<Attempt> operator()(const FileCheck&) { return nullptr; }
  std::unique_ptr<Attempt> operator()(const BfdCheck&) { return nullptr; }
};

}  // namespace

std::size_t targetsOf(const Checker& checker) {
  if (const auto* http = std::get_if<HttpCheck>(&checker.check)) {
    return http->urls.size();
  }
  if (const auto* smtp = std::get_if<SmtpCheck>(&checker.check)) {
    return smtp->hosts.size();
  }
  const bool isTold = std::holds_alternative<FileCheck>(checker.check) ||
                      std::holds_alternative<BfdCheck>(checker.check);
  return isTold ? 0 : 1;
}

std::unique_ptr<Attempt> makeAttempt(const Means& means, const Checker& checker, std::size_t target,
                                     Attempt::Done done) {
  return std::visit(Maker{means, target, std::move(done)}, checker.check);
}

}  // namespace holdfast::checkd
