// What is tracked besides scripts and interfaces: files, processes, BFD sessions.
#include <map>
#include <tuple>

#include "config/resolve/resolution.h"

namespace holdfast::config {
namespace {

void resolveTrackFiles(Resolution& resolution) {
  for (Block* file : resolution.root.blocks("track_file")) {
    if (!file->isSaid("file")) {
      resolution.error(Code::kMissingSetting, file->statement(),
                       "No file set for track_file " + file->name() + " - ignoring");
      file->drop();
    } else {
      resolution.plan.trackFiles.add(*file);
    }
  }
}

void resolveTrackProcess(Resolution& resolution, Block& process) {
  const auto* words = process.find<std::shared_ptr<const WordList>>("process");
  if (words == nullptr) {
    resolution.error(Code::kMissingSetting, process.statement(),
                     "track process '" + process.name() + "' process name not specified");
    process.drop();
    return;
  }
  if (!process.isSaid("param_match")) {
    const bool exact = (*words)->size() > 1;
    process.assume("param_match", std::int64_t{exact ? 1 : 0},
                   exact ? "it has parameters" : "no parameters are given");
  }
  const std::int64_t most = process.number("quorum_max");
  if (most == 0) {
    process.adjust("quorum", std::int64_t{0}, "quorum_max 0: none may run");
  } else if (most < process.number("quorum")) {
    resolution.error(Code::kConflict, process.at("quorum_max"),
                     "quorum_max is less than quorum - ignoring");
    process.forget("quorum_max");
  }
  resolution.plan.trackProcesses.add(process);
}

using Ends = std::tuple<bool, IpAddress, IpAddress>;

// False where it was said why the session is left out.
bool checkBfd(Resolution& resolution, Block& session, std::map<Ends, const Block*>& known) {
  constexpr std::size_t kMaxName = 31;
  const std::string prefix = "Configuration error: BFD instance " + session.name() + " ";
  if (session.name().size() > kMaxName || !isPrintable(session.name())) {
    resolution.error(Code::kInvalidValue, session.statement(),
                     prefix + "name too long (maximum length is 31 characters) - ignoring");
    return false;
  }
  const IpAddress* neighbor = session.address("neighbor_ip");
  const IpAddress* source = session.address("source_ip");
  if (neighbor == nullptr) {
    resolution.error(Code::kMissingSetting, session.statement(),
                     prefix + "has no neighbor address set, disabling instance");
    return false;
  }
  if (source != nullptr && source->family != neighbor->family) {
    resolution.error(Code::kConflict, session.at("source_ip"),
                     prefix + "source address " + source->toString() + " and neighbor address " +
                         neighbor->toString() + " are not of the same family, disabling instance");
    return false;
  }
  const bool badSource = source != nullptr && !isUnicastAddress(*source);
  if (badSource || !isUnicastAddress(*neighbor)) {
    resolution.error(Code::kInvalidValue,
                     session.at(badSource ? Key("source_ip") : Key("neighbor_ip")),
                     prefix + "has malformed " + (badSource ? "source" : "neighbor") + " address " +
                         (badSource ? source : neighbor)->toString() + ", ignoring instance",
                     "both ends are unicast addresses");
    return false;
  }
  const Ends ends{source != nullptr, source == nullptr ? *neighbor : *source, *neighbor};
  if (!known.emplace(ends, &session).second) {
    resolution.error(
        Code::kDuplicate, session.statement(),
        prefix + "has duplicate neighbor address " + neighbor->toString() + ", ignoring instance",
        "the first one is used; several sessions need different source_ips");
    return false;
  }
  return true;
}

void resolveBfd(Resolution& resolution, Block& session) {
  constexpr std::int64_t kHighestTtl = 255;
  const bool ipv4 = session.address("neighbor_ip")->family == AddressFamily::kIpv4;
  session.assume("family", std::int64_t{ipv4 ? 0 : 1}, "that of neighbor_ip");
  session.assume("ttl sent", session.number(ipv4 ? Key("ttl") : Key("hoplimit")),
                 ipv4 ? "ttl" : "hoplimit");
  const std::int64_t hops = session.number("max_hops");
  const bool any = hops < 0 || hops == kHighestTtl;
  session.assume("ttl least", any ? std::int64_t{0} : kHighestTtl - hops,
                 any ? "max_hops: hops do not count" : "255 less max_hops");
  constexpr std::int64_t kPort = 3784;
  constexpr std::int64_t kMultihopPort = 4784;
  session.assume("port", session.flag("multihop") ? kMultihopPort : kPort,
                 session.flag("multihop") ? "RFC 5883" : "RFC 5881");
  const bool vrrp = session.isSaid("vrrp");
  const bool checker = session.isSaid("checker");
  if (!vrrp) {
    session.assume("vrrp", !checker, checker ? "checker" : "the default");
  }
  if (!checker) {
    session.assume("checker", !vrrp, vrrp ? "vrrp" : "the default");
  }
  resolution.plan.bfdSessions.add(session);
  if (session.flag("vrrp")) {
    resolution.plan.trackBfds.add(session);
  }
}

}  // namespace

void resolveTrackers(Resolution& resolution) {
  resolveTrackFiles(resolution);
  for (Block* process : resolution.root.blocks("vrrp_track_process")) {
    resolveTrackProcess(resolution, *process);
  }
  std::map<Ends, const Block*> known;
  for (Block* session : resolution.root.blocks("bfd_instance")) {
    if (checkBfd(resolution, *session, known)) {
      resolveBfd(resolution, *session);
    } else {
      session->drop();
    }
  }
}

}  // namespace holdfast::config
