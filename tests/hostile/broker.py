"""privd in a gateway, with the test in the places of the supervisor and of vrrpd."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from harness.node import Network, Node
from harness.packets import GROUP_IPV4, GROUP_IPV6
from harness.wait import wait_until

from messages import BrokerEvent, BrokerEventKind, BrokerRequest, ControlEventKind, Peer, Verb
from observe import Allowed, Wire, changed, network_state, raw_sockets, vitals
from sealed import encode, ipv4, memory_file
from worker import Channel, Worker

INTERFACE = "ens160"
OWN, OTHER = "10.0.0.1", "10.0.0.2"
OWN_SIX, LINK_LOCAL = "fd00::1", "fe80::1"
VIRTUAL = ("10.0.0.100", "10.0.0.101", "10.0.0.102", "fd00::100")

GROUP, PEERS, SIX = range(3)
"""The instances of CONFIG by index: to a multicast group, to one unicast peer, and IPv6."""
DESTINATIONS = (1, 1, 1)

CONFIG = f"""(
  interfaces = ["{INTERFACE}"],
  instances = [
    (name = "VI_GROUP", family = ipv4, virtualRouterId = 51, version = 2, hasInterface = true, interface = 0,
     group = {ipv4(str(GROUP_IPV4))}, ttl = 255, announceMasterRepeat = 1, announceRefreshRepeat = 1,
     addresses = [(address = {ipv4(VIRTUAL[0])}, prefixLength = 24), (address = {ipv4(VIRTUAL[1])}, prefixLength = 32)]),
    (name = "VI_PEERS", family = ipv4, virtualRouterId = 52, version = 2, hasInterface = true, interface = 0,
     hasSource = true, source = {ipv4(OWN)}, peers = [{ipv4(OTHER)}], ttl = 64, announceMasterRepeat = 1,
     addresses = [(address = {ipv4(VIRTUAL[2])}, prefixLength = 32)]),
    (name = "VI_SIX", family = ipv6, virtualRouterId = 53, version = 3, hasInterface = true, interface = 0,
     group = (family = ipv6, high = 0xff02000000000000, low = 0x12), ttl = 255, announceMasterRepeat = 1,
     addresses = [(address = (family = ipv6, high = 0xfd00000000000000, low = 0x100), prefixLength = 64,
                   flags = 2)])
  ])"""


@dataclass
class Gateway:
    """privd, what it was before anything was tried, and what its node may send."""

    network: Network
    node: Node
    privd: Worker
    wire: Wire
    allowed: Allowed
    state: dict[str, object]
    vrrpd: Channel = field(init=False)

    def attach(self) -> Channel:
        """A fresh vrrpd, as after a restart."""
        self.vrrpd = self.privd.attach(Peer.VRRPD)
        return self.vrrpd

    def ask(self, *requests: BrokerRequest) -> None:
        """Sends requests as vrrpd."""
        for request in requests:
            self.vrrpd.send(bytes(request))

    def event(self, kind: BrokerEventKind) -> tuple[BrokerEvent, list[int]]:
        """The next event of that kind for vrrpd; others before it are left out."""
        while True:
            received = self.vrrpd.receive()
            assert received is not None, f"privd closed the channel: {self.privd.log_text()}"
            event = BrokerEvent.parse(received[0])
            if event.kind == kind:
                return event, received[1]
            for descriptor in received[1]:
                os.close(descriptor)

    def refused(self) -> None:
        """privd closes the channel to vrrpd, and asks for another vrrpd."""
        self.vrrpd.await_end()
        accused = self.privd.event(ControlEventKind.MISBEHAVED)
        assert accused.object == Peer.VRRPD
        self.vrrpd.close()

    def answers(self) -> None:
        """privd goes on serving a vrrpd that keeps to the rules."""
        self.attach()
        self.ask(BrokerRequest(Verb.HELLO))
        self.event(BrokerEventKind.HELLO_END)

    def yield_everything(self) -> None:
        """Gives up every address."""
        self.answers()
        for instance in range(len(DESTINATIONS)):
            self.ask(BrokerRequest(Verb.YIELD, instance=instance))
            self.event(BrokerEventKind.YIELDED)
        self.vrrpd.close()

    def untouched(self) -> None:
        """The node is as it was, privd holds no socket of vrrpd's, and nothing odd was sent."""
        assert self.privd.running(), self.privd.log_text()
        wait_until(lambda: not raw_sockets(self.node), 5, "no raw socket is left")
        assert changed(self.state, network_state(self.node)) == []
        self.harmless()

    def harmless(self) -> None:
        """Nothing was sent that the configuration does not allow."""
        assert self.wire.objections(self.allowed) == []
        assert self.wire.lost() == 0

    def vitals(self) -> Any:
        """privd's."""
        return vitals(self.privd.process)


def make_gateway(network: Network) -> Node:
    """A gateway with both families and its neighbour, before anything runs there."""
    node = network.add("gateway", INTERFACE, f"{OWN}/24", f"{OWN_SIX}/64", f"{LINK_LOCAL}/64")
    network.add("other", INTERFACE, f"{OTHER}/24", "fd00::2/64", "fe80::2/64")
    return node


def allowed_of(node: Node) -> Allowed:
    """What CONFIG allows the node to send."""
    kernel_link_local = {entry["local"] for entry in node.link(INTERFACE)["addr_info"] if entry["scope"] == "link"}
    six = {(source, str(GROUP_IPV6), 255) for source in kernel_link_local | {LINK_LOCAL}}
    return Allowed(mac=node.mac(INTERFACE), own={OWN, OWN_SIX, LINK_LOCAL, *kernel_link_local},
                   adverts={(OWN, str(GROUP_IPV4), 255), (OWN, OTHER, 64), *six},
                   groups={str(GROUP_IPV4)}, announced=set(VIRTUAL))


@contextmanager
def broker(network: Network) -> Iterator[Gateway]:
    """A gateway in which privd runs CONFIG as generation 1."""
    node = make_gateway(network)
    config = memory_file(encode("BrokerConfig", CONFIG))
    with Wire(network, node) as wire, Worker(node, "holdfast-privd", "holdfast-privd") as privd:
        state = network_state(node)
        assert privd.load(config).result == 0, privd.log_text()
        os.close(config)
        gateway = Gateway(network, node, privd, wire, allowed_of(node), state)
        gateway.attach()
        privd.start()
        yield gateway
