// Sets options of a socket one after the other and remembers the first failure.
#pragma once

#include <sys/socket.h>

#include "ipc/result.h"

namespace holdfast::privd {

class SocketOptions {
 public:
  // `fd` is borrowed.
  explicit SocketOptions(int fd) : fd_(fd) {}

  template <typename Value>
  void set(int level, int name, const Value& value, const char* what) {
    if (status_ && ::setsockopt(fd_, level, name, &value, sizeof(value)) != 0) {
      status_ = systemError(what);
    }
  }
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  int fd_;
  Status status_ = success();
};

}  // namespace holdfast::privd
