#include "config/tables/server_address.h"

#include "config/block.h"
#include "config/context.h"

namespace holdfast::config {

bool hasAddressSuffix(std::string_view word) {
  return word.find_first_of("-/") != std::string_view::npos;
}

bool readServerAddress(Context& context, Block& block, Cursor& cursor, Key addressKey, Key portKey,
                       std::string_view message) {
  const Statement& statement = cursor.statement;
  const std::size_t first = cursor.word;
  const std::string_view word = cursor.take();
  const std::string_view port = cursor.hasWord() ? cursor.peek() : std::string_view();
  const auto refuse = [&context, &statement, first, &message, &word, &port] {
    context.error(Code::kInvalidValue, statement, first,
                  std::string(message) + " " + std::string(word) +
                      (port.empty() ? "" : "/" + std::string(port)) + " - skipping",
                  "takes ADDRESS [PORT]");
    return false;
  };
  const auto address = IpAddress::parse(word.substr(0, word.find_first_of("-/")));
  if (!address) {
    return refuse();
  }
  if (hasAddressSuffix(word)) {
    context.complain(Severity::kNotice, Code::kInvalidValue, statement, first,
                     "'" + std::string(word) + "': only " + address->toString() + " is used",
                     "ranges and masks are for a virtual_server_group");
  }
  if (cursor.hasWord() && port != "0") {
    const auto number = context.number(cursor, {1, 65535});
    if (!number) {
      return refuse();
    }
    block.say(portKey, *number, &statement);
  }
  block.say(addressKey, *address, &statement);
  return true;
}

void readSnmpName(Context& context, Block& block, Cursor& cursor, std::string_view noun) {
  if (cursor.statement.parameterCount() != 1) {
    context.error(Code::kInvalidValue, cursor.statement, 0,
                  std::string(noun) + " snmp_name missing or extra parameters", "takes one word");
    return;
  }
  block.say("snmp_name", std::string(cursor.take()), &cursor.statement);
}

}  // namespace holdfast::config
