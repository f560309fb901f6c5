#include "config/tables/weight.h"

#include "config/block.h"
#include "config/context.h"

namespace holdfast::config {

void readWeight(Context& context, Block& tracker, Cursor& cursor, const WeightRules& rules) {
  const auto weight = context.number(cursor, {-rules.most, rules.most});
  if (!weight) {
    return;
  }
  bool reverse = false;
  if (cursor.hasWord()) {
    const std::string word(cursor.take());
    reverse = word == "reverse";
    if (!reverse && !(rules.takesNoReverse && word == "noreverse")) {
      context.error(Code::kInvalidValue, cursor, rules.unknown + word + rules.unknownEnd,
                    rules.takesNoReverse
                        ? "only 'reverse' or 'noreverse' can stand behind the number"
                        : "only 'reverse' can stand behind the number");
    }
  }
  tracker.say("weight", *weight, &cursor.statement);
  tracker.say("weight reverse", reverse, &cursor.statement);
}

}  // namespace holdfast::config
