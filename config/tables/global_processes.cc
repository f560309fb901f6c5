// global_defs: how the processes run.
#include <algorithm>

#include "config/block.h"
#include "config/field.h"
#include "config/tables/global_areas.h"
#include "ipc/schemas/lvs_config.capnp.h"

namespace holdfast::config {
namespace {

void readName(Context& context, Block& globals, Cursor& cursor) {
  constexpr std::size_t kMaxName = 15;  // the kernel's
  std::string name(cursor.take());
  if (name.size() > kMaxName) {
    context.error(Code::kInvalidValue, cursor,
                  "Process name " + name + " more than 15 characters, truncating");
    name.resize(kMaxName);
  }
  const Row& row = *globals.table().named(cursor.statement.keyword());
  globals.say(globals.table().meant(row), std::move(name), &cursor.statement);
}

// The process that a keyword such as vrrp_priority is about.
std::string processOf(const Cursor& cursor) {
  const std::string_view keyword = cursor.statement.keyword();
  return std::string(keyword.substr(0, keyword.find('_')));
}

// Beyond the bounds is at the bound.
void readRealtimePriority(Context& context, Block& globals, Cursor& cursor) {
  constexpr std::int64_t kLeast = 1;
  constexpr std::int64_t kMost = 99;
  const std::string process = processOf(cursor) + " process real-time priority ";
  const auto said = context.number(cursor, {-2147483648.0, 2147483647.0});
  if (!said) {
    return;
  }
  if (*said < kLeast) {
    context.error(Code::kInvalidValue, cursor,
                  process + std::to_string(*said) + " less than minimum 1 - setting to minimum");
  } else if (*said > kMost) {
    context.error(
        Code::kInvalidValue, cursor,
        process + std::to_string(*said) + " greater than maximum 99 - setting to maximum");
  }
  globals.say(Key(cursor.statement.keyword()), std::clamp(*said, kLeast, kMost), &cursor.statement);
}

// CPU...: kept as words.
void readCpus(Context& context, Block& globals, Cursor& cursor) {
  constexpr double kMostCpus = 1024;  // of a cpu_set_t
  WordList cpus;
  while (cursor.hasWord()) {
    const auto cpu = context.number(cursor, {0, kMostCpus - 1});
    if (!cpu) {
      return;
    }
    cpus.push_back(std::to_string(*cpu));
  }
  globals.say(Key(cursor.statement.keyword()), std::make_shared<const WordList>(std::move(cpus)),
              &cursor.statement);
}

void readMaxPriority(Context& context, Block& globals, Cursor& cursor) {
  constexpr std::int64_t kMost = 99;
  if (!cursor.hasWord()) {
    globals.say("max_auto_priority", kMost, &cursor.statement);
  } else if (const auto priority = context.number(cursor, {-1, kMost})) {
    // -1 only keeps keepalived from recommending it.
    globals.say("max_auto_priority", std::max<std::int64_t>(*priority, 0), &cursor.statement);
  }
}

constexpr Takes microseconds(double most) {
  return {.kind = Takes::Kind::kNumber, .low = 1, .high = most, .unit = takes::kMicrosecond};
}
constexpr Takes kName = takes::custom(readName, "NAME");
constexpr Takes kRealtime = takes::custom(readRealtimePriority, "1..99");
constexpr Takes kCpus = takes::custom(readCpus, "CPU...");
constexpr Takes kLimit = microseconds(takes::kMaxUnsigned);

}  // namespace

bool isFirst(Context& context, const Block& globals, Key keyword, const Statement& statement,
             std::string message) {
  if (!globals.isSaid(keyword)) {
    return true;
  }
  context.error(Code::kDuplicate, statement, 0, std::move(message), "the first one is used");
  return false;
}

std::span<const Row> processRows() {
  using S = schema::SupervisorConfig::Builder;
  using V = schema::VrrpConfig::Builder;
  using C = schema::CheckerConfig::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"process_names", takes::flag(), value("off"), {byHeirs()},
     "the processes are called keepalived, keepalived_vrrp, keepalived_ipvs and keepalived_bfd"},
    {"process_name", kName, rule("the program's, or by process_names"), {to<&S::setProcessName>()},
     "what the supervisor is called by ps"},
    {"vrrp_process_name", kName, rule("the program's, or by process_names"), {bySealer()},
     "the same of the VRRP process"},
    {"checker_process_name", kName, rule("the program's, or by process_names"), {bySealer()},
     "the same of the process that checks servers"},
    {"lvs_process_name", takes::sameAs("checker_process_name"), nothing(), {},
     "deprecated: checker_process_name"},
    {"bfd_process_name", kName, rule("the program's, or by process_names"), {bySealer()},
     "the same of the BFD process", kNotYet},

    {"vrrp_priority", takes::orElse(takes::number(-20, 19), "No vrrp process priority specified"), value("0"),
     {to<&S::setVrrpPriority>(), bySealer()},
     "nice value of the VRRP process"},
    {"vrrp_rt_priority", takes::orElse(kRealtime, "No vrrp process real-time priority specified"), nothing(),
     {to<&S::setVrrpRealtimePriority>(), bySealer()},
     "realtime priority of the VRRP process"},
    {"vrrp_rlimit_rttime", kLimit, value("10000"), {bySealer()},
     "microseconds that the VRRP process may compute without a pause when it is realtime"},
    {"vrrp_rlimit_rtime", takes::sameAs("vrrp_rlimit_rttime"), nothing(), {},
     "deprecated: vrrp_rlimit_rttime"},
    {"vrrp_no_swap", takes::flag(), value("off"), {to<&S::setVrrpNoSwap>(), to<&V::setNoSwap>()},
     "the VRRP process stays in memory"},
    {"vrrp_cpu_affinity", takes::orElse(kCpus, "No vrrp cpu_id set specified"), nothing(), {bySealer()},
     "the VRRP process runs on these CPUs only"},

    {"checker_priority", takes::orElse(takes::number(-20, 19), "No checker process priority specified"), value("0"), {bySealer()},
     "nice value of the process that checks servers"},
    {"checker_rt_priority", takes::orElse(kRealtime, "No checker process real-time priority specified"), nothing(), {bySealer()},
     "its realtime priority"},
    {"checker_rlimit_rttime", kLimit, value("10000"), {bySealer()},
     "microseconds that it may compute without a pause when it is realtime"},
    {"checker_rlimit_rtime", takes::sameAs("checker_rlimit_rttime"), nothing(), {},
     "deprecated: checker_rlimit_rttime"},
    {"checker_no_swap", takes::flag(), value("off"), {to<&C::setNoSwap>(), bySealer()},
     "it stays in memory"},
    {"checker_cpu_affinity", takes::orElse(kCpus, "No checker cpu_id set specified"), nothing(), {bySealer()},
     "it runs on these CPUs only"},

    {"bfd_priority", takes::orElse(takes::number(-20, 19), "No bfd process priority specified"), value("0"), {bySealer()},
     "nice value of the BFD process", kNotYet},
    {"bfd_rt_priority", takes::orElse(kRealtime, "No bfd process real-time priority specified"), nothing(), {bySealer()},
     "its realtime priority", kNotYet},
    {"bfd_rlimit_rttime", kLimit, value("10000"), {bySealer()},
     "microseconds that it may compute without a pause when it is realtime", kNotYet},
    {"bfd_rlimit_rtime", takes::sameAs("bfd_rlimit_rttime"), nothing(), {},
     "deprecated: bfd_rlimit_rttime"},
    {"bfd_no_swap", takes::flag(), value("off"), {bySealer()},
     "it stays in memory", kNotYet},
    {"bfd_cpu_affinity", takes::orElse(kCpus, "No bfd cpu_id set specified"), nothing(), {bySealer()},
     "it runs on these CPUs only", kNotYet},

    {"max_auto_priority", takes::orBare(takes::custom(readMaxPriority, "[-1..99]")), value("0"), {to<&S::setMaxAutoPriority>()},
     "a process that is late gets realtime priority, step by step up to this; 0: it does not", kNotYet},
    {"min_auto_priority_delay", takes::orElse(microseconds(10'000'000), "min_auto_priority_delay requires delay time"), value("1000000"),
     {to<&S::setMinAutoPriorityDelayNs>()},
     "microseconds behind a timer that count as late", kNotYet},
  };
  // clang-format on
  return kRows;
}

}  // namespace holdfast::config
