// A sealed configuration message in a memfd: written once by confd, mapped read-only by its reader.
#pragma once

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "ipc/kj_edge.h"
#include "ipc/result.h"
#include "ipc/unique_fd.h"

namespace holdfast {

// A larger configuration is refused.
inline constexpr std::size_t kMaxSealedBytes = std::size_t{1} << 30;

// What may be read of the smallest message. A list of empty structs counts a word for each.
inline constexpr std::uint64_t kWordsForFree = 1024;

// Builds a message where it is going to be read, in a memfd: a large one is never copied.
class SealedBuilder final : public capnp::MessageBuilder {
 public:
  explicit SealedBuilder(const char* name) : name_(name) {}
  SealedBuilder(const SealedBuilder&) = delete;
  SealedBuilder& operator=(const SealedBuilder&) = delete;
  ~SealedBuilder() override;

  // For Cap'n Proto: all that there may be at once. Throws where there is no memory, and when it is
  // asked for more.
  kj::ArrayPtr<capnp::word> allocateSegment(unsigned minimumWords) override;

  // Seals it against writing, growing, shrinking and unsealing. The message is gone from here.
  [[nodiscard]] Result<UniqueFd> seal();

 private:
  void unmap();

  const char* name_;
  UniqueFd fd_;
  capnp::word* words_ = nullptr;  // of the mapping: the segment table, then the one segment
};

// The same seals on a text. Line feeds behind it make its size a multiple of 8.
[[nodiscard]] Result<UniqueFd> sealText(const char* name, std::string text);

// Refuses a descriptor that is not a memfd with all four seals, is empty, or is too large.
[[nodiscard]] Status checkSealed(int fd);

// The mapping of one sealed memfd.
class SealedMapping {
 public:
  [[nodiscard]] static Result<SealedMapping> map(int fd);
  SealedMapping(SealedMapping&& other) noexcept;
  SealedMapping& operator=(SealedMapping&& other) noexcept;
  SealedMapping(const SealedMapping&) = delete;
  SealedMapping& operator=(const SealedMapping&) = delete;
  ~SealedMapping();

  [[nodiscard]] kj::ArrayPtr<const capnp::word> words() const;
  // Of sealText(): with the line feeds behind it.
  [[nodiscard]] std::string_view text() const;

 private:
  SealedMapping(const void* address, std::size_t bytes) : address_(address), bytes_(bytes) {}
  const void* address_ = nullptr;
  std::size_t bytes_ = 0;
};

// A mapped configuration and its root. Following its pointers can throw where the message is
// malformed: copy what is needed into plain values inside catchKj(), once, at load.
template <typename T>
class SealedConfig {
 public:
  [[nodiscard]] static Result<SealedConfig> map(int fd) {
    Result<SealedMapping> mapping = SealedMapping::map(fd);
    if (!mapping) {
      return mapping.error();
    }
    SealedConfig config(std::move(mapping).value());
    const Status opened = catchKj("sealed configuration", [&config]() -> Status {
      capnp::ReaderOptions options;
      // Each word may be visited a few times while it is validated and copied; a small message that
      // claims to hold a large list is an error before anything is allocated for that list.
      options.traversalLimitInWords = kWordsForFree + 16 * config.mapping_.words().size();
      options.nestingLimit = 16;
      config.reader_ =
          std::make_unique<capnp::FlatArrayMessageReader>(config.mapping_.words(), options);
      config.root_ = config.reader_->template getRoot<T>();
      return success();
    });
    if (!opened) {
      return opened.error();
    }
    return config;
  }

  [[nodiscard]] typename T::Reader root() const { return root_; }

 private:
  explicit SealedConfig(SealedMapping mapping) : mapping_(std::move(mapping)) {}
  SealedMapping mapping_;
  std::unique_ptr<capnp::FlatArrayMessageReader> reader_;
  typename T::Reader root_;
};

}  // namespace holdfast
