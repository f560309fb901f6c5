// The part of NetlinkRequests that makes and removes links.
#include <cerrno>
#include <vector>

#include "privd/broker/netlink.h"

namespace holdfast::privd {

Result<NetlinkMessage> NetlinkRequests::getLinkNamed(const std::string& name) {
  NetlinkBatch request;
  request.getLinkNamed(name, ++sequence_);
  return oneLink(request);
}

Status NetlinkRequests::setUp(int index) {
  NetlinkBatch request;
  request.setUp(index, ++sequence_);
  return perform(request, "RTM_SETLINK");
}

Status NetlinkRequests::setVrf(int index, int vrf) {
  NetlinkBatch request;
  request.setVrf(index, vrf, ++sequence_);
  return perform(request, "IFLA_MASTER");
}

Status NetlinkRequests::removeLink(int index) {
  NetlinkBatch request;
  request.removeLink(index, ++sequence_);
  return perform(request, "a link");
}

// Its index; of one that is there already and is the same, too. What an earlier one of us left
// under this name goes.
Result<int> NetlinkRequests::createLink(const LinkPlan& plan, std::uint32_t group) {
  NetlinkBatch create;
  create.createLink(plan, group, ++sequence_);
  const Status created = perform(create, "RTM_NEWLINK");
  if (!created && created.error().code != EEXIST) {
    return created.error();
  }
  const Result<NetlinkMessage> there = getLinkNamed(plan.name);
  if (!there) {
    return there.error();
  }
  const Link& link = there->link;
  if (created || (isOfNature(link, plan.nature) && link.parent == plan.parent)) {
    return link.index;
  }
  if (!there->marked) {
    return created.error();
  }
  const Status removed = removeLink(link.index);
  return removed ? createLink(plan, group) : Result<int>(removed.error());
}

Result<Link> NetlinkRequests::makeLink(const LinkPlan& plan) {
  const Result<NetlinkMessage> parent = getLink(plan.parent);
  if (!parent) {
    return parent.error();
  }
  const Result<int> index = createLink(plan, plan.group.value_or(parent->link.group));
  if (!index) {
    return index.error();
  }
  NetlinkBatch prepare;
  prepare.prepareLink(*index, ++sequence_);
  if (Status status = perform(prepare, "settings of a link"); !status) {
    static_cast<void>(removeLink(*index));
    return status.error();
  }
  const Result<NetlinkMessage> made = getLink(*index);
  return made ? Result<Link>(made->link) : Result<Link>(made.error());
}

Result<std::size_t> NetlinkRequests::removeMarkedLinks() {
  std::vector<int> indices;
  NetlinkBatch request;
  request.dumpLinks(++sequence_);
  const Status status = dump(request, sequence_, [&](const NetlinkMessage& message) {
    if (message.kind == NetlinkMessage::Kind::kLink && message.marked) {
      indices.push_back(message.link.index);
    }
  });
  for (const int index : indices) {
    static_cast<void>(removeLink(index));
  }
  return status ? Result<std::size_t>(indices.size()) : Result<std::size_t>(status.error());
}

}  // namespace holdfast::privd
