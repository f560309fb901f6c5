#include "config/instance_lists.h"

namespace holdfast::config {
namespace {

std::string prefixOf(const InstanceBlock& instance) {
  return "(" + instance.name + ") ";
}

// NAME [weight N] [reverse|noreverse]
std::optional<TrackLine> readTrackLine(Context& context, const InstanceBlock& instance,
                                       const Statement& entry, const std::string& what) {
  TrackLine line;
  line.statement = &entry;
  line.name = entry.words[0].text;
  for (std::size_t i = 1; i < entry.words.size(); ++i) {
    const std::string word(entry.words[i].text);
    if (word == "weight" && i + 1 < entry.words.size()) {
      const auto value = context.number(entry, ++i, {-253, 253});
      if (!value) {
        return std::nullopt;
      }
      line.weight = Weight{*value, line.weight && line.weight->reverse};
    } else if (line.weight && (word == "reverse" || word == "noreverse" || word == "no_reverse")) {
      line.weight->reverse = word == "reverse";
    } else {
      context.error(Code::kInvalidValue, entry, i,
                    prefixOf(instance) + "unknown " + what + " option " + word + " - ignoring",
                    "takes: name [weight -253..253 [reverse]]");
    }
  }
  return line;
}

void readTrackLines(Context& context, InstanceBlock& instance, const Statement& statement,
                    std::vector<TrackLine>& lines, const std::string& what) {
  for (const Statement& entry : statement.block) {
    bool seen = false;
    for (const TrackLine& other : lines) {
      seen = seen || other.name == entry.keyword();
    }
    if (seen) {
      context.error(Code::kDuplicate, entry, 0,
                    prefixOf(instance) + "duplicate " + std::string(statement.keyword()) + " " +
                        std::string(entry.keyword()) + " - ignoring");
    } else if (auto line = readTrackLine(context, instance, entry, what)) {
      lines.push_back(std::move(*line));
    }
  }
}

std::optional<PeerLine> readPeer(Context& context, const InstanceBlock& instance,
                                 const Statement& entry) {
  const std::optional<IpAddress> address = IpAddress::parse(entry.keyword());
  if (!address || address->isMulticast() || address->isUnspecified()) {
    context.error(Code::kInvalidValue, entry, 0,
                  "Configuration error: VRRP instance[" + instance.name +
                      "] malformed unicast peer address[" + std::string(entry.keyword()) +
                      "]. Skipping...",
                  "takes: address [min_ttl 0..255] [max_ttl 0..255]");
    return std::nullopt;
  }
  PeerLine peer{&entry, *address, std::nullopt, std::nullopt};
  for (std::size_t i = 1; i < entry.words.size(); ++i) {
    const std::string word(entry.words[i].text);
    const bool isMin = word == "min_ttl";
    if ((!isMin && word != "max_ttl") || i + 1 >= entry.words.size()) {
      context.error(Code::kInvalidValue, entry, i,
                    isMin || word == "max_ttl"
                        ? prefixOf(instance) + word + " is missing a value"
                        : prefixOf(instance) + "unknown unicast_peer option " + word,
                    "takes: address [min_ttl 0..255] [max_ttl 0..255]");
      continue;
    }
    if (const auto value = context.number(entry, ++i, {0, 255})) {
      (isMin ? peer.minTtl : peer.maxTtl) = value;
    }
  }
  return peer;
}

}  // namespace

void readUnicastPeers(Context& context, InstanceBlock& instance, const Statement& statement) {
  instance.unicastPeers = true;
  for (const Statement& entry : statement.block) {
    if (auto peer = readPeer(context, instance, entry)) {
      instance.peers.push_back(*peer);
    }
  }
}

void readTrackedScripts(Context& context, InstanceBlock& instance, const Statement& statement) {
  readTrackLines(context, instance, statement, instance.trackScripts, "track script");
}

void readTrackedInterfaces(Context& context, InstanceBlock& instance, const Statement& statement) {
  readTrackLines(context, instance, statement, instance.trackInterfaces, "track interface");
}

}  // namespace holdfast::config
