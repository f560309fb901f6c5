#include "privd/broker/message_writer.h"

namespace holdfast::privd {

MessageWriter::MessageWriter(int type, int flags, std::size_t capacity)
    : message_(nlmsg_alloc_size(capacity)) {
  if (message_) {
    nlmsg_put(message_.get(), 0, 0, type, 0, NLM_F_REQUEST | flags);
  }
}

void MessageWriter::put(int type, const void* data, std::size_t size) {
  if (message_) {
    nla_put(message_.get(), type, static_cast<int>(size), data);
  }
}

void MessageWriter::appendTo(std::vector<std::byte>& bytes, std::uint32_t sequence) const {
  if (!message_) {
    return;
  }
  nlmsghdr* header = nlmsg_hdr(message_.get());
  header->nlmsg_seq = sequence;
  const auto* begin = reinterpret_cast<const std::byte*>(header);
  bytes.insert(bytes.end(), begin, begin + NLMSG_ALIGN(header->nlmsg_len));
}

}  // namespace holdfast::privd
