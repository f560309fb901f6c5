// vrrp_sim [--seconds N] [--seed N] [--seeds N] [--routers N] [--verbose]
//
// Without --seed: the seeds that failed once, then seeds from 1 on until `--seconds` have been
// simulated. A seed that breaks an invariant is printed with what led to it.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <optional>
#include <string>

#include "tests/sim/regression_seeds.h"
#include "tests/sim/simulation.h"

namespace {

using holdfast::Duration;
using holdfast::sim::Options;
using holdfast::sim::Outcome;
using holdfast::sim::Simulation;

struct Totals {
  Duration simulated{};
  std::uint64_t packets = 0;
  std::uint64_t transitions = 0;
  std::uint64_t runs = 0;
};

struct Arguments {
  std::uint64_t seconds = 1000;
  std::uint64_t firstSeed = 1;
  std::optional<std::uint64_t> seed;
  std::size_t routers = 0;
  bool verbose = false;
};

std::optional<Arguments> parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    if (option == "--verbose") {
      arguments.verbose = true;
      continue;
    }
    if (i + 1 == argc) {
      return std::nullopt;
    }
    const std::uint64_t value = std::strtoull(argv[++i], nullptr, 10);
    if (option == "--seconds") {
      arguments.seconds = value;
    } else if (option == "--seed") {
      arguments.seed = value;
    } else if (option == "--first-seed") {
      arguments.firstSeed = value;
    } else if (option == "--routers") {
      arguments.routers = static_cast<std::size_t>(value);
    } else {
      return std::nullopt;
    }
  }
  return arguments;
}

bool runOne(const Options& options, bool verbose, Totals& totals) {
  const Outcome outcome = Simulation(options).run();
  totals.simulated += outcome.simulated;
  totals.packets += outcome.packets;
  totals.transitions += outcome.transitions;
  ++totals.runs;
  if (outcome.violation || verbose) {
    for (const std::string& line : outcome.trace) {
      std::cout << line << '\n';
    }
  }
  if (outcome.violation) {
    std::cout << "seed " << options.seed << " (--routers " << options.routers
              << "): " << *outcome.violation << '\n';
  }
  return !outcome.violation.has_value();
}

bool runAll(const Arguments& arguments, Totals& totals) {
  bool good = true;
  for (const auto& [seed, routers] : holdfast::sim::kRegressionSeeds) {
    good = runOne({.seed = seed,
                   .routers = routers,
                   .brokersDie = false,
                   .reloads = false,
                   .alone = true},
                  false, totals) &&
           good;
  }
  good =
      runOne({.seed = arguments.firstSeed, .routers = 200, .episodes = 1}, false, totals) && good;
  const Duration wanted = std::chrono::seconds(arguments.seconds);
  for (std::uint64_t seed = arguments.firstSeed; totals.simulated < wanted && good; ++seed) {
    good = runOne({.seed = seed, .routers = arguments.routers}, arguments.verbose, totals);
  }
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  const std::optional<Arguments> arguments = parse(argc, argv);
  if (!arguments) {
    std::cerr << "usage: vrrp_sim [--seconds N] [--first-seed N] [--seed N] [--routers N]"
                 " [--verbose]\n";
    return EXIT_FAILURE;
  }
  Totals totals;
  const bool good = arguments->seed
                        ? runOne({.seed = *arguments->seed, .routers = arguments->routers},
                                 arguments->verbose, totals)
                        : runAll(*arguments, totals);
  std::cout << totals.runs << " runs from seed " << arguments->seed.value_or(arguments->firstSeed)
            << ", " << std::chrono::duration_cast<std::chrono::seconds>(totals.simulated).count()
            << " simulated seconds, " << totals.packets << " packets, " << totals.transitions
            << " transitions: " << (good ? "good" : "FAILED") << '\n';
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
