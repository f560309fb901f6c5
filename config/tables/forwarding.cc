#include "config/tables/forwarding.h"

#include <algorithm>
#include <string>

#include "config/block.h"
#include "config/context.h"

namespace holdfast::config {
namespace {

constexpr std::int64_t kTunnel = 2;
constexpr std::int64_t kGue = 1;

const Choice* find(std::span<const Choice> choices, std::string_view word) {
  const auto found = std::find_if(choices.begin(), choices.end(),
                                  [word](const Choice& one) { return one.word == word; });
  return found == choices.end() ? nullptr : &*found;
}

struct Tunnel {
  std::int64_t type = 0;
  std::int64_t port = 0;
  std::int64_t checksum = 0;
};

class Reader {
 public:
  Reader(Context& context, Cursor& cursor, std::string_view what)
      : context_(context), cursor_(cursor), what_(what) {}

  // False, after having said why, where an option is not understood.
  bool readOption(Tunnel& tunnel) {
    const std::string word(cursor_.take());
    if (word == "type") {
      return readType(tunnel);
    }
    if (word == "port") {
      return readPort(tunnel);
    }
    if (const Choice* checksum = find(kTunnelChecksums, word)) {
      tunnel.checksum = checksum->value;
      return true;
    }
    return refuse("Invalid tunnel option " + word + " for " + what_ + ".");
  }

  void checkTunnel(Tunnel& tunnel) {
    if ((tunnel.type == kGue) != (tunnel.port != 0)) {
      refuse("gue tunnels require port, otherwise cannot have port.");
      tunnel = {};
    } else if (tunnel.type == 0 && tunnel.checksum != 0) {
      refuse("ipip tunnels do not support checksum option.");
      tunnel.checksum = 0;
    }
  }

  bool refuse(const std::string& message) {
    context_.error(Code::kInvalidValue, cursor_, message,
                   std::string("takes ") + kForwardingSyntax);
    return false;
  }

 private:
  bool readType(Tunnel& tunnel) {
    if (!cursor_.hasWord()) {
      return refuse("Missing tunnel type for " + what_ + ".");
    }
    const std::string word(cursor_.take());
    const Choice* type = find(kTunnelTypes, word);
    if (type == nullptr) {
      return refuse("Unknown tunnel type " + word + " for " + what_ + ".");
    }
    tunnel.type = type->value;
    return true;
  }

  bool readPort(Tunnel& tunnel) {
    if (!cursor_.hasWord()) {
      return refuse("Missing port for " + what_ + " gue tunnel.");
    }
    const auto port = context_.number(cursor_, {1, 65535});
    tunnel.port = port.value_or(0);
    return port.has_value();
  }

  Context& context_;
  Cursor& cursor_;
  std::string what_;
};

}  // namespace

void readForwarding(Context& context, Block& block, Cursor& cursor, std::string_view key,
                    std::string_view what) {
  Reader reader(context, cursor, what);
  const std::string word(cursor.take());
  const Choice* method = find(kForwardingMethods, word);
  if (method == nullptr) {
    reader.refuse("PARSER : unknown [" + word + "] routing method for " + std::string(what) + ".");
    return;
  }
  Tunnel tunnel;
  bool good = true;
  while (good && cursor.hasWord()) {
    good = reader.readOption(tunnel);
  }
  if (good) {
    reader.checkTunnel(tunnel);
  }
  if (method->value != kTunnel) {
    tunnel = {};
  }
  const std::string name(key);
  block.say(Key(name), method->value, &cursor.statement);
  block.say(Key(name + " type"), tunnel.type, &cursor.statement);
  block.say(Key(name + " port"), tunnel.port, &cursor.statement);
  block.say(Key(name + " checksum"), tunnel.checksum, &cursor.statement);
}

}  // namespace holdfast::config
