// Ties a keyword's row to the field of a sealed struct: the compiler checks that the field exists,
// and the value is converted to its type.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include "config/block.h"
#include "config/secret.h"
#include "config/table.h"
#include "ipc/schemas/bfd_config.capnp.h"
#include "ipc/schemas/config.capnp.h"

namespace holdfast::config {

// Stands for the struct of a builder.
template <typename Builder>
inline constexpr char kStruct = 0;

void write(schema::Address::Builder out, const IpAddress& address);

template <typename Setter>
struct SetterOf;
template <typename R, typename B, typename A>
struct SetterOf<R (B::*)(A)> {
  using Builder = B;
  using Argument = A;
};
template <typename R, typename B>
struct SetterOf<R (B::*)()> {
  using Builder = B;
  using Argument = void;
};

// A number, a choice or a time as a field's own type. Rows bound their numbers to what it holds.
template <typename T>
T converted(const Value& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return std::get<bool>(value);
  } else if constexpr (std::is_integral_v<T>) {
    const auto* time = std::get_if<Duration>(&value);
    const auto* flag = std::get_if<bool>(&value);
    return static_cast<T>(time != nullptr   ? time->count()
                          : flag != nullptr ? std::int64_t{*flag}
                                            : std::get<std::int64_t>(value));
  } else if constexpr (std::is_enum_v<T>) {
    return static_cast<T>(std::get<std::int64_t>(value));
  } else if constexpr (std::is_same_v<T, capnp::Data::Reader>) {
    const std::string& text = std::get<std::shared_ptr<const Secret>>(value)->text();
    return T(reinterpret_cast<const capnp::byte*>(text.data()), text.size());
  } else {
    const std::string& text = std::get<Text>(value).get();
    return T(text.c_str(), text.size());
  }
}

// to<&Builder::setX>() for numbers, switches, choices, times (in nanoseconds), texts and secrets;
// to<&Builder::initX>() for an address.
template <auto Setter>
constexpr Field to() {
  using Traits = SetterOf<decltype(Setter)>;
  using Builder = typename Traits::Builder;
  return {&kStruct<Builder>, [](void* builder, const Value& value) {
            Builder& out = *static_cast<Builder*>(builder);
            if constexpr (std::is_void_v<typename Traits::Argument>) {
              write((out.*Setter)(), std::get<IpAddress>(value));
            } else {
              (out.*Setter)(converted<std::decay_t<typename Traits::Argument>>(value));
            }
          }};
}

// The same for what may be missing: `Has` says that it is there.
template <auto Setter, auto Has>
constexpr Field toOptional() {
  using Builder = typename SetterOf<decltype(Setter)>::Builder;
  return {&kStruct<Builder>, [](void* builder, const Value& value) {
            to<Setter>().set(builder, value);
            (static_cast<Builder*>(builder)->*Has)(true);
          }};
}

// The same for a list of words.
template <auto Init>
constexpr Field toWords() {
  using Builder = typename SetterOf<decltype(Init)>::Builder;
  return {&kStruct<Builder>, [](void* builder, const Value& value) {
            const WordList& words = *std::get<std::shared_ptr<const WordList>>(value);
            auto list =
                (static_cast<Builder*>(builder)->*Init)(static_cast<unsigned>(words.size()));
            for (unsigned i = 0; i < list.size(); ++i) {
              list.set(i, words[i].c_str());
            }
          }};
}

// Writes every value that holds in `block` and goes into this struct.
template <typename Builder>
void writeSettings(const Block& block, Builder builder) {
  for (const Table::Target& target : block.table().targets(&kStruct<Builder>)) {
    if (const Value& value = block.value(*target.entry); !isNothing(value)) {
      target.field->set(&builder, value);
    }
  }
}

}  // namespace holdfast::config
