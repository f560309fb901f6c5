// The values of several rows that are written alike.
#pragma once

#include <string>

#include "config/table.h"

namespace holdfast::config {

// N [reverse], for the rows "weight" and "weight reverse" of a kind of thing that is tracked.
// `what` is for messages: "track_file TF".
void readTrackerWeight(Context& context, Block& tracker, Cursor& cursor, double most,
                       const std::string& what);

}  // namespace holdfast::config
