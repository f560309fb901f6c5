"""Virtual MAC addresses: use_vmac and its relatives."""

import re
import signal
from collections.abc import Callable

import pytest

from harness.capture import Capture, Sniffer
from harness.node import Network, Node
from harness.router import INTERFACE, VRID, Mode, Pair, Station
from harness.wait import holds_for, wait_until

MODES = [Mode(2, 4, False), Mode(3, 4, False), Mode(3, 6, False)]
LINK = f"vrrp.{VRID}"


@pytest.fixture(params=MODES, ids=str)
def mode(request: pytest.FixtureRequest) -> Mode:
    """Both families."""
    return request.param


def virtual_mac(mode: Mode) -> str:
    """RFC 9568 section 7.3."""
    return f"00:00:5e:00:0{1 if mode.family == 4 else 2}:{VRID:02x}"


def links(node: Node) -> str:
    """Its interfaces with all details."""
    return node.run(["ip", "-d", "link", "show"]).stdout


def has_link(node: Node, name: str = LINK) -> bool:
    """Whether there is such an interface."""
    return f" {name}@" in links(node)


def setting(node: Node, device: str, name: str) -> str:
    """One of net.ipv4.conf."""
    return node.run(["cat", f"/proc/sys/net/ipv4/conf/{device}/{name}"]).stdout.strip()


def addresses(node: Node, device: str) -> str:
    """What is on a device."""
    return node.run(["ip", "-o", "address", "show", "dev", device]).stdout


class Voices(Sniffer):
    """Frames with one sender, whatever is in them, by the port where they enter the switch."""

    def __init__(self, network: Network, mac: str) -> None:
        self._mac = bytes.fromhex(mac.replace(":", ""))
        self._heard: list[tuple[str, bytes]] = []
        super().__init__(network)

    def heard(self, time_: float, interface: str, data: bytes) -> None:
        if interface not in ("br0", "lo") and data[6:12] == self._mac:
            self._heard.append((interface, data))

    def of(self, node: Node) -> list[bytes]:
        """What the node has sent."""
        return [data for port, data in self._heard if port == node.name]


def test_speaks_with_the_virtual_mac(make_station: Callable[..., Station], capture: Capture, mode: Mode) -> None:
    """Advertisements and announcements have it, and the address is on the interface that has it."""
    station = make_station(mode, priority=200, lines=["use_vmac"])
    station.start()
    station.wait_master(mode.master_down(200) + 5)
    mac = bytes.fromhex(virtual_mac(mode).replace(":", ""))
    advert = capture.wait_advert(station.node, 2)
    assert advert.source_mac == mac
    announcement = capture.wait_announcement(station.node, mode.floating, 2)
    assert announcement.source_mac == mac and announcement.payload.mac == mac  # type: ignore[union-attr]
    assert mode.floating in addresses(station.node, LINK)
    assert mode.floating not in addresses(station.node, INTERFACE)
    detail = links(station.node)
    wanted = rf"{re.escape(LINK)}@{INTERFACE}.*\n.*{virtual_mac(mode)}.*\n?.*macvlan mode private"
    assert re.search(wanted, detail), detail


def test_keeps_settings_and_puts_them_back(make_station: Callable[..., Station]) -> None:
    """Only what has to be changed is, and only while it has to be: also after kill -9 of privd."""
    mode = MODES[1]
    station = make_station(mode, priority=200, lines=["use_vmac"])
    station.node.run(["sysctl", "-qw", f"net.ipv4.conf.{INTERFACE}.arp_ignore=2"])
    station.start()
    station.wait_master(mode.master_down(200) + 5)
    assert setting(station.node, INTERFACE, "arp_ignore") == "2", "stricter than what is needed"
    assert setting(station.node, INTERFACE, "arp_filter") == "1"
    expected = {"arp_ignore": "1", "accept_local": "1", "rp_filter": "0", "promote_secondaries": "1"}
    assert {name: setting(station.node, LINK, name) for name in expected} == expected
    victim = station.running.process("holdfast-privd")
    victim.kill(signal.SIGKILL)
    wait_until(lambda: station.running.process("holdfast-privd").pid != victim.pid, 5, "another privd")
    holds_for(station.holds, 1, "the address")
    station.running.stop()
    assert setting(station.node, INTERFACE, "arp_filter") == "0"
    assert not has_link(station.node)


def test_backup_is_silent(make_pair: Callable[..., Pair], network: Network, mode: Mode) -> None:
    """Nothing at all leaves a backup with the address that the master has too: no IGMP, MLD, ND, RS, DAD."""
    pair = make_pair(mode, lines=["use_vmac"])
    for station in (pair.first, pair.second):
        station.node.run(["sysctl", "-qw", "net.ipv6.conf.all.forwarding=1"])
    with Voices(network, virtual_mac(mode)) as voices:
        pair.start()
        pair.second.running.log.wait(rf"Success creating VMAC interface {re.escape(LINK)}", 5)
        holds_for(lambda: not voices.of(pair.second.node), 4, "a silent backup")
        assert voices.of(pair.first.node)
        assert has_link(pair.second.node)


def test_comes_back(make_station: Callable[..., Station], mode: Mode) -> None:
    """Somebody removes the VMAC: there is another one, and its router is master again."""
    station = make_station(mode, priority=200, lines=["use_vmac"])
    station.start()
    station.wait_master(mode.master_down(200) + 5)
    mark = station.running.log.mark()
    station.node.run(["ip", "link", "delete", LINK])
    station.wait_master(mode.master_down(200) + 5, mark)
    assert mode.floating in addresses(station.node, LINK)


def test_a_taken_name_is_left_alone(make_station: Callable[..., Station]) -> None:
    """An interface of somebody else that comes under the name stays as it is; the router waits in FAULT."""
    mode = MODES[1]
    station = make_station(mode, priority=200, lines=["use_vmac"])
    station.start()
    station.wait_master(mode.master_down(200) + 5)
    mark = station.running.log.mark()
    station.node.run(["ip", "link", "set", INTERFACE, "down", "name", "away"])
    station.running.log.wait("Entering FAULT STATE", 5, mark)
    station.node.run(["sh", "-c", f"ip link delete {LINK} && ip link add {LINK} type veth peer name other"])
    station.node.run(["ip", "link", "set", "away", "name", INTERFACE, "up"])
    station.running.log.wait(f"cannot make VMAC interface {re.escape(LINK)}.*is another", 5, mark)
    holds_for(lambda: "veth" in station.node.run(["ip", "-d", "link", "show", LINK]).stdout, 2, "it stays")
    station.node.run(["ip", "link", "delete", LINK])
    station.wait_master(mode.master_down(200) + 8, mark)


def test_advertises_over_the_interface_itself(make_station: Callable[..., Station], capture: Capture) -> None:
    """vmac_xmit_base: advertisements have the interface's own address, the addresses are on the VMAC."""
    mode = MODES[1]
    station = make_station(mode, priority=200, lines=["use_vmac", "vmac_xmit_base"])
    station.start()
    station.wait_master(mode.master_down(200) + 5)
    assert capture.wait_advert(station.node, 2).source_mac == station.node.mac(INTERFACE)
    assert mode.floating in addresses(station.node, LINK)
    wait_until(lambda: capture.announcements(station.node, mode.floating), 2, "an announcement")
    frame = capture.announcements(station.node, mode.floating)[0]
    assert frame.source_mac.hex(":") == virtual_mac(mode)
