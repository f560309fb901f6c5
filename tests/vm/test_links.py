"""Interfaces that the kernel of the machine that runs the tests may not know: VRFs and ipvlans."""

import re
from collections.abc import Iterator

import pytest

from harness.capture import Frame
from harness.daemon import HOLDFAST
from harness.packets import Advert, Announcement
from harness.wait import holds_for, wait_until
from machine import Guest, Wire

SLOW = 60
FLOATING = "10.14.0.100"
UNIT = "links"


def instance(lines: str) -> str:
    """One virtual router."""
    return f"vrrp_instance VI_1 {{\nvirtual_router_id 14\n{lines}\n}}\n"


def ipvlan(number: int, mode: str = "bridge") -> str:
    """Gateway 1 is to be master."""
    return instance(f"interface ens160\nuse_ipvlan ipv14 10.14.0.{10 + number} {mode}\npriority {210 - 10 * number}\n"
                    f"virtual_ipaddress {{\n{FLOATING}/24\n}}")


def in_vrf(number: int) -> str:
    """Unicast, without an interface."""
    return instance(f"vrf blue\npriority {210 - 10 * number}\nunicast_src_ip 10.14.0.{number}\n"
                    f"unicast_peer {{\n10.14.0.{3 - number}\n}}\n"
                    f"virtual_ipaddress {{\n{FLOATING}/24 dev ens160\n}}")


@pytest.fixture(params=[False, True], ids=["plain", "vrf"])
def network(request: pytest.FixtureRequest, guests: list[Guest]) -> Iterator[list[Guest]]:
    """Both have an address on the wire, and with a VRF it is in that."""
    for number, guest in enumerate(guests, 1):
        if request.param:
            guest.run("ip link add blue type vrf table 14")
            guest.run("ip link set blue up")
            guest.run("ip link set ens160 master blue")
        guest.run(f"ip addr add 10.14.0.{number}/24 dev ens160")
        guest.run("ip link set ens160 up")
    yield guests
    for number, guest in enumerate(guests, 1):
        guest.run(["sh", "-c", f"systemctl stop {UNIT}; systemctl reset-failed {UNIT}; "
                   f"ip addr del 10.14.0.{number}/24 dev ens160; ip link del blue"], check=False)


def start(guest: Guest, configuration: str) -> None:
    """Holdfast, as a unit of its own."""
    guest.write("/run/links/conf", configuration)
    guest.run(f"systemd-run -q --unit={UNIT} {HOLDFAST} -n -D -f /run/links/conf -p /run/links/pid "
              "-r /run/links/vrrp.pid -c /run/links/checkers.pid")


def addresses(guest: Guest, device: str) -> str:
    """What is on it."""
    return guest.run(["ip", "-o", "address", "show", "dev", device], check=False).stdout


def await_address(guest: Guest, device: str) -> None:
    """The guest is master."""
    wait_until(lambda: FLOATING in addresses(guest, device), SLOW, f"{guest.name} to be master: {guest.journal(UNIT)}")


def claims(frame: Frame) -> bool:
    """An advertisement of a master, or an announcement of the floating address."""
    if isinstance(frame.payload, Advert):
        return frame.payload.vrid == 14 and frame.payload.priority != 0
    return isinstance(frame.payload, Announcement) and str(frame.payload.address) == FLOATING


def test_ipvlan(network: list[Guest], wire: Wire) -> None:
    """The router speaks from the ipvlan's own address, a backup's claims nothing, and at the end it is gone."""
    one, two = network
    mark = wire.mark()
    start(one, ipvlan(1))
    await_address(one, "ipv14")
    start(two, ipvlan(2))
    assert "10.14.0.11/32" in addresses(one, "ipv14")
    assert re.search(r"ipvlan +mode l2 bridge", one.run("ip -d link show ipv14").stdout)
    wait_until(lambda: "10.14.0.12/32" in addresses(two, "ipv14"), SLOW, "the address of the other one")
    holds_for(lambda: not any(claims(frame) and frame.port == two.name for frame in wire.frames(mark)), 5, "silence")
    adverts = [frame.payload for frame in wire.frames(mark) if isinstance(frame.payload, Advert)]
    assert {str(advert.source) for advert in adverts if advert.vrid == 14} == {"10.14.0.11"}
    assert FLOATING not in addresses(two, "ipv14")
    one.run(f"systemctl stop {UNIT}")
    await_address(two, "ipv14")
    assert "does not exist" in addresses(one, "ipv14")


def test_ipvlan_comes_back(network: list[Guest]) -> None:
    """Somebody removes it; somebody removes its address; a reload changes its mode."""
    one = network[0]
    start(one, ipvlan(1))
    await_address(one, "ipv14")
    one.run("ip link delete ipv14")
    await_address(one, "ipv14")
    one.run("ip address del 10.14.0.11/32 dev ipv14")
    wait_until(lambda: "10.14.0.11/32" in addresses(one, "ipv14"), SLOW, "its address is put back")
    one.write("/run/links/conf", ipvlan(1, "private"))
    one.run(f"systemctl kill -s HUP --kill-whom=main {UNIT}")
    wait_until(lambda: "mode l2 private" in one.run("ip -d link show ipv14", check=False).stdout, SLOW, "the other mode")
    await_address(one, "ipv14")


@pytest.mark.parametrize("network", [True], indirect=True)
def test_unicast_in_a_vrf(network: list[Guest]) -> None:
    """Peers hear each other in the VRF that their addresses are in."""
    one, two = network
    for number, guest in enumerate(network, 1):
        start(guest, in_vrf(number))
    await_address(one, "ens160")
    holds_for(lambda: FLOATING not in addresses(two, "ens160"), 8, "one master")
    one.run(f"systemctl stop {UNIT}")
    await_address(two, "ens160")


@pytest.mark.parametrize("network", [True], indirect=True)
def test_vmac_follows_into_the_vrf(network: list[Guest]) -> None:
    """It is in the VRF of the interface below, also when that is moved."""
    one = network[0]
    start(one, instance(f"interface ens160\nuse_vmac vm14\npriority 200\nvirtual_ipaddress {{\n{FLOATING}/24\n}}"))
    await_address(one, "vm14")
    assert "master blue" in one.run("ip link show vm14").stdout
    one.run("ip link set ens160 nomaster")
    wait_until(lambda: "master blue" not in one.run("ip link show vm14", check=False).stdout, SLOW, "out of the VRF")
    await_address(one, "vm14")
