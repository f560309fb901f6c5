"""Connections through a real IPVS go on whatever happens to the processes that look after it: a client on one side of
NAT talks to a server on the other side all the time."""

from collections.abc import Iterator

import pytest

from harness.wait import wait_until
from machine import Guest
from test_load_balancer import SLOW, Balancer, guest, holdfast

__all__ = ["guest", "holdfast"]

ECHO = """
import socket
listener = socket.create_server(("10.22.0.2", 80))
while True:
    connection = listener.accept()[0]
    while received := connection.recv(100):
        connection.sendall(received)
"""
TALK = """
import socket, time
connection = socket.create_connection(("10.9.9.1", 80), 20)
for number in range(1000000):
    connection.sendall(b"%d" % number)
    assert connection.recv(100) == b"%d" % number
    print(number, flush=True)
    time.sleep(0.05)
"""
NETWORK = """
sysctl -qw net.ipv4.ip_forward=1
for side in 1 2; do
  ip netns add side$side
  ip link add to$side type veth peer name eth0 netns side$side
  ip addr add 10.2$side.0.1/24 dev to$side
  ip link set to$side up
  ip -n side$side addr add 10.2$side.0.2/24 dev eth0
  ip -n side$side link set eth0 up
  ip -n side$side route add default via 10.2$side.0.1
done
systemd-run -q --unit=lvs-echo ip netns exec side2 python3 /run/lvs-echo.py
"""
CONFIGURATION = """
virtual_server 10.9.9.1 80 {
    protocol TCP
    lvs_sched rr
    lvs_method NAT
    delay_loop 3600
    real_server 10.22.0.2 80 {
        weight WEIGHT
        TCP_CHECK { connect_timeout 5 }
    }
}
"""
SOMEBODY_ELSES = "-A -t 10.9.9.9:9 -s rr\n"


@pytest.fixture
def talked(guest: Guest, holdfast: Balancer) -> Iterator[Balancer]:  # noqa: F811
    """The daemon, with somebody on each side."""
    guest.write("/run/lvs-echo.py", ECHO)
    guest.write("/run/lvs-talk.py", TALK)
    guest.run(["sh", "-ec", NETWORK])
    yield holdfast
    holdfast.sh("systemctl stop lvs-talk lvs-echo; systemctl reset-failed; ip netns del side1; ip netns del side2")


def words(balancer: Balancer) -> int:
    """How many have gone there and back."""
    said = balancer.sh("tail -n 1 /run/lvs-talk.out 2> /dev/null").strip()
    return int(said or 0)


def goes_on(balancer: Balancer) -> None:
    """More is said, in the connection that there was."""
    before = words(balancer)
    wait_until(lambda: words(balancer) > before + 5, SLOW, f"more words: {balancer.sh('systemctl status lvs-talk')}")


def test_a_connection_outlives_the_daemon(talked: Balancer) -> None:
    """privd and checkd are killed, the configuration is reloaded, and the daemon ends and starts again."""
    talked.start(CONFIGURATION.replace("WEIGHT", "1"))
    wait_until(lambda: "10.22.0.2:80" in talked.table(), SLOW, "the server")
    # With no service at all the kernel lets go of connections, and the host itself answers, with a reset.
    talked.sh(f"ipvsadm {SOMEBODY_ELSES}")
    talked.sh("rm -f /run/lvs-talk.out; systemd-run -q --unit=lvs-talk -p StandardOutput=file:/run/lvs-talk.out "
              "ip netns exec side1 python3 /run/lvs-talk.py")
    goes_on(talked)
    for name in ("holdfast-privd", "holdfast-checkd"):
        talked.kill(name)
        goes_on(talked)
    talked.guest.write("/run/lvs/conf", CONFIGURATION.replace("WEIGHT", "7"))
    talked.sh("kill -HUP $(cat /run/lvs/pid)")
    wait_until(lambda: "-w 7" in talked.table(), SLOW, "the reload")
    goes_on(talked)
    talked.sh("systemctl stop lvs")
    assert talked.table() == SOMEBODY_ELSES
    talked.run()
    wait_until(lambda: "-w 7" in talked.table(), SLOW, "the server, again")
    goes_on(talked)
    assert talked.sh("systemctl is-active lvs-talk").strip() == "active"
