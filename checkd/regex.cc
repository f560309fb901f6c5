#define PCRE2_CODE_UNIT_WIDTH 8
#include "checkd/regex.h"

#include <pcre2.h>

#include <algorithm>
#include <array>
#include <new>

namespace holdfast::checkd {
namespace {

constexpr std::size_t kWindowBytes = 2 * RegexSearch::kMaxMatchBytes;
constexpr std::size_t kMaxUtfBytes = 4;  // of one character

// Some hundredths of a second, and what an ordinary expression needs for each byte.
constexpr std::uint64_t kSteps = 1'000'000;
constexpr std::uint64_t kStepsPerByte = 8;
// A step that goes so far has looked at as many bytes.
constexpr std::size_t kBytesPerStep = 16;

std::string messageOf(int code) {
  std::array<PCRE2_UCHAR, 128> text{};
  pcre2_get_error_message(code, text.data(), text.size());
  return reinterpret_cast<const char*>(text.data());
}

bool isContinuation(std::uint8_t byte) {
  return (byte & 0xc0U) == 0x80U;
}

}  // namespace

Result<std::shared_ptr<const Regex>> Regex::compile(std::string_view expression,
                                                    std::uint32_t options) {
  int code = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* compiled =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.data()), expression.size(),
                    options | PCRE2_AUTO_CALLOUT | PCRE2_USE_OFFSET_LIMIT, &code, &offset, nullptr);
  if (compiled == nullptr) {
    return Error{"regex: " + messageOf(code) + " at offset " + std::to_string(offset)};
  }
  return std::shared_ptr<const Regex>(new Regex(compiled));
}

Regex::Regex(pcre2_real_code_8* code) : code_(code) {
  std::uint32_t options = 0;
  std::uint32_t lookbehind = 0;
  pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &options);
  pcre2_pattern_info(code, PCRE2_INFO_MAXLOOKBEHIND, &lookbehind);
  isUtf_ = (options & PCRE2_UTF) != 0;
  isFirstLineOnly_ = (options & PCRE2_FIRSTLINE) != 0;
  // One more, so that no later place is taken for the beginning of the body.
  lookbehindBytes_ = (std::size_t{lookbehind} + 1) * (isUtf_ ? kMaxUtfBytes : 1);
}

Regex::~Regex() {
  pcre2_code_free(code_);
}

RegexSearch::RegexSearch(std::shared_ptr<const Regex> regex, const Limits& limits)
    : regex_(std::move(regex)),
      limits_(limits),
      context_(pcre2_match_context_create(nullptr)),
      result_(pcre2_match_data_create(1, nullptr)),
      maxSteps_(kSteps) {
  if (context_ == nullptr || result_ == nullptr) {
    throw std::bad_alloc();
  }
  const std::uint64_t memory =
      std::clamp(limits.memoryBytes, kMemoryBytes, std::uint64_t{16} * kMemoryBytes);
  pcre2_set_heap_limit(context_, static_cast<std::uint32_t>(memory / 1024));
  pcre2_set_callout(context_, &RegexSearch::countStep, this);
}

RegexSearch::~RegexSearch() {
  pcre2_match_data_free(result_);
  pcre2_match_context_free(context_);
}

// Called before each item of the expression that is tried.
int RegexSearch::countStep(pcre2_callout_block* block, void* search) {
  auto& self = *static_cast<RegexSearch*>(search);
  const std::size_t position = block->current_position;
  const std::size_t moved =
      position > self.lastPosition_ ? position - self.lastPosition_ : self.lastPosition_ - position;
  self.lastPosition_ = position;
  self.steps_ += 1 + moved / kBytesPerStep;
  return self.steps_ > self.maxSteps_ ? PCRE2_ERROR_CALLOUT : 0;
}

void RegexSearch::feed(std::span<const std::uint8_t> bytes) {
  while (outcome_ == Outcome::kSearching && !bytes.empty()) {
    const auto taken = bytes.first(std::min(bytes.size(), kWindowBytes - window_.size()));
    window_.insert(window_.end(), taken.begin(), taken.end());
    bytes = bytes.subspan(taken.size());
    maxSteps_ += kStepsPerByte * taken.size();
    if (window_.size() == kWindowBytes) {
      searchFirstHalf();
    }
  }
}

void RegexSearch::end() {
  if (outcome_ != Outcome::kSearching) {
    return;
  }
  const int matched = match(firstPlace(), lastPlace(), window_.size(), 0);
  conclude(matched);
  if (outcome_ == Outcome::kSearching) {
    outcome_ = Outcome::kNotFound;
  }
}

// More follows: what looks at the end of the window is no answer yet.
void RegexSearch::searchFirstHalf() {
  const std::size_t first = firstPlace();
  const std::size_t last = std::min(lastPlace(), characterAt(window_.size() / 2));
  const std::size_t length = characterAt(window_.size() - 1);
  int matched = match(first, last, length, PCRE2_PARTIAL_HARD | PCRE2_NOTEOL);
  if (matched == PCRE2_ERROR_PARTIAL) {
    // One that would be too long, unless there is one that is not.
    matched = match(first, last, length, PCRE2_PARTIAL_SOFT | PCRE2_NOTEOL);
  }
  conclude(matched);
  slide();
}

// The other half, and what may be looked back at, become the window.
void RegexSearch::slide() {
  if (outcome_ != Outcome::kSearching) {
    return;
  }
  const std::size_t half = characterAt(window_.size() / 2);
  const bool isEndOfLine = std::find(window_.begin() + static_cast<std::ptrdiff_t>(start_),
                                     window_.begin() + static_cast<std::ptrdiff_t>(half),
                                     '\n') != window_.begin() + static_cast<std::ptrdiff_t>(half);
  const bool isPastMax = limits_.maxOffset != 0 && offset_ + half > limits_.maxOffset;
  if (isPastMax || (regex_->isFirstLineOnly_ && isEndOfLine)) {
    outcome_ = Outcome::kNotFound;
    return;
  }
  const std::size_t dropped = characterAt(half - std::min(half, regex_->lookbehindBytes_));
  window_.erase(window_.begin(), window_.begin() + static_cast<std::ptrdiff_t>(dropped));
  offset_ += dropped;
  start_ = half - dropped;
}

int RegexSearch::match(std::size_t first, std::size_t last, std::size_t length,
                       std::uint32_t options) {
  if (first > last || first > length) {
    return PCRE2_ERROR_NOMATCH;
  }
  lastPosition_ = first;
  pcre2_set_offset_limit(context_, last);
  return pcre2_match(regex_->code_, window_.data(), length, first, options, result_, context_);
}

std::size_t RegexSearch::firstPlace() const {
  const std::uint64_t skipped = limits_.minOffset - std::min(limits_.minOffset, offset_);
  return std::max<std::size_t>(start_, std::min<std::uint64_t>(skipped, kWindowBytes + 1));
}

std::size_t RegexSearch::lastPlace() const {
  return limits_.maxOffset == 0
             ? kWindowBytes
             : std::min<std::uint64_t>(limits_.maxOffset - std::min(limits_.maxOffset, offset_),
                                       kWindowBytes);
}

// The place, or that of the character that it is within.
std::size_t RegexSearch::characterAt(std::size_t place) const {
  const std::size_t least = place - std::min(place, kMaxUtfBytes - 1);
  while (regex_->isUtf_ && place > least && isContinuation(window_[place])) {
    --place;
  }
  return place;
}

void RegexSearch::conclude(int matched) {
  if (matched >= 0) {
    outcome_ = Outcome::kFound;
  } else if (matched == PCRE2_ERROR_CALLOUT) {
    fail("the regex takes too many steps");
  } else if (matched == PCRE2_ERROR_HEAPLIMIT) {
    fail("the regex takes too much memory: see regex_stack");
  } else if (matched != PCRE2_ERROR_NOMATCH && matched != PCRE2_ERROR_PARTIAL) {
    fail("regex: " + messageOf(matched));
  }
  if (outcome_ != Outcome::kSearching) {
    window_ = {};
  }
}

void RegexSearch::fail(const std::string& why) {
  outcome_ = Outcome::kFailed;
  why_ = why;
}

}  // namespace holdfast::checkd
