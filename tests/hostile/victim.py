"""A whole daemon, one of whose workers was taken over, and what must stay as it was whatever that
worker does."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from harness.daemon import HOLDFAST, Daemon
from harness.node import Network, Node
from harness.proc import Process
from harness.wait import wait_until

from broker import INTERFACE, OTHER, OWN, VIRTUAL, allowed_of, make_gateway
from observe import Allowed, Vitals, Wire, changed, network_state, vitals
from puppet import Joined, Puppet, Stage, join

CHECK, HOOK = "/opt/check.sh", "/opt/hook.sh"
HOOK_RUNS = "/run/hook-runs"
SCRIPT_USER = "nobody"

# The instances of broker.CONFIG, in their order, with a script and a hook.
CONFIGURATION = f"""
global_defs {{
    enable_script_security
    script_user {SCRIPT_USER}
}}
vrrp_script check {{
    script "{CHECK}"
    interval 1
    weight 10
}}
vrrp_instance VI_GROUP {{
    interface {INTERFACE}
    virtual_router_id 51
    priority 100
    virtual_ipaddress {{
        {VIRTUAL[0]}/24
        {VIRTUAL[1]}/32
    }}
    track_script {{
        check
    }}
    notify {HOOK}
}}
vrrp_instance VI_PEERS {{
    interface {INTERFACE}
    virtual_router_id 52
    priority 100
    unicast_src_ip {OWN}
    unicast_peer {{
        {OTHER}
    }}
    unicast_ttl 64
    virtual_ipaddress {{
        {VIRTUAL[2]}/32
    }}
}}
vrrp_instance VI_SIX {{
    interface {INTERFACE}
    virtual_router_id 53
    version 3
    priority 100
    virtual_ipaddress {{
        {VIRTUAL[3]}/64
    }}
}}
"""

WORKERS = ("holdfast-privd", "holdfast-vrrpd", "holdfast-scriptd")

OWNER = CONFIGURATION.replace("priority 100", "priority 255")
"""The same, but a vrrpd that is honest holds all addresses at once."""

RUNTIME = "/run/test/holdfast"
DYNAMIC = ["env", f"RUNTIME_DIRECTORY={RUNTIME}", "setpriv", f"--reuid={SCRIPT_USER}", "--regid=nogroup", "--clear-groups",
           "--inh-caps=-all,+net_admin,+net_raw", "--ambient-caps=-all,+net_admin,+net_raw",
           "--bounding-set=-all,+net_admin,+net_raw", "--no-new-privs"]
"""Starts the daemon as systemd does with DynamicUser= and AmbientCapabilities=: all processes share a user."""


@dataclass
class Before:
    """How it was before the attack."""

    network: dict[str, object]
    vitals: dict[str, Vitals]


class Victim:
    """The daemon and its node. `worker` is the one that was taken over."""

    def __init__(self, network: Network, node: Node, wire: Wire, allowed: Allowed, stage: Stage, daemon: Daemon) -> None:
        self.network, self.node, self.wire, self.allowed = network, node, wire, allowed
        self.stage, self.daemon = stage, daemon
        self.worker = stage.worker
        self.puppet: Puppet
        self.joined: Joined
        if self.worker != "holdfast-confd":
            self.next_life()
        self.daemon.log.wait("Startup complete", 10)
        if self.worker != "holdfast-vrrpd":
            for address in VIRTUAL:
                node.wait_holds(address, 10)
        self.before = Before(network_state(node), self.others())

    def next_life(self, timeout: float = 10) -> None:
        """Takes over the worker that was started again."""
        self.puppet = self.stage.next(timeout)
        self.joined = join(self.puppet)

    def others(self, but: Sequence[str] = ()) -> dict[str, Vitals]:
        """The daemon's processes but the one that was taken over, and those called in `but`."""
        found = {"holdfast": vitals(Process(self.daemon.pid))}
        for name in WORKERS:
            if name not in (self.worker, *but):
                found[name] = vitals(self.daemon.process(name))
        return found

    def restarted(self, timeout: float = 10) -> None:
        """The puppet was ended, and its worker started again."""
        old = self.puppet
        self.next_life(timeout)
        assert self.puppet.pid != old.pid
        old.await_death()

    def contained(self, but: Sequence[str] = ()) -> None:
        """Nothing has changed but what the puppet is; processes called in `but` may be new ones."""
        assert self.daemon.running(), "the daemon ended"
        for name, now in self.others(but).items():
            then = self.before.vitals[name]
            assert now.pid == then.pid, f"{name} is another process"
            assert now.resident < then.resident + (2 << 20), f"{name} has grown"

        def descriptors_as_before() -> bool:
            return all(now.descriptors <= self.before.vitals[name].descriptors
                       for name, now in self.others(but).items())

        wait_until(descriptors_as_before, 5, f"as many descriptors as before: {self.before.vitals} {self.others(but)}")
        assert changed(self.before.network, network_state(self.node)) == []
        self.harmless()

    def harmless(self) -> None:
        """Nothing was sent that the configuration does not allow."""
        objections = self.wire.objections(self.allowed)
        assert objections == [], objections

    def hook_runs(self) -> list[str]:
        """The arguments of every run of the hook."""
        path = self.node.path(HOOK_RUNS)
        return path.read_text().splitlines() if path.exists() else []


def prepare(network: Network) -> Node:
    """The gateway with the scripts of CONFIGURATION in it."""
    node = make_gateway(network)
    node.write(CHECK, "#!/bin/sh\nexit 0\n", 0o755)
    node.write(HOOK, f'#!/bin/sh\necho "$@" >> {HOOK_RUNS}\n', 0o755)
    node.write(HOOK_RUNS, "", 0o644, SCRIPT_USER)
    node.run(["install", "-d", "-o", SCRIPT_USER, RUNTIME])
    return node


@contextmanager
def victim(network: Network, worker: str, configuration: str = CONFIGURATION, prefix: Sequence[str] = (),
           late: bool = False) -> Iterator[Victim]:
    """A running daemon whose `worker` was taken over before it said a word; `late`: after the start."""
    node = prepare(network)
    with Wire(network, node) as wire:
        stage = None if late else Stage(node, worker)
        daemon = Daemon(node, HOLDFAST, configuration, prefix=prefix)
        if stage is None:
            daemon.log.wait("Startup complete", 10)
            stage = Stage(node, worker)
        try:
            yield Victim(network, node, wire, allowed_of(node), stage, daemon)
        finally:
            stage.close()
            if daemon.running():
                daemon.crash()
