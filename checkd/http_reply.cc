#include "checkd/http_reply.h"

#include <algorithm>
#include <charconv>

namespace holdfast::checkd {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeaderEnd = "\r\n\r\n";

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

// "HTTP/1.1 200 OK": three digits between two spaces.
std::optional<std::uint16_t> statusOf(std::string_view line) {
  constexpr std::size_t kDigits = 3;
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view rest = line.substr(space + 1);
  if (rest.size() <= kDigits || rest[kDigits] != ' ' ||
      !std::all_of(rest.begin(), rest.begin() + kDigits, isDigit)) {
    return std::nullopt;
  }
  std::uint16_t status = 0;
  std::from_chars(rest.data(), rest.data() + kDigits, status);
  return status;
}

bool isSameName(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [lower](char x, char y) { return lower(x) == lower(y); });
}

// What is no number says nothing: such a body goes on to its end.
std::optional<std::uint64_t> lengthIn(std::string_view value) {
  const auto isSpace = [](char c) { return c == ' ' || c == '\t'; };
  while (!value.empty() && isSpace(value.front())) {
    value.remove_prefix(1);
  }
  while (!value.empty() && isSpace(value.back())) {
    value.remove_suffix(1);
  }
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
  return error == std::errc{} && end == value.data() + value.size() ? std::optional(length)
                                                                    : std::nullopt;
}

// That of the first such line.
std::optional<std::uint64_t> contentLengthOf(std::string_view header) {
  while (!header.empty()) {
    const std::size_t end = header.find(kLineEnd);
    const std::string_view line = header.substr(0, end);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && isSameName(line.substr(0, colon), "Content-Length")) {
      return lengthIn(line.substr(colon + 1));
    }
    header.remove_prefix(end == std::string_view::npos ? header.size() : end + kLineEnd.size());
  }
  return std::nullopt;
}

}  // namespace

std::string_view HttpReply::statusLine() const {
  const std::string_view header(header_);
  return header.substr(0, header.find(kLineEnd));
}

std::span<const std::uint8_t> HttpReply::feed(std::span<const std::uint8_t> bytes) {
  switch (state_) {
    case State::kHeader:
      return feedHeader(bytes);
    case State::kBody:
      return feedBody(bytes);
    case State::kComplete:
    case State::kRefused:
      break;
  }
  return {};
}

std::span<const std::uint8_t> HttpReply::feedHeader(std::span<const std::uint8_t> bytes) {
  const std::size_t before = header_.size();
  const auto taken = bytes.first(std::min(bytes.size(), kMaxHeaderBytes - before));
  header_.append(reinterpret_cast<const char*>(taken.data()), taken.size());
  // The end may have begun in what came before.
  const std::size_t from = before - std::min(before, kHeaderEnd.size() - 1);
  const std::size_t found = header_.find(kHeaderEnd, from);
  if (found == std::string::npos) {
    if (header_.size() == kMaxHeaderBytes) {
      refuse("the header is longer than " + std::to_string(kMaxHeaderBytes) + " bytes");
    }
    return {};
  }
  header_.resize(found + kHeaderEnd.size());
  readHeader();
  return feedBody(bytes.subspan(header_.size() - before));
}

void HttpReply::readHeader() {
  status_ = statusOf(statusLine());
  contentLength_ = contentLengthOf(header_);
  state_ = contentLength_ == 0U ? State::kComplete : State::kBody;
}

std::span<const std::uint8_t> HttpReply::feedBody(std::span<const std::uint8_t> bytes) {
  if (state_ != State::kBody) {
    return {};
  }
  const std::uint64_t missing = contentLength_.value_or(UINT64_MAX) - bodyBytes_;
  const auto taken = bytes.first(std::min<std::uint64_t>(bytes.size(), missing));
  bodyBytes_ += taken.size();
  if (bodyBytes_ > kMaxBodyBytes) {
    refuse("the body is longer than " + std::to_string(kMaxBodyBytes) + " bytes");
    return {};
  }
  if (bodyBytes_ == contentLength_) {
    state_ = State::kComplete;
  }
  return taken;
}

void HttpReply::end() {
  if (state_ == State::kHeader) {
    refuse(header_.empty() ? "no data received" : "the reply ends within its header");
  } else if (state_ == State::kBody) {
    state_ = State::kComplete;
  }
}

void HttpReply::refuse(std::string why) {
  state_ = State::kRefused;
  why_ = std::move(why);
}

}  // namespace holdfast::checkd
