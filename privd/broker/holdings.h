// What is held for whom: which instances are to have their virtual addresses, and whether the
// kernel agrees. Desired state is reconciled: what someone else deletes is put back at once, a few
// times in a row, and then once a second.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "ipc/ids.h"
#include "ipc/log.h"
#include "ipc/time.h"
#include "privd/broker/announcer.h"
#include "privd/broker/configuration.h"
#include "privd/broker/interfaces.h"
#include "privd/broker/kernel.h"
#include "privd/broker/leftovers.h"

namespace holdfast::privd {

// One loaded configuration, with its interfaces resolved to the slots that follow them.
struct Book {
  Configuration config;
  std::vector<Slot> slots;  // by InterfaceId

  [[nodiscard]] Slot slotOf(InterfaceId id) const { return slots[indexOf(id)]; }
};

class Holdings {
 public:
  // How the reconciliation of one instance ended: 0 restored, else the errno that says why not.
  using Reconciled = std::function<void(const InstanceKey& key, int error)>;

  Holdings(Kernel& kernel, Interfaces& interfaces, Log& log, Reconciled reconciled);

  void addBook(Generation generation, Book book);
  [[nodiscard]] const Book* find(Generation generation) const;
  [[nodiscard]] const std::map<Generation, Book>& books() const { return books_; }
  // Removes what only this generation held.
  void retire(Generation generation);

  // Adds nothing by itself, but nobody else's yield removes it.
  void hold(const InstanceKey& key);
  struct Taken {
    int error = 0;  // the errno of the first address that was refused
    std::vector<Announcer::Target> added;
  };
  // Adds what is not there yet.
  [[nodiscard]] Taken take(const InstanceKey& key);
  // Removes what no other holder has. 0, or the errno of the first address that stayed, which
  // reconcile() tries again to remove.
  [[nodiscard]] int yield(const InstanceKey& key);
  [[nodiscard]] bool held(const InstanceKey& key) const { return held_.contains(key); }
  [[nodiscard]] std::vector<InstanceKey> allHeld() const;
  // The addresses of a held instance that are there.
  [[nodiscard]] std::vector<Announcer::Target> placed(const InstanceKey& key) const;
  void releaseAll();

  // Someone removed an address: if it is one of ours, it is put back at the next reconcile().
  void addressGone(const LinkAddress& address);
  // Anything may have changed: reconcile() looks at everything.
  void suspectAll();
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
  [[nodiscard]] const Instance& instanceOf(const InstanceKey& key) const;
  [[nodiscard]] AddressKey keyOf(const Book& book, const VirtualAddress& address) const;
  [[nodiscard]] bool present(const Book& book, const VirtualAddress& address) const;
  struct Missing {
    std::vector<Placement> placements;
    int error = 0;         // ENODEV: some have no device to be on
    bool waiting = false;  // some wait for their interface to come up
  };
  [[nodiscard]] Missing missing(const InstanceKey& key, bool restoring) const;
  struct Placed {
    int error = 0;                         // the first one
    std::vector<Announcer::Target> added;  // what had really been missing
  };
  // What is refused is logged, unless it is known already.
  Placed place(const InstanceKey& key, std::span<const Placement> placements, bool restoring,
               bool known);
  [[nodiscard]] bool mayAttempt(Holding& holding, TimePoint now) const;
  void reconcileOne(const InstanceKey& key, Holding& holding, TimePoint now);
  void countUses(const InstanceKey& key, bool more);
  void updateVirtual();

  Kernel& kernel_;
  Interfaces& interfaces_;
  Log& log_;
  Reconciled reconciled_;
  std::map<Generation, Book> books_;
  std::map<InstanceKey, Holding> held_;
  std::map<AddressKey, unsigned> uses_;  // how many holders an address has
  Leftovers leftovers_;
};

}  // namespace holdfast::privd
