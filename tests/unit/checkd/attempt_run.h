// One attempt, run to its verdict.
#pragma once

#include <memory>
#include <optional>

#include "checkd/attempt.h"
#include "tests/unit/checkd/test_server.h"

namespace holdfast::checkd {

// `make` is given the Done. The attempt is destroyed in it, as a check does.
template <typename Make>
Verdict verdictOf(EventLoop& loop, Make make) {
  std::optional<Verdict> verdict;
  std::unique_ptr<Attempt> attempt;
  attempt = make([&](Verdict said) {
    EXPECT_FALSE(verdict) << "told twice";
    verdict = std::move(said);
    attempt.reset();
  });
  attempt->start(EventLoop::now());
  EXPECT_FALSE(verdict) << "told from start()";
  EXPECT_TRUE(runUntil(loop, [&] { return verdict.has_value(); }));
  if (verdict) {
    EXPECT_EQ(verdict->passed && !verdict->drains, verdict->why.empty()) << verdict->why;
    EXPECT_LE(verdict->why.size(), 200U);
    for (const char c : verdict->why) {
      EXPECT_TRUE(c >= ' ' && c <= '~') << verdict->why;
    }
  }
  return verdict.value_or(Verdict::fail("none"));
}

}  // namespace holdfast::checkd
