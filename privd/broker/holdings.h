// What is held for whom: which instances are to have their objects in the kernel, and whether it
// agrees. Desired state is reconciled: what someone else deletes is put back at once, a few times
// in a row, and then once a second. It is the same for every kind of object.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ipc/ids.h"
#include "ipc/log.h"
#include "ipc/time.h"
#include "privd/broker/announcer.h"
#include "privd/broker/book.h"
#include "privd/broker/interfaces.h"
#include "privd/broker/kernel.h"
#include "privd/broker/leftovers.h"
#include "privd/broker/netlink_codec.h"
#include "privd/broker/presence.h"

namespace holdfast::privd {

class Holdings {
 public:
  // How the reconciliation of one instance ended: 0 restored, else the errno that says why not.
  using Reconciled = std::function<void(const InstanceKey& key, int error)>;

  Holdings(Kernel& kernel, Interfaces& interfaces, Log& log, Reconciled reconciled);

  void addBook(Generation generation, Configuration configuration);
  [[nodiscard]] const Book* find(Generation generation) const;
  // The configuration that was loaded last; none at first.
  [[nodiscard]] const Book* newest() const {
    return books_.empty() ? nullptr : books_.rbegin()->second.get();
  }
  [[nodiscard]] std::size_t books() const { return books_.size(); }
  template <typename Body>
  void eachBook(const Body& body) const {
    for (const auto& [generation, book] : books_) {
      body(generation);
    }
  }
  // Removes what only this generation held.
  void retire(Generation generation);

  // Adds nothing by itself, but nobody else's yield removes it.
  void hold(const InstanceKey& key);
  struct Taken {
    int error = 0;                         // the errno of the first object that was refused
    bool changed = false;                  // something had been missing
    std::vector<Announcer::Target> added;  // addresses
  };
  // Adds what is not there yet.
  [[nodiscard]] Taken take(const InstanceKey& key);
  // Removes what no other holder has. 0, or the errno of the first object that stayed, which
  // reconcile() tries again to remove.
  [[nodiscard]] int yield(const InstanceKey& key);
  [[nodiscard]] bool held(const InstanceKey& key) const { return held_.contains(key); }
  [[nodiscard]] std::vector<InstanceKey> allHeld() const;
  // The track groups of static objects that are not there, with the errno that says why.
  [[nodiscard]] std::map<TrackGroupId, int> lacking(Generation generation) const;
  // The addresses of a held instance that are there.
  [[nodiscard]] std::vector<Announcer::Target> placed(const InstanceKey& key) const;
  void releaseAll();

  // Someone removed it: if it is one of ours, it is put back at the next reconcile().
  void addressGone(const LinkAddress& address);
  void routeGone(const RouteNews& route);
  void ruleGone(const RuleNews& rule);
  // What goes with an interface that goes down comes back with it.
  void interfaceChanged(Slot slot);
  // What was refused may be possible now.
  void addressCame();
  // Anything may have changed: reconcile() looks at everything.
  void suspectAll();
  // News were lost: as suspectAll(), and what is known of routes and rules is worth nothing.
  void doubtAll();
  // Puts back what is missing. Returns when it wants to be called again.
  [[nodiscard]] TimePoint reconcile(TimePoint now);

 private:
  struct Holding {
    bool suspect = false;
    bool lost = false;      // has been reported
    unsigned attempts = 0;  // in the window that began at `windowStart`
    TimePoint windowStart{};
    TimePoint lastAttempt{};
  };
  [[nodiscard]] const Book& bookOf(const InstanceKey& key) const {
    return *books_.at(key.generation);
  }
  [[nodiscard]] std::span<const Item> itemsOf(const InstanceKey& key) const;
  // What its lines in the log begin with.
  [[nodiscard]] std::string ownerOf(const InstanceKey& key) const;
  // What is known of an object that somebody holds.
  struct Use {
    unsigned holders = 0;
    int error = 0;      // why it was refused
    bool owed = false;  // nobody deleted it: it comes back although it is not tracked
  };
  struct Missing {
    std::vector<const Item*> items;
    int error = 0;                     // ENODEV: some have no device to be on
    std::vector<const Item*> waiting;  // for their interface to come up
  };
  [[nodiscard]] Missing missing(const InstanceKey& key, bool restoring) const;
  struct Placed {
    int error = 0;                         // the first one
    bool refused = false;                  // something was
    bool changed = false;                  // something had really been missing
    std::vector<Announcer::Target> added;  // addresses that had been missing
  };
  // What is refused is logged, unless it is known already.
  Placed place(const InstanceKey& key, std::span<const Item* const> items, bool restoring,
               bool known);
  void sayPutBack(const InstanceKey& key, const Item& item);
  [[nodiscard]] bool isUp(const Book& book, const Item& item) const;
  // Each route and rule that is held.
  template <typename Body>
  void eachRouting(const Body& body);
  [[nodiscard]] bool mayAttempt(Holding& holding, TimePoint now) const;
  void reconcileOne(const InstanceKey& key, Holding& holding, TimePoint now);
  void countUses(const InstanceKey& key, bool more);
  void updateVirtual();

  Kernel& kernel_;
  Interfaces& interfaces_;
  Log& log_;
  Reconciled reconciled_;
  std::map<Generation, std::shared_ptr<const Book>> books_;
  std::map<InstanceKey, Holding> held_;
  std::map<ObjectKey, Use> uses_;
  Presence presence_;
  Leftovers leftovers_;
};

}  // namespace holdfast::privd
