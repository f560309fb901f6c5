"""Virtual MAC addresses: use_vmac and its relatives."""

import re
import signal
from collections.abc import Callable

import pytest

from harness.address_watch import AddressWatch
from harness.capture import Capture, Sniffer
from harness.daemon import CONFIGURATION
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


def index(node: Node) -> int:
    """The kernel's number of the VMAC: another one has another."""
    return node.link(LINK)["ifindex"]


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

    def of(self, port: str) -> list[bytes]:
        """What came in at a port of the switch; a node's first one has its name."""
        return [data for heard_at, data in self._heard if heard_at == port]


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
        holds_for(lambda: not voices.of(pair.second.node.name), 4, "a silent backup")
        assert voices.of(pair.first.node.name)
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


def test_own_name_and_address(make_station: Callable[..., Station], capture: Capture) -> None:
    """use_vmac NAME MAC; a reload that changes the MAC address makes the interface anew."""
    station = make_station(priority=200, lines=["use_vmac vmac7 02:00:00:00:12:34"])
    station.start()
    station.wait_master(station.router.mode.master_down(200) + 5)
    assert capture.wait_advert(station.node, 2).source_mac == bytes.fromhex("020000001234")
    assert station.router.mode.floating in addresses(station.node, "vmac7")
    station.node.write(CONFIGURATION, station.router.changed(lines=["use_vmac vmac7 02:00:00:00:56:78"]).text())
    station.running.log.wait("Startup complete", 5)
    station.running.signal(signal.SIGHUP)
    station.running.log.wait("Reload complete", 5)
    wait_until(lambda: capture.wait_advert(station.node, 2, capture.mark()).source_mac.hex() == "020000005678",
               8, "the other MAC address")
    station.node.wait_holds(station.router.mode.floating, 5)
    assert station.router.mode.floating in addresses(station.node, "vmac7")


def test_reload_changes_the_name(make_station: Callable[..., Station]) -> None:
    """Two interfaces with one MAC address cannot be up: the one before goes first."""
    station = make_station(priority=200, lines=["use_vmac one"])
    station.start()
    station.wait_master(station.router.mode.master_down(200) + 5)
    station.running.log.wait("Startup complete", 5)
    station.node.write(CONFIGURATION, station.router.changed(lines=["use_vmac two"]).text())
    mark = station.running.log.mark()
    station.running.signal(signal.SIGHUP)
    station.running.log.wait("Reload complete", 5, mark)
    wait_until(lambda: has_link(station.node, "two") and not has_link(station.node, "one"), 5, "the new name")
    wait_until(lambda: station.router.mode.floating in addresses(station.node, "two"), 8, "the address")


def test_addresses_on_other_interfaces(make_station: Callable[..., Station], network: Network,
                                       capture: Capture) -> None:
    """use_vmac_addr: an address elsewhere is on a VMAC there, while the router itself speaks as it is."""
    station = make_station(lines=["use_vmac_addr", "virtual_ipaddress_excluded {", "10.88.0.99/24 dev ens192", "}"])
    network.plug(station.node, "elsewhere", "ens192", "10.88.0.1/24")
    with Voices(network, virtual_mac(station.router.mode)) as voices:
        station.start()
        station.wait_master(5)
        assert capture.wait_advert(station.node, 2).source_mac == station.node.mac(INTERFACE)
        assert station.router.mode.floating in addresses(station.node, INTERFACE)
        wait_until(lambda: voices.of("elsewhere"), 2, "an announcement")
        assert not voices.of(station.node.name)
    assert f" {LINK}@ens192" in links(station.node)
    assert "10.88.0.99" in addresses(station.node, LINK)
    station.running.stop()
    assert not has_link(station.node)


def test_one_address_of_many(make_station: Callable[..., Station], capture: Capture) -> None:
    """use_vmac of an address: that one has the virtual MAC address, the others do not."""
    station = make_station(lines=["virtual_ipaddress_excluded {", "10.77.0.98/24 use_vmac", "}"])
    station.start()
    station.wait_master(5)
    announcement = capture.wait_announcement(station.node, "10.77.0.98", 2)
    assert announcement.source_mac.hex(":") == virtual_mac(station.router.mode)
    announcement = capture.wait_announcement(station.node, station.router.mode.floating, 2)
    assert announcement.source_mac == station.node.mac(INTERFACE)
    assert "10.77.0.98" in addresses(station.node, LINK)


def test_reload_keeps_it(make_pair: Callable[..., Pair]) -> None:
    """The same interface, with its address all the time, and the backup notices nothing."""
    pair = make_pair(lines=["use_vmac"])
    pair.start()
    first, mode = pair.first, pair.first.router.mode
    before, backup_mark = index(first.node), pair.second.running.log.mark()
    with AddressWatch(first.node) as watch:
        for _ in range(2):
            mark = first.running.log.mark()
            first.running.signal(signal.SIGHUP)
            first.running.log.wait("Reload complete", 5, mark)
            first.running.log.wait("Carrying on in MASTER STATE", 5, mark)
        pair.capture.wait_advert(first.node, 2, pair.capture.mark(), 150)
        assert not watch.deleted(mode.floating)
    assert index(first.node) == before
    assert not pair.second.running.log.find("Entering MASTER", backup_mark)


@pytest.mark.parametrize("role", ["master", "backup"])
def test_privd_is_killed(make_pair: Callable[..., Pair], network: Network, role: str) -> None:
    """The next privd finds the interface as it is: a master stays one, a backup stays silent."""
    pair = make_pair(lines=["use_vmac"])
    mode = pair.first.router.mode
    with Voices(network, virtual_mac(mode)) as voices:
        pair.start()
        station = pair.first if role == "master" else pair.second
        before, backup_mark = index(station.node), pair.second.running.log.mark()
        victim = station.running.process("holdfast-privd")
        with AddressWatch(pair.first.node) as watch:
            victim.kill()
            wait_until(lambda: station.running.process("holdfast-privd").pid != victim.pid, 5, "another privd")
            holds_for(pair.first.holds, 4 * mode.interval, "the master keeps the address")
            assert not watch.deleted(mode.floating)
        assert index(station.node) == before
        assert not pair.second.running.log.find("Entering MASTER", backup_mark)
        assert not voices.of(pair.second.node.name)


def test_supervisor_is_killed(make_pair: Callable[..., Pair]) -> None:
    """Everybody leaves as if told to stop, and so does the interface."""
    pair = make_pair(lines=["use_vmac"])
    pair.start()
    mark = pair.second.running.log.mark()
    pair.first.running.processes()[0].kill()
    pair.second.wait_master(5, mark)
    wait_until(lambda: not has_link(pair.first.node), 3, "the VMAC is gone")
    assert setting(pair.first.node, INTERFACE, "arp_filter") == "0"


def test_leftover_of_a_crash_is_removed(make_station: Callable[..., Station]) -> None:
    """All processes are killed, so the interface stays; the next start has no use for it."""
    station = make_station(lines=["use_vmac"])
    station.start()
    station.wait_master(5)
    station.running.crash()
    assert has_link(station.node), "nobody was left to remove it"
    station.start()
    station.wait_master(5)
    assert has_link(station.node), "its name is free"
    station.running.crash()
    station.start_with(station.router.changed(lines=[]).text())
    station.wait_master(5)
    assert not has_link(station.node)
