#include "config/tables/weight.h"

#include "config/block.h"
#include "config/context.h"

namespace holdfast::config {

void readTrackerWeight(Context& context, Block& tracker, Cursor& cursor, double most,
                       const std::string& what) {
  const auto weight = context.number(cursor, {-most, most});
  if (!weight) {
    return;
  }
  bool reverse = false;
  if (cursor.hasWord()) {
    const std::string word(cursor.take());
    reverse = word == "reverse";
    if (!reverse) {
      context.error(Code::kInvalidValue, cursor, what + " unknown weight option " + word,
                    "only 'reverse' can stand behind the number");
    }
  }
  tracker.say("weight", *weight, &cursor.statement);
  tracker.say("weight reverse", reverse, &cursor.statement);
}

}  // namespace holdfast::config
