"""The kernel's synchronisation of connections between two balancers: who sends them and who takes them follows VRRP."""

from collections.abc import Iterator

import pytest

from harness.daemon import HOLDFAST
from harness.wait import wait_until
from machine import Guest

SLOW = 60
ADDRESS = "10.13.0.100"


def configuration(priority: int) -> str:
    """One instance, and one service whose server is not checked."""
    return f"""
global_defs {{
    lvs_sync_daemon ens160 VI_1 id 7
}}
vrrp_instance VI_1 {{
    interface ens160
    virtual_router_id 7
    priority {priority}
    virtual_ipaddress {{
        {ADDRESS}/24
    }}
}}
virtual_server {ADDRESS} 80 {{
    protocol TCP
    lvs_sched rr
    lvs_method NAT
    real_server 10.13.0.1 8000 {{
        weight 1
    }}
}}
"""


@pytest.fixture
def balancers(guests: list[Guest]) -> Iterator[list[Guest]]:
    """Both at work; the first one is to be master."""
    for number, guest in enumerate(guests, 1):
        guest.run("modprobe -a ip_vs ip_vs_rr")
        guest.run(f"ip addr add 10.13.0.{number}/24 dev ens160")
        guest.run("ip link set ens160 up")
        guest.write("/run/sync/conf", configuration(210 - 10 * number))
        guest.run(f"systemd-run -q --unit=lvs-sync {HOLDFAST} -n -D -f /run/sync/conf -p /run/sync/pid "
                  "-r /run/sync/vrrp.pid -c /run/sync/checkers.pid")
    yield guests
    for number, guest in enumerate(guests, 1):
        guest.run(["sh", "-c", f"systemctl stop lvs-sync; systemctl reset-failed; ip addr del 10.13.0.{number}/24 dev ens160"])


def sync_daemons(guest: Guest) -> set[str]:
    """Which the kernel runs."""
    lines = guest.run("ipvsadm -L --daemon").stdout.splitlines()
    return {" ".join(line.split()[:2]) for line in lines if "sync daemon" in line and "syncid=7" in line}


def await_master(master: Guest, backup: Guest | None) -> None:
    """And the other one takes what it sends."""
    def is_so() -> bool:
        return sync_daemons(master) == {"master sync"} and (backup is None or sync_daemons(backup) == {"backup sync"})

    wait_until(is_so, SLOW, f"{master.name} to send: {master.journal('lvs-sync')}")


def test_it_follows_the_instance(balancers: list[Guest]) -> None:
    """Over a failover; at the stop it ends."""
    one, two = balancers
    await_master(one, two)
    one.run("systemctl stop lvs-sync")
    assert sync_daemons(one) == set()
    await_master(two, None)
