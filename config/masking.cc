#include "config/masking.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <vector>

#include "config/diagnostic.h"
#include "config/suggest.h"
#include "config/tables.h"
#include "config/text.h"
#include "config/words.h"

namespace holdfast::config {
namespace {

constexpr std::string_view kMask = "********";

struct Keyword {
  std::string_view name;
  bool numbered = false;  // a number stands before the secret
};

void collect(const Table& table, std::set<const Table*>& seen, std::vector<Keyword>& keywords) {
  if (!seen.insert(&table).second) {
    return;
  }
  for (const Row& row : table.rows()) {
    if (row.secret && !row.takes.isPart) {
      keywords.push_back({row.name, row.takes.syntax.starts_with("ID ")});
    }
    if (row.takes.isBlock()) {
      collect(row.takes.table(), seen, keywords);
    }
  }
}

const std::vector<Keyword>& secretKeywords() {
  static const std::vector<Keyword> kKeywords = [] {
    std::set<const Table*> seen;
    std::vector<Keyword> keywords;
    collect(rootTable(), seen, keywords);
    return keywords;
  }();
  return kKeywords;
}

bool isNumber(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), isDigit);
}

bool isText(const std::vector<Word>& words, std::size_t at) {
  return at < words.size() && words[at].kind == Word::Kind::kText;
}

// Where the secrets behind the keyword at `at` begin; past the end where it is none.
std::size_t secretsBehind(const std::vector<Word>& words, std::size_t at) {
  std::vector<std::string_view> names;
  for (const Keyword& keyword : secretKeywords()) {
    if (words[at].text == keyword.name) {
      const bool number = keyword.numbered && isText(words, at + 2) && isNumber(words[at + 1].text);
      return at + (number ? 2 : 1);
    }
    names.push_back(keyword.name);
  }
  return at == 0 && nearestWord(words[at].text, names) ? at + 1 : words.size();
}

// `$PASSWORD=text`
std::size_t definedSecret(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (!line.starts_with('$') || equals == std::string_view::npos) {
    return std::string_view::npos;
  }
  std::string name(line.substr(0, equals));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const bool secret = name.find("pass") != std::string::npos ||
                      name.find("secret") != std::string::npos ||
                      name.find("key") != std::string::npos;
  return secret ? equals + 1 : std::string_view::npos;
}

struct Piece {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;  // without quotes
};

// A place where a secret is kept is none itself.
bool isReference(std::string_view text) {
  return text.starts_with("file:/") || text.starts_with("credential:");
}

std::vector<Piece> secretsIn(std::string_view line) {
  std::vector<Piece> pieces;
  const std::size_t indent = std::min(line.find_first_not_of(" \t"), line.size());
  if (const std::size_t begin = definedSecret(line.substr(indent));
      begin != std::string_view::npos && indent + begin < line.size()) {
    pieces.push_back({indent + begin, line.size(), std::string(line.substr(indent + begin))});
    return pieces;
  }
  const std::vector<Word> words = splitWords(line).words;
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (!isText(words, at)) {
      continue;
    }
    for (std::size_t i = secretsBehind(words, at); isText(words, i); ++i) {
      if (!isReference(words[i].text)) {
        pieces.push_back({words[i].begin, words[i].end, std::string(words[i].text)});
      }
      at = i;
    }
  }
  return pieces;
}

std::string masked(std::string_view line, const std::vector<Piece>& pieces) {
  std::string out;
  std::size_t done = 0;
  for (const Piece& piece : pieces) {
    out += line.substr(done, piece.begin - done);
    out += kMask;
    done = std::min(piece.end, line.size());
  }
  out += line.substr(done);
  return out;
}

bool isWordCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// A short secret is looked for as a whole word only: a single letter is in every message.
void hide(std::string& text, const std::string& secret) {
  constexpr std::size_t kShort = 4;
  if (secret.empty()) {
    return;
  }
  for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
    const std::size_t end = at + secret.size();
    const bool inside = (at > 0 && isWordCharacter(text[at - 1])) ||
                        (end < text.size() && isWordCharacter(text[end]));
    if (inside && secret.size() < kShort) {
      at = end;
      continue;
    }
    text.replace(at, secret.size(), kMask);
    at += kMask.size();
  }
}

}  // namespace

std::string maskLine(std::string_view line) {
  return masked(line, secretsIn(line));
}

void mask(Diagnostic& diagnostic) {
  Place& place = diagnostic.place;
  std::vector<Piece> pieces = secretsIn(place.text);
  if (pieces.empty()) {
    return;
  }
  place.text = masked(place.text, pieces);
  place.column = std::min(place.column, static_cast<std::uint32_t>(pieces.front().begin + 1));
  std::sort(pieces.begin(), pieces.end(),
            [](const Piece& a, const Piece& b) { return a.text.size() > b.text.size(); });
  for (const Piece& piece : pieces) {
    hide(diagnostic.message, piece.text);
    hide(diagnostic.hint, piece.text);
  }
}

}  // namespace holdfast::config
