// Routes and rules, for privd.
#include <linux/rtnetlink.h>

#include <algorithm>
#include <charconv>

#include "config/seal/write.h"
#include "config/tables/route_parts.h"

namespace holdfast::config {
namespace {

template <typename Builder>
void writeTracking(Builder out, const Block& line, const Plan& plan) {
  out.setTracked(!line.flag("no_track"));
  if (const auto group = trackGroupOf(line, plan)) {
    out.setHasTrackGroup(true);
    out.setTrackGroup(*group);
  }
}

std::optional<std::uint32_t> interfaceOf(const Block& line, Key key, const Plan& plan) {
  const auto* name = line.find<std::string>(key);
  return name == nullptr ? std::nullopt : plan.interfaces.find(*name);
}

void writeLabels(schema::Encapsulation::Builder out, const WordList& words) {
  auto labels = out.initLabels(sizeOf(words));
  for (unsigned i = 0; i < labels.size(); ++i) {
    std::uint32_t label = 0;
    std::from_chars(words[i].data(), words[i].data() + words[i].size(), label);
    labels.set(i, label);
  }
}

// Of several the last one counts.
template <typename Builder>
void writeEncapsulation(Builder out, const Block& owner) {
  using Kind = schema::Encapsulation::Kind;
  const auto blocks = owner.blocks("encap");
  if (blocks.empty()) {
    return;
  }
  const Block& block = *blocks.back();
  auto encapsulation = out.initEncapsulation();
  writeSettings(block, encapsulation);
  if (const auto* words = block.find<std::shared_ptr<const WordList>>("mpls")) {
    encapsulation.setKind(Kind::MPLS);
    writeLabels(encapsulation, **words);
  } else if (block.isSaid("ila")) {
    encapsulation.setKind(Kind::ILA);
  } else if (const Block* ip = block.firstBlock("ip")) {
    encapsulation.setKind(Kind::IP);
    writeSettings(*ip, encapsulation);
  } else if (const Block* ip6 = block.firstBlock("ip6")) {
    encapsulation.setKind(Kind::IP6);
    writeSettings(*ip6, encapsulation);
  }
}

template <typename Builder>
void writeWay(Builder out, const Block& way, const Plan& plan) {
  if (const auto interface = interfaceOf(way, "dev", plan)) {
    out.setHasInterface(true);
    out.setInterface(*interface);
  }
  out.setFlags(way.flag("onlink") ? std::uint32_t{RTNH_F_ONLINK} : 0);
  writeEncapsulation(out, way);
}

void writeMetrics(schema::Route::Builder out, const Block& route) {
  std::vector<const Metric*> said;
  for (const Metric& metric : routeMetrics()) {
    if (metric.attribute != RTAX_CC_ALGO && !isNothing(route.value(Key(metric.keyword)))) {
      said.push_back(&metric);
    }
  }
  auto metrics = out.initMetrics(sizeOf(said));
  for (unsigned i = 0; i < metrics.size(); ++i) {
    metrics[i].setAttribute(said[i]->attribute);
    metrics[i].setValue(static_cast<std::uint32_t>(route.number(Key(said[i]->keyword))));
  }
}

}  // namespace

std::optional<std::uint32_t> trackGroupOf(const Block& line, const Plan& plan) {
  const auto* name = line.find<std::string>("track_group");
  if (name == nullptr) {
    return std::nullopt;
  }
  const auto groups = plan.configuration->blocks("track_group");
  const auto found = std::find_if(groups.begin(), groups.end(),
                                  [name](const Block* group) { return group->name() == *name; });
  return static_cast<std::uint32_t>(found - groups.begin());
}

void write(schema::Route::Builder out, const Block& route, const Plan& plan) {
  writeSettings(route, out);
  const auto hops = route.blocks("nexthop");
  writeWay(out, route, plan);
  if (const auto vrf = interfaceOf(route, "vrf", plan)) {
    out.setHasVrf(true);
    out.setVrf(*vrf);
  }
  writeMetrics(out, route);
  auto nextHops = out.initNextHops(sizeOf(hops));
  for (unsigned i = 0; i < nextHops.size(); ++i) {
    writeSettings(*hops[i], nextHops[i]);
    writeWay(nextHops[i], *hops[i], plan);
  }
  writeTracking(out, route, plan);
}

void write(schema::Rule::Builder out, const Block& rule, const Plan& plan) {
  writeSettings(rule, out);
  if (const auto interface = interfaceOf(rule, "iif", plan)) {
    out.setHasInput(true);
    out.setInput(*interface);
  }
  if (const auto interface = interfaceOf(rule, "oif", plan)) {
    out.setHasOutput(true);
    out.setOutput(*interface);
  }
  writeTracking(out, rule, plan);
}

}  // namespace holdfast::config
