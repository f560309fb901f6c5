// In the words and the layout of keepalived's dumps.
#include "config/seal/display.h"

#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "config/statement.h"
#include "ipc/json.h"

namespace holdfast::config {
namespace {

constexpr std::string_view kMask = "********";

std::string secondsOf(std::uint64_t nanoseconds) {
  std::array<char, 32> text{};
  const auto [end, failure] =
      std::to_chars(text.data(), text.data() + text.size(), static_cast<double>(nanoseconds) / 1e9);
  return {text.data(), end};
}

const char* truth(bool value) {
  return value ? "true" : "false";
}

const char* ability(bool value) {
  return value ? "enabled" : "disabled";
}

class Lines {
 public:
  Lines& add(std::string_view label, std::string_view value) {
    text_.append("   ").append(label).append(" = ").append(value).append("\n");
    return *this;
  }
  Lines& add(std::string_view label, std::uint64_t value) {
    return add(label, std::to_string(value));
  }
  Lines& line(std::string_view text) {
    text_.append(text).append("\n");
    return *this;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Members of a JSON object.
class Members {
 public:
  Members& text(std::string_view name, std::string_view value) {
    begin(name);
    appendJsonString(text_, value);
    return *this;
  }
  // A number, or a truth.
  Members& plain(std::string_view name, std::string_view value) {
    begin(name);
    text_ += value;
    return *this;
  }
  Members& number(std::string_view name, std::uint64_t value) {
    return plain(name, std::to_string(value));
  }
  Members& list(std::string_view name, const std::vector<std::string>& values) {
    if (values.empty()) {
      return *this;
    }
    begin(name);
    for (std::size_t i = 0; i < values.size(); ++i) {
      text_ += i == 0 ? "[" : ",";
      appendJsonString(text_, values[i]);
    }
    text_ += "]";
    return *this;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void begin(std::string_view name) {
    text_ += text_.empty() ? "\"" : ",\"";
    text_.append(name).append("\":");
  }
  std::string text_;
};

// "10.0.0.1/24 brd 10.0.0.255 dev eth0 scope global label eth0:1"
std::string addressText(const Block& line) {
  const IpAddress& address = *line.address("address");
  const bool isIpv4 = address.family == AddressFamily::kIpv4;
  const std::int64_t length = line.number("prefix length");
  std::string text = address.toString();
  if (length != (isIpv4 ? 32 : 128)) {
    text += "/" + std::to_string(length);
  }
  for (const auto& [key, word] : {std::pair(Key("peer"), " peer "), {Key("broadcast"), " brd "}}) {
    if (const IpAddress* const other = line.address(key)) {
      text += word + other->toString();
    }
  }
  text += " dev " + line.text("dev") + " scope " +
          (line.find<std::string>("scope") != nullptr ? line.text("scope") : "global");
  if (const auto* const label = line.find<std::string>("label")) {
    text += " label " + *label;
  }
  return text;
}

std::string linesOf(const Block& instance, Key list) {
  std::string text;
  for (const Block* line : instance.blocks(list)) {
    text += addressText(*line) + "\n";
  }
  return text;
}

// As it stands in the file.
std::vector<std::string> statementsOf(const Block& instance, Key list) {
  std::vector<std::string> texts;
  for (const Block* line : instance.blocks(list)) {
    std::string text;
    for (const Word& word : line->statement()->words) {
      text.append(text.empty() ? "" : " ").append(word.text);
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

// "eth0 weight 0"
std::vector<std::string> trackedOf(const Block& instance, Key list, std::string_view separator) {
  std::vector<std::string> texts;
  for (const Block* line : instance.blocks(list)) {
    const auto* const weight = line->find<std::int64_t>("weight");
    texts.push_back(line->name() + std::string(separator) + "weight " +
                    std::to_string(weight == nullptr ? 0 : *weight));
  }
  return texts;
}

std::vector<std::string> namesOf(const Block& instance, Key list) {
  std::vector<std::string> names;
  for (const Block* line : instance.blocks(list)) {
    names.push_back(line->name());
  }
  return names;
}

bool hasPassword(schema::VrrpInstance::Reader of) {
  return of.getAuthentication() != schema::Authentication::NONE;
}

std::string jsonOf(schema::VrrpInstance::Reader of, const Block& instance, const Plan& plan) {
  Members json;
  json.text("iname", instance.name())
      .number("dont_track_primary", of.getTrackPrimary() ? 0 : 1)
      .number("skip_check_adv_addr", of.getSkipCheckAdvertAddresses() ? 1 : 0)
      .number("strict_mode", of.getStrict() ? 1 : 0)
      .text("vmac_ifname",
            of.getHasLink() ? plan.interfaces.all()[of.getLinkInterface()].c_str() : "");
  if (of.getHasInterface()) {
    json.text("ifp_ifname", plan.interfaces.all()[of.getInterface()]);
  }
  json.plain("garp_delay", secondsOf(of.getAnnounceDelayNs()))
      .plain("garp_refresh", secondsOf(of.getAnnounceRefreshNs()))
      .number("garp_rep", static_cast<std::uint64_t>(instance.number("garp_master_repeat")))
      .number("garp_refresh_rep",
              static_cast<std::uint64_t>(instance.number("garp_master_refresh_repeat")))
      .plain("garp_lower_prio_delay", secondsOf(of.getAnnounceLowerPriorityDelayNs()))
      .number("garp_lower_prio_rep", of.getAnnounceLowerPriorityRepeat())
      .number("lower_prio_no_advert", of.getLowerPriorityNoAdvert() ? 1 : 0)
      .number("higher_prio_send_advert", of.getHigherPrioritySendAdvert() ? 1 : 0)
      .number("vrid", of.getVirtualRouterId())
      .number("base_priority", of.getBasePriority())
      .plain("promote_secondaries", truth(instance.flag("promote_secondaries")))
      .plain("adver_int", secondsOf(of.getAdvertIntervalNs()))
      .number("accept", of.getAccept() ? 1 : 0)
      .plain("nopreempt", truth(!of.getPreempt()))
      .plain("preempt_delay", secondsOf(of.getPreemptDelayNs()))
      .number("version", of.getVersion())
      .plain("smtp_alert", truth(of.getSmtpAlert()))
      .plain("notify_deleted", truth(instance.isSaid("notify_deleted")))
      .list("vroutes", statementsOf(instance, "virtual_routes"))
      .list("vrules", statementsOf(instance, "virtual_rules"))
      .list("track_ifp", namesOf(instance, "track_interface"))
      .list("track_script", namesOf(instance, "track_script"))
      .list("track_process", namesOf(instance, "track_process"))
      .number("auth_type", static_cast<std::uint64_t>(of.getAuthentication()));
  if (hasPassword(of)) {
    json.text("auth_data", kMask);
  }
  return json.text();
}

std::string headingOf(schema::VrrpInstance::Reader of, const Plan& plan) {
  Lines lines;
  lines.add("VRRP Version", of.getVersion());
  if (of.getHasSyncGroup()) {
    lines.add("Sync group", plan.syncGroups.all()[of.getSyncGroup()]->name());
  }
  if (of.getFamily() == schema::Family::IPV6) {
    lines.line("   Using Native IPv6");
  }
  return lines.text();
}

std::string settingsOf(schema::VrrpInstance::Reader of, const Block& instance, const Plan& plan) {
  Lines lines;
  if (of.getHasInterface()) {
    lines.add("Interface", plan.interfaces.all()[of.getInterface()]);
  }
  if (of.getPeers().size() == 0) {
    lines.line("   Multicast address " + instance.address("group")->toString());
  }
  lines.add("Gratuitous ARP delay", secondsOf(of.getAnnounceDelayNs()))
      .add("Gratuitous ARP repeat", std::to_string(instance.number("garp_master_repeat")))
      .add("Gratuitous ARP refresh", secondsOf(of.getAnnounceRefreshNs()))
      .add("Gratuitous ARP refresh repeat",
           std::to_string(instance.number("garp_master_refresh_repeat")))
      .add("Gratuitous ARP lower priority delay", secondsOf(of.getAnnounceLowerPriorityDelayNs()))
      .add("Gratuitous ARP lower priority repeat", of.getAnnounceLowerPriorityRepeat())
      .add("Down timer adverts", of.getDownTimerAdverts())
      .add("Send advert after receive lower priority advert", truth(!of.getLowerPriorityNoAdvert()))
      .add("Send advert after receive higher priority advert",
           truth(of.getHigherPrioritySendAdvert()))
      .add("Virtual Router ID", of.getVirtualRouterId())
      .add("Priority", of.getBasePriority());
  return lines.text();
}

std::string electionOf(schema::VrrpInstance::Reader of, const Block& instance) {
  constexpr std::uint64_t kNsOfMs = 1'000'000;
  const std::uint64_t interval = of.getAdvertIntervalNs();
  Lines lines;
  lines
      .add("Advert interval", interval % (1000 * kNsOfMs) == 0
                                  ? secondsOf(interval) + " sec"
                                  : std::to_string(interval / kNsOfMs) + " milli-sec")
      .add("Accept", ability(of.getAccept()))
      .add("Preempt", ability(of.getPreempt()));
  if (of.getPreemptDelayNs() != 0) {
    lines.add("Preempt delay", secondsOf(of.getPreemptDelayNs()) + " secs");
  }
  lines.add("Promote_secondaries", ability(instance.flag("promote_secondaries")));
  if (hasPassword(of)) {
    lines
        .add("Authentication type",
             of.getAuthentication() == schema::Authentication::AH ? "IPSEC_AH" : "SIMPLE_PASSWORD")
        .add("Password", kMask);
  }
  return lines.text();
}

void addList(Lines& lines, std::string_view heading, const std::vector<std::string>& entries) {
  if (!entries.empty()) {
    lines.line("   " + std::string(heading) + " :");
  }
  for (const std::string& entry : entries) {
    lines.line("     " + entry);
  }
}

std::string restOf(schema::VrrpInstance::Reader of, const Block& instance) {
  Lines lines;
  if (of.getPeers().size() != 0) {
    lines.add("Unicast TTL", of.getTtl())
        .line(std::string("   Check unicast src : ") + (of.getCheckUnicastSource() ? "yes" : "no"))
        .line("   Unicast Peer :");
    const auto blocks = instance.blocks("unicast_peer");
    for (unsigned i = 0; i < of.getPeers().size(); ++i) {
      const auto peer = of.getPeers()[i];
      lines.line("     " + blocks[i]->address("address")->toString() + " min_ttl " +
                 std::to_string(peer.getMinTtl()) + " max_ttl " + std::to_string(peer.getMaxTtl()));
    }
  }
  addList(lines, "Virtual Routes", statementsOf(instance, "virtual_routes"));
  addList(lines, "Virtual Rules", statementsOf(instance, "virtual_rules"));
  addList(lines, "Tracked interfaces", trackedOf(instance, "track_interface", " "));
  addList(lines, "Tracked scripts", trackedOf(instance, "track_script", " "));
  addList(lines, "Tracked files", trackedOf(instance, "track_file", " "));
  addList(lines, "Tracked processes", trackedOf(instance, "track_process", ", "));
  lines.add("Using smtp notification", of.getSmtpAlert() ? "yes" : "no")
      .add("Notify priority changes", truth(of.getNotifyPriorityChanges()));
  return lines.text();
}

}  // namespace

void writeDisplay(schema::VrrpInstance::Builder out, const Block& instance, const Plan& plan) {
  const auto of = out.asReader();
  auto display = out.initDisplay();
  display.setJson(jsonOf(of, instance, plan));
  display.setHeading(headingOf(of, plan));
  display.setSettings(settingsOf(of, instance, plan));
  display.setElection(electionOf(of, instance));
  display.setAddresses(linesOf(instance, "virtual_ipaddress"));
  display.setExcluded(linesOf(instance, "virtual_ipaddress_excluded"));
  display.setRest(restOf(of, instance));
}

std::string displayOf(const Plan& plan) {
  const Block& root = *plan.configuration;
  const Block& globals = *root.firstBlock("global_defs");
  const auto line = [](std::string_view label, const std::string& value) {
    return " " + std::string(label) + " = " + value + "\n";
  };
  const auto* const space = root.find<std::string>("net_namespace");
  const auto* const name = root.find<std::string>("instance");
  std::string text = "------< Global definitions >------\n";
  text += line("Network namespace", space == nullptr ? "(default)" : *space);
  if (name != nullptr) {
    text += line("Instance name", *name);
  }
  if (const auto* const router = globals.find<std::string>("router_id")) {
    text += line("Router ID", *router);
  }
  text += line("VRRP default protocol version", std::to_string(globals.number("vrrp_version")));
  text += line("VRRP strict mode", truth(globals.flag("vrrp_strict")));
  text += globals.flag("enable_script_security") ? " Script security enabled\n"
                                                 : " Script security disabled\n";
  return text + "------< VRRP Topology >------\n";
}

}  // namespace holdfast::config
