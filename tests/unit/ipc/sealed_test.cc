#include "ipc/sealed.h"

#include <capnp/any.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "ipc/schemas/config.capnp.h"

namespace holdfast {
namespace {

UniqueFd sealedConfigWithOneInstance() {
  SealedBuilder builder("vrrpd");
  auto config = builder.initRoot<schema::VrrpConfig>();
  config.initInstances(1)[0].setName("VI_postfix");
  return std::move(builder.seal()).value();
}

UniqueFd memfdWith(const std::vector<std::uint64_t>& words, int seals) {
  UniqueFd fd(::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  const std::size_t bytes = words.size() * sizeof(std::uint64_t);
  EXPECT_EQ(::write(fd.get(), words.data(), bytes), static_cast<ssize_t>(bytes));
  EXPECT_EQ(::fcntl(fd.get(), F_ADD_SEALS, seals), 0);
  return fd;
}

constexpr int kAllSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;

TEST(Sealed, IsNoLargerThanItMayBe) {
  SealedBuilder builder("vrrpd");
  const Status built = catchKj("test", [&builder]() -> Status {
    builder.initRoot<schema::VrrpConfig>().initInterfaces(kMaxSealedBytes / sizeof(capnp::word));
    return success();
  });
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().message,
            "test: the configuration is too large: its sealed form may have 1024 MiB");
}

TEST(Sealed, ReadsBackAndCannotBeChanged) {
  const UniqueFd fd = sealedConfigWithOneInstance();
  const auto config = SealedConfig<schema::VrrpConfig>::map(fd.get());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->root().getInstances()[0].getName(), "VI_postfix");

  EXPECT_EQ(::pwrite(fd.get(), "x", 1, 0), -1);
  EXPECT_EQ(::ftruncate(fd.get(), 0), -1);
  EXPECT_EQ(::mmap(nullptr, 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0), MAP_FAILED);
}

TEST(Sealed, RefusesWhatIsNotSealedOrNotAMemfd) {
  const std::vector<std::uint64_t> words(4);
  for (const int missing : {F_SEAL_WRITE, F_SEAL_GROW, F_SEAL_SHRINK, F_SEAL_SEAL}) {
    const UniqueFd fd = memfdWith(words, kAllSeals & ~missing);
    EXPECT_FALSE(checkSealed(fd.get())) << missing;
  }
  EXPECT_FALSE(checkSealed(memfdWith({}, kAllSeals).get())) << "empty";
  const UniqueFd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  EXPECT_FALSE(checkSealed(file.get()));
}

// A list of structs without fields takes no room for its elements, and a reader would make each of
// them as large as its defaults.
TEST(Sealed, RefusesAListThatIsLargerThanItsMessage) {
  constexpr std::uint64_t kElements = std::uint64_t{1} << 24;
  const std::vector<std::uint64_t> words = {
      std::uint64_t{4} << 32,      // one segment of four words
      std::uint64_t{1} << 48,      // the root: a struct that is one pointer ...
      std::uint64_t{7} << 32 | 1,  // ... to a list of structs, whose length is in its first word
      kElements << 2,
      0,
  };
  const UniqueFd fd = memfdWith(words, kAllSeals);
  const auto config = SealedConfig<schema::ScriptConfig>::map(fd.get());
  ASSERT_TRUE(config) << config.error().message;
  const Status read = catchKj("a list", [&]() -> Status {
    capnp::AnyPointer::Reader list =
        capnp::AnyStruct::Reader(config->root()).getPointerSection()[0];
    EXPECT_LE(list.getAs<capnp::List<schema::ScriptPath>>().size(), kWordsForFree);
    return success();
  });
  EXPECT_FALSE(read);
}

TEST(Sealed, GarbageIsAnErrorAndNotACrash) {
  for (std::uint64_t seed = 1; seed < 200; ++seed) {
    std::vector<std::uint64_t> words(16);
    std::uint64_t state = seed;
    for (std::uint64_t& word : words) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      word = seed % 2 == 0 ? state : state >> 48;
    }
    const UniqueFd fd = memfdWith(words, kAllSeals);
    const auto config = SealedConfig<schema::VrrpConfig>::map(fd.get());
    if (!config) {
      continue;
    }
    const Status read = catchKj("instances", [&]() -> Status {
      for (const auto instance : config->root().getInstances()) {
        static_cast<void>(instance.getName().size());
      }
      return success();
    });
    static_cast<void>(read);
  }
}

}  // namespace
}  // namespace holdfast
