"""The table of a real IPVS: byte for byte that of keepalived for the same file.

Each daemon has a network namespace of its own, where packets to servers are lost on the way, and checks that are due
once a day: nothing but the configuration decides what is in the table."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.daemon import HOLDFAST
from lvs_configurations import Generator
from machine import Guest

SAMPLES = Path("/usr/share/doc/keepalived/samples")
PROGRAMS = {"hf": str(HOLDFAST), "ka": "/usr/sbin/keepalived"}
SETTLE_SECONDS = 60
LOOKS = 3
"""In a row, with the same in both tables."""
TABLE = "ipvsadm -S -n; ipvsadm -L --daemon; ipvsadm -L --timeout"
SCRIPT = "#!/bin/sh\n"


def table(guest: Guest, name: str) -> str:
    """Services and servers in the order of `ipvsadm`, the sync daemons and the timeouts."""
    return guest.run(["ip", "netns", "exec", f"lvs-{name}", "sh", "-c", TABLE]).stdout


@contextmanager
def namespace(guest: Guest, name: str) -> Iterator[None]:
    """One where every address is somewhere else, and does not answer."""
    space = f"lvs-{name}"
    guest.run(["sh", "-ec", f"""
ip netns add {space}
ip -n {space} link set lo up
for link in eth0 eth1; do
  ip -n {space} link add $link type dummy
  ip -n {space} link set $link arp off up
done
ip -n {space} addr add 198.18.0.1/32 dev eth0
ip -n {space} route add default dev eth0
ip -n {space} -6 addr add 2001:db8:ffff::1/128 dev eth0 nodad
ip -n {space} -6 route add default dev eth0
ip netns exec {space} ipvsadm --set 900 120 300"""])
    try:
        yield
    finally:
        guest.run(["ip", "netns", "del", space], check=False)


@contextmanager
def running(guest: Guest, name: str, path: str) -> Iterator[None]:
    """The daemon, balancing only."""
    unit = f"lvs-{name}"
    guest.run(["systemd-run", "-q", f"--unit={unit}", "-p", "KillMode=mixed", "ip", "netns", "exec", unit, PROGRAMS[name],
               "-n", "-C", "-f", path, "-p", f"/run/{unit}.pid", "-c", f"/run/{unit}.checkers.pid"])
    try:
        yield
    finally:
        guest.run(["systemctl", "stop", unit], check=False)
        guest.run(["systemctl", "reset-failed", unit], check=False)


def wait_agreed(guest: Guest, path: str, before: str) -> None:
    """Until both have the same, which is something."""
    deadline = time.monotonic() + SETTLE_SECONDS
    same = 0
    while same < LOOKS:
        tables = {name: table(guest, name) for name in PROGRAMS}
        same = same + 1 if tables["hf"] == tables["ka"] != before else 0
        if time.monotonic() > deadline:
            raise AssertionError(f"{path}: {tables}\n{guest.journal('lvs-hf')[-2000:]}")


def compare(guest: Guest, name: str, text: str) -> None:
    """Both daemons make the same of it, and Holdfast leaves nothing of it behind but the timeouts."""
    path = f"/root/{name}"
    text = re.sub(r"\bdelay_loop\s+\d+", "delay_loop 86400", text)
    text = re.sub(r"\b(connect_timeout|connection_timeout)\s+\d+", r"\1 3600", text)
    guest.write(path, text)
    with namespace(guest, "hf"), namespace(guest, "ka"):
        before = table(guest, "hf")
        with running(guest, "hf", path), running(guest, "ka", path):
            wait_agreed(guest, name, before)
        left = table(guest, "hf")
        assert left.split("Timeout")[0] == before.split("Timeout")[0], f"{name}: {left}"


@pytest.fixture(scope="module")
def guest(guests: list[Guest]) -> Guest:
    """One with IPVS and the scripts of the samples."""
    one = guests[0]
    one.run("modprobe -a ip_vs dummy")
    one.write("/usr/local/bin/script.sh", SCRIPT, 0o755)
    return one


def samples() -> list[str]:
    """Those of the package with virtual servers."""
    return sorted(path.name for path in SAMPLES.glob("keepalived.conf.*")
                  if re.search(r"^\s*virtual_server\b", path.read_text(errors="replace"), re.MULTILINE))


@pytest.mark.parametrize("name", samples())
def test_samples_of_the_package(guest: Guest, name: str) -> None:
    """The configurations that Debian's keepalived comes with."""
    compare(guest, name, (SAMPLES / name).read_text(errors="replace"))


@pytest.mark.parametrize("seed", range(6))
def test_every_option(guest: Guest, seed: int) -> None:
    """Generated ones, with all schedulers, flags, ways of forwarding, groups and marks."""
    compare(guest, f"generated-{seed}", Generator(seed).text())
