// N [reverse], for the rows "weight" and "weight reverse" of what is tracked.
#pragma once

#include <string>

#include "config/table.h"

namespace holdfast::config {

struct WeightRules {
  double most = 253;            // of either sign
  std::string unknown;          // the message about another word than reverse, up to that word
  std::string unknownEnd;       // and from there on
  bool takesNoReverse = false;  // noreverse, too, can stand behind the number
};

void readWeight(Context& context, Block& tracker, Cursor& cursor, const WeightRules& rules);

}  // namespace holdfast::config
