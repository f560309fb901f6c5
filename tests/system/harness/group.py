"""Routers with two instances on two interfaces, in one sync group."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .capture import Capture
from .daemon import Daemon
from .node import Network, Node
from .router import CHECK, HEALTHY
from .wait import wait_until

GROUP = "SITE"
INTERVAL = 1.0
NOTIFY = "/opt/notify.sh"
TOLD = "/run/told"
"""What the notify scripts were told, a line each."""


@dataclass(frozen=True)
class Member:
    """One instance of a group: its name, its interface, its network 10.<net>.0.0/24."""

    name: str
    interface: str
    net: int
    lines: Sequence[str] = ()

    @property
    def floating(self) -> str:
        """The address that the routers share."""
        return f"10.{self.net}.0.99"

    def own(self, number: int) -> str:
        """The own address of router `number`."""
        return f"10.{self.net}.0.{number}"

    def text(self, priority: int, notify: bool) -> list[str]:
        """Its block of the configuration file."""
        return [f"vrrp_instance {self.name} {{", f"interface {self.interface}", "state BACKUP",
                f"virtual_router_id {self.net}", f"priority {priority}", f"advert_int {INTERVAL:g}",
                "virtual_ipaddress {", f"{self.floating}/24", "}",
                *([f'notify "{NOTIFY}"'] if notify else []), *self.lines, "}"]


OUTSIDE = Member("OUTSIDE", "ens160", 77)
INSIDE = Member("INSIDE", "ens192", 78)


@dataclass(frozen=True)
class GroupRouter:
    """What its configuration file says."""

    number: int
    priority: int
    members: Sequence[Member] = (OUTSIDE, INSIDE)
    group_lines: Sequence[str] = ()
    script_weight: int | None = None
    """With a weight, the group tracks a check script that asks for the file HEALTHY."""
    notify: bool = False
    grouped: bool = True

    def changed(self, **changes: object) -> "GroupRouter":
        """The same with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def text(self) -> str:
        """The configuration file."""
        lines = ["global_defs {", "enable_script_security", "script_user root", "}"]
        group = [*self.group_lines, *([f'notify "{NOTIFY}"'] if self.notify else [])]
        if self.script_weight is not None:
            lines += ["vrrp_script chk {", f'script "{CHECK}"', "interval 1", f"weight {self.script_weight}",
                      "user nobody", "}"]
            group += ["track_script {", "chk", "}"]
        for member in self.members:
            lines += member.text(self.priority, self.notify)
        if self.grouped:
            names = [member.name for member in self.members]
            lines += [f"vrrp_sync_group {GROUP} {{", "group {", *names, "}", *group, "}"]
        return "\n".join([*lines, ""])


class GroupStation:
    """A node for such a router, and its daemon of the moment."""

    def __init__(self, network: Network, router: GroupRouter, program: Path) -> None:
        self.router = router
        self.program = program
        number = router.number
        self.node: Node = network.add(f"router{number}", OUTSIDE.interface, f"{OUTSIDE.own(number)}/24")
        network.plug(self.node, f"router{number}-in", INSIDE.interface, f"{INSIDE.own(number)}/24")
        self.node.write(CHECK, f"#!/bin/sh\n[ -e {HEALTHY} ]\n", 0o755)
        self.node.write(NOTIFY, f'#!/bin/sh\necho "$*" >> {TOLD}\n', 0o755)
        self.node.write(HEALTHY, "")
        self.node.write(TOLD, "")
        self.daemon: Daemon | None = None

    def start(self) -> Daemon:
        """Starts the daemon with the router's configuration."""
        self.daemon = Daemon(self.node, self.program, self.router.text())
        return self.daemon

    @property
    def running(self) -> Daemon:
        """The daemon that was started last."""
        assert self.daemon is not None, "not started"
        return self.daemon

    def wait_all(self, state: str, timeout: float, since: int = 0) -> None:
        """Waits until every member has said that it is in that state, and the addresses agree."""
        for member in self.router.members:
            self.running.log.wait(rf"\({member.name}\) Entering {state} STATE", timeout, since)
        wait_until(self.holds_all if state == "MASTER" else self.holds_none, 2, f"addresses in state {state}")

    def holds_all(self) -> bool:
        """Whether it has every shared address now."""
        addresses = self.node.addresses()
        return all(member.floating in addresses for member in self.router.members)

    def holds_none(self) -> bool:
        """Whether it has no shared address now."""
        addresses = self.node.addresses()
        return not any(member.floating in addresses for member in self.router.members)

    def told(self) -> list[str]:
        """What the notify scripts were told so far."""
        return self.node.path(TOLD).read_text().splitlines()


class GroupPair:
    """Two such routers, and what they say to each other."""

    def __init__(self, capture: Capture, first: GroupStation, second: GroupStation) -> None:
        self.capture = capture
        self.first = first
        self.second = second

    def start(self) -> None:
        """Starts both, and waits until the first is master of all and the second its backup."""
        self.first.start()
        self.first.wait_all("MASTER", 8)
        self.second.start()
        self.second.wait_all("BACKUP", 5)
        self.second.running.log.wait("Startup complete", 5)
        self.capture.wait_advert(self.first.node, INTERVAL + 2, self.capture.mark())
