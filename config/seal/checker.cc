// What checkd gets.
#include <algorithm>
#include <array>
#include <charconv>

#include "config/seal/write.h"
#include "config/secret.h"
#include "config/tables/regex_options.h"

namespace holdfast::config {
namespace {

using Kind = schema::Checker::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 10> kKinds = {{{"TCP_CHECK", Kind::TCP},
                                                                       {"HTTP_GET", Kind::HTTP},
                                                                       {"SSL_GET", Kind::SSL},
                                                                       {"SMTP_CHECK", Kind::SMTP},
                                                                       {"DNS_CHECK", Kind::DNS},
                                                                       {"MISC_CHECK", Kind::MISC},
                                                                       {"UDP_CHECK", Kind::UDP},
                                                                       {"PING_CHECK", Kind::PING},
                                                                       {"FILE_CHECK", Kind::FILE},
                                                                       {"BFD_CHECK", Kind::BFD}}};

unsigned digitOf(char c) {
  return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

std::uint64_t hexNumber(std::string_view digits) {
  std::uint64_t number = 0;
  for (const char c : digits) {
    number = number << 4U | digitOf(c);
  }
  return number;
}

// RFC 4648, 4.
std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8U | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text += i <= group.size() ? kDigits[bits >> (18 - 6 * i) & 0x3fU] : '=';
    }
  }
  return text;
}

void writeStatusCodes(schema::Url::Builder out, const Block& url) {
  const auto* words = url.find<std::shared_ptr<const WordList>>("status_code");
  const WordList codes = words == nullptr ? WordList{"200-299"} : **words;
  auto ranges = out.initStatusCodes(sizeOf(codes));
  for (unsigned i = 0; i < ranges.size(); ++i) {
    const std::string& word = codes[i];
    std::uint16_t low = 0;
    const char* end = std::from_chars(word.data(), word.data() + word.size(), low).ptr;
    std::uint16_t high = low;
    if (*end == '-') {
      std::from_chars(end + 1, word.data() + word.size(), high);
    }
    ranges[i].setLow(low);
    ranges[i].setHigh(high);
  }
}

void write(schema::Url::Builder out, const Block& url) {
  writeSettings(url, out);
  if (const std::string* digest = url.find<std::string>("digest")) {
    out.setHasDigest(true);
    out.setDigestHigh(hexNumber(std::string_view(*digest).substr(0, 16)));
    out.setDigestLow(hexNumber(std::string_view(*digest).substr(16)));
  }
  writeStatusCodes(out, url);
  if (const auto* words = url.find<std::shared_ptr<const WordList>>("regex_options")) {
    auto options = out.initRegexOptions(sizeOf(**words));
    for (unsigned i = 0; i < options.size(); ++i) {
      const auto* found = std::find(kRegexOptions.begin(), kRegexOptions.end(), (**words)[i]);
      options.set(i, static_cast<schema::RegexOption>(found - kRegexOptions.begin()));
    }
  }
}

void write(schema::HttpCheck::Builder out, const Block& check) {
  writeSettings(check, out);
  out.setSendServerName(check.flag("enable_sni") || check.setting("sni_name") != nullptr);
  if (const auto* lines = check.find<std::shared_ptr<const WordList>>("header")) {
    auto headers = out.initHeaders(sizeOf(**lines));
    for (unsigned i = 0; i < headers.size(); ++i) {
      headers.set(i, (**lines)[i].c_str());
    }
  }
  if (const auto* password = check.find<std::shared_ptr<const Secret>>("credentials")) {
    const std::string value =
        "Basic " + base64(check.text("credentials user") + ":" + (*password)->text());
    std::ranges::copy(value, out.initAuthorization(sizeOf(value)).begin());
  }
  const auto blocks = check.blocks("url");
  auto urls = out.initUrls(sizeOf(blocks));
  for (unsigned i = 0; i < urls.size(); ++i) {
    write(urls[i], *blocks[i]);
  }
}

void write(schema::Connection::Builder out, const Block& check, const Plan& plan) {
  writeSettings(check, out);
  const auto socket = plan.checkSocketOf.find(&check);
  if (socket != plan.checkSocketOf.end()) {
    out.setHasSocket(true);
    out.setSocket(socket->second);
  }
}

void write(schema::SmtpCheck::Builder out, const Block& check, const Plan& plan) {
  writeSettings(check, out);
  const auto blocks = check.blocks("host");
  auto hosts = out.initHosts(sizeOf(blocks));
  for (unsigned i = 0; i < hosts.size(); ++i) {
    write(hosts[i], *blocks[i], plan);
  }
}

void write(schema::MiscCheck::Builder out, const Block& check, const Plan& plan) {
  writeSettings(check, out);
  out.setTimeoutNs(timeLimitOf(check));
  const auto place = plan.checks.find(&check);
  out.setNeverRuns(place == plan.checks.end());
  if (place != plan.checks.end()) {
    out.setIdentity(place->second.identity);
    out.setScript(place->second.index);
  }
}

// Pairs of digits, and which of their bits count: those of an x do not.
void write(schema::UdpCheck::Builder out, const Block& check) {
  writeSettings(check, out);
  if (const std::string* text = check.find<std::string>("payload")) {
    auto payload = out.initPayload(sizeOf(*text) / 2);
    for (std::size_t i = 0; i < payload.size(); ++i) {
      payload[i] = static_cast<std::uint8_t>(hexNumber(text->substr(2 * i, 2)));
    }
  }
  if (const std::string* text = check.find<std::string>("require_reply data")) {
    auto reply = out.initReply(sizeOf(*text) / 2);
    auto mask = out.initReplyMask(sizeOf(*text) / 2);
    for (std::size_t i = 0; i < text->size(); ++i) {
      const bool counts = (*text)[i] != 'x';
      const auto shifted = [i](auto& bytes, unsigned digit) {
        return static_cast<std::uint8_t>(unsigned{bytes[i / 2]} << 4U | digit);
      };
      reply[i / 2] = shifted(reply, counts ? digitOf((*text)[i]) : 0U);
      mask[i / 2] = shifted(mask, counts ? 0xfU : 0U);
    }
  }
}

void write(schema::Checker::Builder out, const Block& check, const Plan& plan) {
  const auto* kind = std::find_if(kKinds.begin(), kKinds.end(), [&check](const auto& one) {
    return one.first == check.row()->name;
  });
  out.setKind(kind->second);
  writeSettings(check, out);
  if (const auto tls = plan.tlsClientOf.find(&check); tls != plan.tlsClientOf.end()) {
    out.setHasTls(true);
    out.setTls(tls->second);
  }
  if (check.table().find(Key("connect_ip")) != nullptr) {
    write(out.initConnection(), check, plan);
  }
  switch (kind->second) {
    case Kind::TCP:
    case Kind::PING:
      break;
    case Kind::HTTP:
    case Kind::SSL:
      write(out.initHttp(), check);
      break;
    case Kind::SMTP:
      write(out.initSmtp(), check, plan);
      break;
    case Kind::DNS:
      writeSettings(check, out.initDns());
      break;
    case Kind::MISC:
      write(out.initMisc(), check, plan);
      break;
    case Kind::UDP:
      write(out.initUdp(), check);
      break;
    case Kind::FILE: {
      auto file = out.initFile();
      writeSettings(check, file);
      file.setFile(plan.trackFiles.index(check.text("track_file")).value());
      break;
    }
    case Kind::BFD:
      out.setBfd(plan.bfdSessions.index(check.text("name")).value());
      break;
  }
}

const ScriptPlace* notifierOf(const Plan& plan, const Block& owner, std::string_view keyword) {
  const auto found = plan.hooks.find(&owner);
  if (found == plan.hooks.end()) {
    return nullptr;
  }
  const auto hook =
      std::find_if(found->second.begin(), found->second.end(),
                   [keyword](const HookReference& one) { return one.row->name == keyword; });
  return hook == found->second.end() ? nullptr : &hook->place;
}

void write(schema::ScriptReference::Builder out, const ScriptPlace& place) {
  out.setIdentity(place.identity);
  out.setNotifier(place.index);
}

void write(schema::RealServer::Builder out, const Block& server, const Plan& plan) {
  out.setName(server.name());
  writeSettings(server, out);
  if (const ScriptPlace* place = notifierOf(plan, server, "notify_up")) {
    out.setHasNotifyUp(true);
    write(out.initNotifyUp(), *place);
  }
  if (const ScriptPlace* place = notifierOf(plan, server, "notify_down")) {
    out.setHasNotifyDown(true);
    write(out.initNotifyDown(), *place);
  }
  std::vector<const Block*> checks;
  for (const Block* check : server.blocks()) {
    if (!check->isDropped()) {
      checks.push_back(check);
    }
  }
  auto checkers = out.initCheckers(sizeOf(checks));
  for (unsigned i = 0; i < checkers.size(); ++i) {
    write(checkers[i], *checks[i], plan);
  }
}

void write(schema::VirtualServer::Builder out, const Block& server, const Plan& plan) {
  out.setName(server.name());
  out.setFamily(static_cast<schema::Family>(server.number("ip_family")));
  writeSettings(server, out);
  if (const ScriptPlace* place = notifierOf(plan, server, "quorum_up")) {
    out.setHasQuorumUp(true);
    write(out.initQuorumUp(), *place);
  }
  if (const ScriptPlace* place = notifierOf(plan, server, "quorum_down")) {
    out.setHasQuorumDown(true);
    write(out.initQuorumDown(), *place);
  }
  out.setHasSorryServer(server.address("sorry_server") != nullptr);
  const auto blocks = server.blocks("real_server");
  auto servers = out.initRealServers(sizeOf(blocks));
  for (unsigned i = 0; i < servers.size(); ++i) {
    write(servers[i], *blocks[i], plan);
  }
}

// `init` makes room for so many bytes.
template <typename Init>
void writeSecret(const std::shared_ptr<const Secret>& secret, Init init) {
  if (secret != nullptr) {
    const std::string& text = secret->text();
    std::copy(text.begin(), text.end(), init(sizeOf(text)).begin());
  }
}

// `context` is the SSL block, or a check.
void write(schema::TlsClient::Builder out, const Block& context, const PlannedTls& files) {
  writeSettings(context, out);
  out.setIsBroken(files.isBroken);
  writeSecret(files.authorities, [&out](unsigned size) { return out.initAuthoritiesPem(size); });
  writeSecret(files.certificate, [&out](unsigned size) { return out.initCertificatePem(size); });
  writeSecret(files.key, [&out](unsigned size) { return out.initKeyPem(size); });
  writeSecret(files.password, [&out](unsigned size) { return out.initPassword(size); });
}

void writePinnedKeys(schema::TlsClient::Builder out, const Block& check) {
  const auto* keys = check.find<std::shared_ptr<const WordList>>("pinned_key");
  if (keys == nullptr) {
    return;
  }
  auto pinned = out.initPinnedKeys(sizeOf(**keys));
  for (unsigned i = 0; i < pinned.size(); ++i) {
    const std::string& digits = (**keys)[i];
    auto digest = pinned.init(i, sizeOf(digits) / 2);
    for (std::size_t at = 0; at < digest.size(); ++at) {
      digest[at] = static_cast<std::uint8_t>(hexNumber(digits.substr(2 * at, 2)));
    }
  }
}

}  // namespace

void write(schema::CheckerConfig::Builder out, const Plan& plan) {
  const Block& root = *plan.configuration;
  write(out.initDigest(), plan.digest);
  writeSettings(*root.firstBlock("global_defs"), out);
  if (const Block* context = root.firstBlock("SSL")) {
    write(out.initTls(), *context, plan.tls);
  }
  auto tlsClients = out.initTlsClients(sizeOf(plan.tlsClients));
  for (unsigned i = 0; i < tlsClients.size(); ++i) {
    write(tlsClients[i], *plan.tlsClients[i].check, plan.tlsClients[i]);
    writePinnedKeys(tlsClients[i], *plan.tlsClients[i].check);
  }
  const auto blocks = root.blocks("virtual_server");
  auto servers = out.initVirtualServers(sizeOf(blocks));
  for (unsigned i = 0; i < servers.size(); ++i) {
    write(servers[i], *blocks[i], plan);
  }
}

}  // namespace holdfast::config
