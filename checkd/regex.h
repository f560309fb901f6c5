// A regular expression that is looked for in what a server sends, however long that is, in bounded
// memory and time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/result.h"

struct pcre2_callout_block_8;
struct pcre2_real_code_8;
struct pcre2_real_match_context_8;
struct pcre2_real_match_data_8;

namespace holdfast::checkd {

// A compiled expression. Interpreted, never compiled to machine code: checkd may not have memory
// that is writable and executable.
class Regex {
 public:
  // `options` are PCRE2_*. The error says what is wrong and where.
  [[nodiscard]] static Result<std::shared_ptr<const Regex>> compile(std::string_view expression,
                                                                    std::uint32_t options);

  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

 private:
  friend class RegexSearch;
  explicit Regex(pcre2_real_code_8* code);

  pcre2_real_code_8* code_;
  bool isUtf_ = false;
  bool isFirstLineOnly_ = false;
  std::size_t lookbehindBytes_ = 0;
};

// One search through one body. It finds what a search through the whole of it would find, as long
// as the match itself is no longer than kMaxMatchBytes.
class RegexSearch {
 public:
  struct Limits {
    std::uint64_t minOffset = 0;  // bytes of the body; matches begin there or later
    std::uint64_t maxOffset = 0;  // and there at the latest; 0 for no limit
    std::uint64_t memoryBytes =
        0;  // for the search, at least kMemoryBytes and at most 16 times that
  };
  enum class Outcome : std::uint8_t {
    kSearching,
    kFound,
    kNotFound,
    kFailed,  // why() says how
  };

  static constexpr std::size_t kMaxMatchBytes = 32768;
  static constexpr std::uint64_t kMemoryBytes = 16U << 20U;

  RegexSearch(std::shared_ptr<const Regex> regex, const Limits& limits);
  ~RegexSearch();
  RegexSearch(const RegexSearch&) = delete;
  RegexSearch& operator=(const RegexSearch&) = delete;

  void feed(std::span<const std::uint8_t> bytes);
  // There is no more: the outcome is final.
  void end();

  [[nodiscard]] Outcome outcome() const { return outcome_; }
  [[nodiscard]] const std::string& why() const { return why_; }

 private:
  void searchFirstHalf();
  void slide();
  // A negative answer is one of PCRE2_ERROR_*; matches may begin up to `last`.
  [[nodiscard]] int match(std::size_t first, std::size_t last, std::size_t length,
                          std::uint32_t options);
  // Where in the window matches may begin.
  [[nodiscard]] std::size_t firstPlace() const;
  [[nodiscard]] std::size_t lastPlace() const;
  [[nodiscard]] std::size_t characterAt(std::size_t place) const;
  void conclude(int matched);
  void fail(const std::string& why);
  static int countStep(pcre2_callout_block_8* block, void* search);

  std::shared_ptr<const Regex> regex_;
  Limits limits_;
  pcre2_real_match_context_8* context_;
  pcre2_real_match_data_8* result_;
  std::vector<std::uint8_t> window_;  // what of the body is still looked at
  std::uint64_t offset_ = 0;          // of the window in the body
  std::size_t start_ = 0;             // how much of the window is only looked back at
  std::uint64_t steps_ = 0;
  std::uint64_t maxSteps_;
  std::size_t lastPosition_ = 0;
  Outcome outcome_ = Outcome::kSearching;
  std::string why_;
};

}  // namespace holdfast::checkd
