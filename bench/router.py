"""Configurations for the benchmarks, and a router that runs one."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.daemon import Daemon
from harness.node import Network, Node

INTERFACE = "ens160"
INSTANCE = "VI"


@dataclass(frozen=True)
class Instance:
    """One VRRPv3 IPv4 instance over multicast."""

    priority: int
    interval: float = 0.1
    """Seconds between advertisements."""
    addresses: int = 1
    scripts: Sequence[str] = ()
    """Command lines; each is a script that runs each second as nobody and weighs nothing."""

    def floating(self) -> list[str]:
        """The addresses that move."""
        return [f"10.77.0.{100 + number}" for number in range(self.addresses)]

    def skew(self) -> float:
        """Skew_Time in seconds, RFC 9568 section 6.1."""
        return (256 - self.priority) * self.interval / 256

    def master_down(self) -> float:
        """Active_Down_Interval in seconds, RFC 9568 section 6.1."""
        return 3 * self.interval + self.skew()

    def text(self) -> str:
        """The configuration file."""
        lines = ["global_defs {", "enable_script_security", "}"]
        for number, command in enumerate(self.scripts):
            lines += [f"vrrp_script check{number} {{", f'script "{command}"', "interval 1", "user nobody", "}"]
        lines += [f"vrrp_instance {INSTANCE} {{", f"interface {INTERFACE}", "virtual_router_id 51",
                  f"state {'MASTER' if self.priority == 255 else 'BACKUP'}", f"priority {self.priority}",
                  "version 3", f"advert_int {self.interval}", "virtual_ipaddress {"]
        lines += [f"{address}/24" for address in self.floating()]
        lines += ["}"]
        if self.scripts:
            lines += ["track_script {", *(f"check{number}" for number in range(len(self.scripts))), "}"]
        return "\n".join([*lines, "}", ""])


def many(instances: int, priority: int, interval: float) -> str:
    """A configuration of as many instances, from virtual router 1 on, each with an address of its own."""
    return "\n".join(f"""vrrp_instance {INSTANCE}{vrid} {{
    interface {INTERFACE}
    virtual_router_id {vrid}
    state BACKUP
    priority {priority}
    version 3
    advert_int {interval}
    virtual_ipaddress {{
        10.77.1.{vrid}/32
    }}
}}""" for vrid in range(1, instances + 1)) + "\n"


def crowd(count: int) -> list[str]:
    """As many addresses."""
    return [f"10.78.{number // 250}.{number % 250 + 1}" for number in range(count)]


def crowded(addresses: int, priority: int, interval: float) -> str:
    """A configuration of one instance with as many addresses, of which it advertises one."""
    first, *others = crowd(addresses)
    return "\n".join([f"vrrp_instance {INSTANCE} {{", f"interface {INTERFACE}", "virtual_router_id 51",
                      "state BACKUP", f"priority {priority}", "version 3", f"advert_int {interval}",
                      "virtual_ipaddress {", f"{first}/32", "}", "virtual_ipaddress_excluded {",
                      *(f"{address}/32" for address in others), "}", "}", ""])


def start(node: Node, program: Path, text: str, prefix: Sequence[str] = (), detail: bool = False) -> Daemon:
    """Starts a daemon with `prefix` before its command, and with the detailed log (-D) that the tests
    look for only where asked: as packaged it is off, and writing it takes time."""
    plain = [] if detail else ["sh", "-c", 'program=$1; shift 4; exec "$program" -n -l "$@"', "sh"]
    return Daemon(node, program, text, prefix=[*prefix, *plain])


class Station:
    """A node, and its daemon of the moment."""

    def __init__(self, network: Network, number: int, instance: Instance, program: Path) -> None:
        self.instance = instance
        self.program = program
        self.node: Node = network.add(f"router{number}", INTERFACE, f"10.77.0.{number}/24")

    def start(self, prefix: Sequence[str] = (), detail: bool = False) -> Daemon:
        """Starts the daemon; see `start` above."""
        return start(self.node, self.program, self.instance.text(), prefix, detail)
