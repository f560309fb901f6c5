"""Configurations of one instance, and two routers that share it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .capture import Capture
from .daemon import Daemon
from .node import Network, Node

INTERFACE = "ens160"
INSTANCE = "VI"
VRID = 51
CHECK = "/opt/check.sh"
HEALTHY = "/run/healthy"
"""The file whose existence the check script asks for."""


@dataclass(frozen=True)
class Mode:
    """How two routers talk."""

    version: int
    family: int
    unicast: bool

    def __str__(self) -> str:
        return f"v{self.version}-ipv{self.family}-{'unicast' if self.unicast else 'multicast'}"

    @property
    def interval(self) -> float:
        """Seconds between advertisements: as short as the version allows without straining a busy machine."""
        return 1 if self.version == 2 else 0.3

    def skew(self, priority: int) -> float:
        """Skew_Time in seconds: RFC 3768 section 6.1 and RFC 9568 section 6.1."""
        return (256 - priority) / 256 * (1 if self.version == 2 else self.interval)

    def master_down(self, priority: int) -> float:
        """Master_Down_Interval (RFC 9568: Active_Down_Interval) in seconds."""
        return 3 * self.interval + self.skew(priority)

    def own(self, number: int) -> str:
        """The own address of router `number`."""
        return f"10.77.0.{number}" if self.family == 4 else f"fd77::{number}"

    @property
    def floating(self) -> str:
        """The address that the routers share."""
        return "10.77.0.99" if self.family == 4 else "fd77::99"

    @property
    def prefix(self) -> int:
        """The length of the network's prefix."""
        return 24 if self.family == 4 else 64


MODES = [Mode(2, 4, False), Mode(2, 4, True), Mode(3, 4, False), Mode(3, 4, True), Mode(3, 6, False),
         Mode(3, 6, True)]


@dataclass(frozen=True)
class Router:
    """What its configuration file says."""

    mode: Mode
    number: int
    priority: int
    script_weight: int | None = None
    """With a weight, a check script runs each second as nobody and asks for the file HEALTHY."""
    lines: Sequence[str] = ()
    """Further lines of the instance."""
    global_lines: Sequence[str] = ()
    top_lines: Sequence[str] = ()
    """Further blocks, beside the instance."""

    def changed(self, **changes: object) -> "Router":
        """The same with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def text(self) -> str:
        """The configuration file."""
        mode = self.mode
        blocks = ["global_defs {", "enable_script_security", *self.global_lines, "}", *self.top_lines]
        if self.script_weight is not None:
            blocks += ["vrrp_script chk {", f'script "{CHECK}"', "interval 1", f"weight {self.script_weight}",
                       "user nobody", "}"]
        blocks += [f"vrrp_instance {INSTANCE} {{", f"interface {INTERFACE}", "state BACKUP",
                   f"virtual_router_id {VRID}", f"priority {self.priority}", f"version {mode.version}",
                   f"advert_int {mode.interval}"]
        if mode.unicast:
            blocks += [f"unicast_src_ip {mode.own(self.number)}", "unicast_peer {", mode.own(3 - self.number), "}"]
        blocks += ["virtual_ipaddress {", f"{mode.floating}/{mode.prefix}", "}"]
        if self.script_weight is not None:
            blocks += ["track_script {", "chk", "}"]
        return "\n".join([*blocks, *self.lines, "}", ""])


class Station:
    """A node for a router, and its daemon of the moment."""

    def __init__(self, network: Network, router: Router, program: Path) -> None:
        self.router = router
        self.program = program
        self.node: Node = network.add(f"router{router.number}", INTERFACE,
                                      f"{router.mode.own(router.number)}/{router.mode.prefix}")
        if router.script_weight is not None:
            self.node.write(CHECK, f"#!/bin/sh\n[ -e {HEALTHY} ]\n", 0o755)
            self.heal()
        self.daemon: Daemon | None = None

    def start(self) -> Daemon:
        """Starts the daemon with the router's configuration."""
        return self.start_with(self.router.text())

    def start_with(self, configuration: str) -> Daemon:
        """Starts the daemon with another configuration."""
        self.daemon = Daemon(self.node, self.program, configuration)
        return self.daemon

    @property
    def running(self) -> Daemon:
        """The daemon that was started last."""
        assert self.daemon is not None, "not started"
        return self.daemon

    def heal(self) -> None:
        """From now on the check script succeeds."""
        self.node.write(HEALTHY, "")

    def sicken(self) -> None:
        """From now on the check script fails."""
        self.node.path(HEALTHY).unlink()

    def wait_master(self, timeout: float, since: int = 0) -> None:
        """Waits until it says that it is master and has the address."""
        self.running.log.wait(rf"\({INSTANCE}\) Entering MASTER STATE", timeout, since)
        self.node.wait_holds(self.router.mode.floating, 2)

    def wait_backup(self, timeout: float, since: int = 0) -> None:
        """Waits until it says that it is backup and the address is gone from it."""
        self.running.log.wait(rf"\({INSTANCE}\) Entering BACKUP STATE", timeout, since)
        self.node.wait_lacks(self.router.mode.floating, 2)

    def holds(self) -> bool:
        """Whether it has the shared address now."""
        return self.node.holds(self.router.mode.floating)


class Pair:
    """Two routers on a switch, and what they say to each other."""

    def __init__(self, network: Network, capture: Capture, first: Station, second: Station) -> None:
        self.network = network
        self.capture = capture
        self.first = first
        self.second = second

    def start(self) -> None:
        """Starts both, and waits until the first is master and the second its backup."""
        mode = self.first.router.mode
        self.first.start()
        self.first.wait_master(mode.master_down(self.first.router.priority) + 5)
        self.second.start().log.wait(rf"\({INSTANCE}\) Entering BACKUP STATE", 5)
        # It is a backup of this master as soon as it has heard it: one interval from being ready.
        self.second.running.log.wait("Startup complete", 5)
        self.capture.wait_advert(self.first.node, mode.interval + 2, self.capture.mark())
        assert self.first.holds() and not self.second.holds()
