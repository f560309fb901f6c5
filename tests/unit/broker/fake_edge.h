// What is around the load balancer, for the broker's tests and its fuzzer.
#pragma once

#include <fcntl.h>

#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include "privd/broker/ipvs/edge.h"
#include "tests/unit/broker/fake_ipvs.h"

namespace holdfast::privd::ipvs {

class FakeEdge final : public Edge {
 public:
  Result<std::unique_ptr<IpvsKernel>> openIpvs() override {
    if (!hasIpvs) {
      return Error{"IPVS: No such file or directory", ENOENT};
    }
    auto made = std::make_unique<FakeIpvs>();
    made->content = before;
    kernel = made.get();
    return std::unique_ptr<IpvsKernel>(std::move(made));
  }
  Result<LinkSnapshot> snapshot() override {
    LinkSnapshot result;
    result.addresses = addresses;
    return result;
  }
  Result<UniqueFd> openCheckSocket(const CheckSocket& socket) override {
    sockets.push_back(socket);
    return socketError == 0 ? Result<UniqueFd>(UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)))
                            : Result<UniqueFd>(Error{"socket", socketError});
  }

  Status setMarks(const FirewallTable&, std::span<const MarkedAddresses> wanted) override {
    ++marksSet;
    marks.assign(wanted.begin(), wanted.end());
    areMarksThere = true;
    return success();
  }
  bool hasMarks(const FirewallTable&) override { return areMarksThere; }
  Status removeMarks(const FirewallTable&) override {
    marks.clear();
    areMarksThere = false;
    return success();
  }

  bool hasIpvs = true;
  FakeIpvs::Content before;    // of a kernel that is opened
  FakeIpvs* kernel = nullptr;  // the one that was opened
  std::vector<LinkAddress> addresses;
  std::vector<CheckSocket> sockets;
  int socketError = 0;
  std::vector<MarkedAddresses> marks;
  bool areMarksThere = false;
  unsigned marksSet = 0;
};

}  // namespace holdfast::privd::ipvs
