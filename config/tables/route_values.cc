// The values of a route's words.
#include "config/block.h"
#include "config/context.h"
#include "config/prefix.h"
#include "config/tables/route_parts.h"

namespace holdfast::config::route_words {
namespace {

std::string_view lastWord(const Cursor& cursor) {
  return cursor.statement.words[cursor.word - 1].text;
}

void drop(Context& context, Block& route, const Cursor& cursor, std::string message,
          std::string hint) {
  context.error(Code::kInvalidValue, cursor, std::move(message), std::move(hint));
  route.drop();
}

}  // namespace

void readDestination(Context& context, Block& route, Cursor& cursor) {
  const std::string text(cursor.peek());
  if (isEverywhere(text)) {
    cursor.take();
    route.forget("destination");
  } else if (const auto prefix = readPrefix(context, cursor)) {
    route.say("destination", prefix->address, &cursor.statement);
    route.say("destination length", prefix->length, &cursor.statement);
  } else {
    const auto known = route.table().named(text);
    drop(context, route, cursor, "unknown route keyword " + text,
         known != nullptr ? "a destination is expected here" : "");
    return;
  }
  route.say("to", text, &cursor.statement);
  route.setName(text);
}

// blackhole DESTINATION
void readTyped(Context& context, Block& route, Cursor& cursor) {
  const std::string_view word = lastWord(cursor);
  for (const Choice& type : kRouteTypes) {
    if (type.word == word) {
      route.say("type", type.value, &cursor.statement);
    }
  }
  if (cursor.peek() == "to" && cursor.word + 1 < cursor.statement.words.size()) {
    cursor.take();
  }
  readDestination(context, route, cursor);
}

void readPlacement(Context& context, Block& route, Cursor& cursor) {
  (void)context;
  for (const Choice& placement : kRoutePlacements) {
    if (placement.word == lastWord(cursor)) {
      route.say("placement", placement.value, &cursor.statement);
    }
  }
}

void readPreferredSource(Context& context, Block& route, Cursor& cursor) {
  const std::string text(cursor.take());
  if (const auto address = IpAddress::parse(text)) {
    route.say("src", *address, &cursor.statement);
  } else {
    drop(context, route, cursor, "invalid route src address " + text, "takes an address");
  }
}

void readOldGateway(Context& context, Block& route, Cursor& cursor) {
  context.error(Code::kInvalidValue, cursor, "\"gw\" for routes is deprecated. Please use \"via\"");
  readGateway(context, route, cursor);
}

void readSecondGateway(Context& context, Block& route, Cursor& cursor) {
  context.error(Code::kInvalidValue, cursor,
                "\"or\" for routes is deprecated. Please use \"nexthop\"");
  const std::string text(cursor.take());
  const auto address = IpAddress::parse(text);
  if (!address) {
    drop(context, route, cursor, "invalid route via address " + text, "takes an address");
  } else if (route.isSaid("or")) {
    context.error(Code::kDuplicate, cursor, "\"or\" route already specified - ignoring subsequent");
  } else {
    route.say("or", *address, &cursor.statement);
  }
}

void readFrom(Context& context, Block& route, Cursor& cursor) {
  const std::string text(cursor.peek());
  const auto prefix = readPrefix(context, cursor);
  if (!prefix || prefix->address.family != AddressFamily::kIpv6) {
    drop(context, route, cursor, "route from address only supported with IPv6 (" + text + ")",
         "takes an IPv6 address, with /LENGTH if wanted");
    return;
  }
  route.say("from", prefix->address, &cursor.statement);
  route.say("from length", prefix->length, &cursor.statement);
}

void refuseTranslation(Context& context, Block&, Cursor& cursor) {
  context.error(Code::kInvalidValue, cursor, "\"as to\" for MPLS only - ignoring");
  if (cursor.take() == "to" && cursor.hasWord()) {
    cursor.take();
  }
}

void readFeatures(Context& context, Block& route, Cursor& cursor) {
  const std::string word(cursor.take());
  if (word == "ecn") {
    route.say("features", std::int64_t{RTAX_FEATURE_ECN}, &cursor.statement);
  } else {
    context.error(Code::kInvalidValue, cursor, "feature " + word + " not supported", "takes ecn");
  }
}

void readRouterPreference(Context& context, Block& route, Cursor& cursor) {
  for (const Choice& preference : kRouterPreferences) {
    if (preference.word == cursor.peek()) {
      cursor.take();
      route.say("pref", preference.value, &cursor.statement);
      return;
    }
  }
  if (const auto number = context.number(cursor, {0, 255})) {
    route.say("pref", *number, &cursor.statement);
  } else {
    route.drop();
  }
}

void readTtlPropagate(Context& context, Block& route, Cursor& cursor) {
  const std::string word(cursor.take());
  if (word != "enabled" && word != "disabled") {
    context.error(Code::kInvalidValue, cursor, "ttl-propagate value " + word + " not recognised",
                  "takes enabled or disabled; taken as disabled");
  }
  route.say("ttl-propagate", word == "enabled", &cursor.statement);
}

// Static routes only: in others the word is as unknown as any.
void readTrackGroup(Context& context, Block& route, Cursor& cursor) {
  if (route.row()->name == "static_routes") {
    route.say("track_group", std::string(cursor.take()), &cursor.statement);
  } else {
    drop(context, route, cursor, "unknown route keyword track_group", "static routes only");
  }
}

}  // namespace holdfast::config::route_words
