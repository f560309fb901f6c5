"""What clients notice of the load balancer: connections through its addresses, over NAT, DR, and tunnels, to servers in
namespaces. All hosts are on one bridge; what goes to a client by way of the balancer, the servers' own addresses do."""

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from harness.daemon import HOLDFAST
from harness.wait import wait_until
from machine import Guest
from test_load_balancer import SLOW, Balancer

SERVER = """
import socketserver, sys
class Line(socketserver.StreamRequestHandler):
    def handle(self):
        for _ in self.rfile:
            self.wfile.write(sys.argv[1].encode() + b"\\n")
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    address_family = 10
    request_queue_size = 50
Server(("::", 80), Line).serve_forever()
"""
# once ADDRESS COUNT: who answers each new connection; hold ADDRESS FILE: one connection, asked all the time.
CLIENT = """
import collections, json, socket, sys, time
def ask(connection):
    connection.sendall(b"?\\n")
    return connection.recv(100).decode().strip()
if sys.argv[1] == "once":
    answers = collections.Counter()
    for _ in range(int(sys.argv[3])):
        try:
            with socket.create_connection((sys.argv[2], 80), 5) as connection:
                answers[ask(connection) or "nobody"] += 1
        except OSError as error:
            answers[str(error)] += 1
    print(json.dumps(answers))
else:
    with socket.create_connection((sys.argv[2], 80), 60) as connection, open(sys.argv[3], "w", 1) as told:
        while answer := ask(connection):
            print(answer, file=told)
            time.sleep(0.2)
"""
NETWORK = """
ip link set lo up
modprobe -a ip_vs ip_vs_rr ip_vs_wrr ipip fou
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.conf.default.rp_filter=0
sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.send_redirects=0 net.ipv4.conf.all.send_redirects=0
sysctl -qw net.ipv6.conf.default.accept_dad=0
ip link add lvs-net type bridge forward_delay 0
for address in 10.20.0.1/24 10.30.0.1/24 fd00:20::1/64 fd00:30::1/64 fd00:30::51/128; do
  ip addr add $address dev lvs-net
done
for last in 51 52 53 54 55 56 61 62 63 64; do ip addr add 10.30.0.$last/32 dev lvs-net; done
ip link set lvs-net up
host() {
  ip netns add lvs-$1
  ip netns exec lvs-$1 sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \\
    net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2 net.ipv6.conf.default.accept_redirects=0
  ip link add lvs-$1 type veth peer name eth0 netns lvs-$1
  ip link set lvs-$1 master lvs-net up
  for link in lo eth0; do ip -n lvs-$1 link set $link up; done
}
host client
ip -n lvs-client addr add 10.30.0.100/24 dev eth0
ip -n lvs-client -6 addr add fd00:30::100/64 dev eth0 nodad
for number in 1 2 3; do
  name=rs$number
  host $name
  ip -n lvs-$name addr add 10.20.0.1$number/24 dev eth0
  ip -n lvs-$name -6 addr add fd00:20::1$number/64 dev eth0 nodad
  ip -n lvs-$name -6 route add default via fd00:20::1
  ip -n lvs-$name route add 10.30.0.0/24 dev eth0
  ip -n lvs-$name route add default via 10.20.0.1 table 100
  ip -n lvs-$name rule add from 10.20.0.0/24 to 10.30.0.0/24 table 100
  ip netns exec lvs-$name ip fou add port 6080 gue
  ip -n lvs-$name link set tunl0 up
  ip netns exec lvs-$name sysctl -qw net.ipv4.conf.tunl0.rp_filter=0
  for last in 52 53 54; do ip -n lvs-$name addr add 10.30.0.$last/32 dev tunl0; done
done
nft 'table ip lvs-marked { chain in { type filter hook prerouting priority 0
ip daddr 10.30.0.56 tcp dport 80 meta mark set 56
}
}'
"""
METHODS = {"10.30.0.51": "NAT", "10.30.0.52": "DR", "10.30.0.53": "TUN", "10.30.0.54": "TUN type gue port 6080"}
EVERYWHERE = [*METHODS, "10.30.0.56", "10.30.0.61", "10.30.0.62", "10.30.0.64", "fd00:30::51"]


def virtual_server(what: str, extra: str = "", method: str = "NAT", weights: tuple[int, int] = (1, 1),
                   servers: str = "10.20.0.1", scheduler: str = "rr") -> str:
    """Two servers, and a third that says that it is sorry."""
    checked = "TCP_CHECK {\n connect_timeout 2\n }"
    reals = "".join(f"real_server {servers}{number} 80 {{\n weight {weight}\n {checked}\n }}\n"
                    for number, weight in enumerate(weights, 1))
    return (f"virtual_server {what} {{\n lvs_sched {scheduler}\n lvs_method {method}\n protocol TCP\n delay_loop 1\n retry 1\n"
            f"delay_before_retry 1\n warmup 0\n {extra}\n sorry_server {servers}3 80\n {reals}\n}}\n")


def configuration(weights: tuple[int, int] = (1, 1)) -> str:
    """All that is tried here."""
    return "".join((
        "global_defs {\n nftables_ipvs lvs-groups\n}\n",
        "virtual_server_group range {\n 10.30.0.61-62 80\n 10.30.0.64 80\n}\n",
        *(virtual_server(f"{address} 80", method=method, weights=weights, scheduler="wrr")
          for address, method in METHODS.items()),
        virtual_server("10.30.0.55 80", "persistence_timeout 300"),
        virtual_server("fwmark 56"),
        virtual_server("group range"),
        virtual_server("fd00:30::51 80", servers="fd00:20::1")))


@pytest.fixture(scope="module")
def guest(guests: list[Guest]) -> Guest:
    """The balancer, its client and its servers."""
    one = guests[0]
    one.write("/run/lvs-line-server.py", SERVER)
    one.write("/run/lvs-client.py", CLIENT)
    one.run(["sh", "-ec", NETWORK])
    return one


class Traffic:
    """The daemon at work, and who uses it."""

    def __init__(self, guest: Guest) -> None:
        self.daemon = Balancer(guest, str(HOLDFAST))
        self._guest = guest

    def serve(self, number: int) -> None:
        """A server begins."""
        self._guest.run(f"systemd-run -q --unit=lvs-server-{number} ip netns exec lvs-rs{number} "
                        f"python3 /run/lvs-line-server.py rs{number}")

    def fail(self, *numbers: int) -> None:
        """Servers end."""
        self._guest.run(f"systemctl stop {' '.join(f'lvs-server-{number}' for number in numbers)}")

    def answers(self, address: str, count: int = 4) -> dict[str, int]:
        """Who answered how many of new connections."""
        said = self._guest.run(f"ip netns exec lvs-client python3 /run/lvs-client.py once {address} {count}", timeout=120)
        found: dict[str, int] = json.loads(said.stdout)
        return found

    def everybody_gets(self, expected: dict[str, int]) -> None:
        """At every address, and without one request that fails."""
        count = sum(expected.values())
        found = {address: self.answers(address, count) for address in EVERYWHERE}
        assert found == dict.fromkeys(EVERYWHERE, expected), self.daemon.table() + self.daemon.log()

    def await_servers(self, *numbers: int) -> None:
        """IPVS uses these for every service."""
        def are_used() -> bool:
            lines = self.daemon.table().splitlines()
            used = Counter(line.split()[4].replace("[fd00:20::", "10.20.0.")[:10] for line in lines if line.startswith("-a"))
            return used == {f"10.20.0.1{number}": sum(line.startswith("-A") for line in lines) for number in numbers}

        wait_until(are_used, SLOW, f"servers {numbers} to be used: {self.daemon.table()}")

    def reload(self, text: str) -> None:
        """And waits until it is done."""
        before = self.daemon.log().count("Reload complete")
        self._guest.write("/run/lvs/conf", text)
        self.daemon.sh("kill -HUP $(cat /run/lvs/pid)")
        wait_until(lambda: self.daemon.log().count("Reload complete") > before, SLOW, "the reload")


@pytest.fixture
def traffic(guest: Guest) -> Iterator[Traffic]:
    """All servers at work, and used."""
    made = Traffic(guest)
    made.daemon.start(configuration())
    for number in (1, 2, 3):
        made.serve(number)
    made.daemon.sh("systemctl stop lvs-server-8001")
    made.await_servers(1, 2)
    yield made
    guest.run(["sh", "-c", "systemctl stop 'lvs-held-*'"], check=False)
    made.daemon.stop()


def test_servers_die_and_come_back(traffic: Traffic) -> None:
    """What is out gets nothing, and nobody is turned away; without a quorum the sorry server answers."""
    traffic.everybody_gets({"rs1": 2, "rs2": 2})
    traffic.fail(1)
    traffic.await_servers(2)
    traffic.everybody_gets({"rs2": 3})
    traffic.fail(2)
    traffic.await_servers(3)
    traffic.everybody_gets({"rs3": 2})
    traffic.serve(1)
    traffic.await_servers(1)
    traffic.everybody_gets({"rs1": 2})


def test_weights_and_persistence(traffic: Traffic) -> None:
    """A reload changes the shares; a persistent client stays with its server while it lives."""
    (first, _), = traffic.answers("10.30.0.55").items()
    traffic.reload(configuration((3, 1)))
    for address in METHODS:
        assert traffic.answers(address, 8) == {"rs1": 6, "rs2": 2}, traffic.daemon.table()
    assert traffic.answers("10.30.0.55") == {first: 4}
    traffic.fail(int(first[2:]))
    traffic.await_servers(3 - int(first[2:]))
    assert traffic.answers("10.30.0.55") == {"rs1" if first == "rs2" else "rs2": 4}


def test_connections_live_on(traffic: Traffic) -> None:
    """Over a crash of checkd and a reload, whichever way they take."""
    for address in METHODS:
        traffic.daemon.sh(f"systemd-run -q --unit=lvs-held-{address} ip netns exec lvs-client "
                          f"python3 /run/lvs-client.py hold {address} /run/lvs/held-{address}")

    def said(address: str) -> list[str]:
        return traffic.daemon.sh(f"cat /run/lvs/held-{address}").splitlines()

    def all_go_on() -> None:
        before = {address: len(said(address)) for address in METHODS}
        wait_until(lambda: all(len(said(address)) > count + 3 for address, count in before.items()), SLOW,
                   "all connections go on")

    all_go_on()
    traffic.daemon.kill("holdfast-checkd")
    traffic.everybody_gets({"rs1": 1, "rs2": 1})
    all_go_on()
    traffic.reload(configuration((2, 1)))
    all_go_on()
    for address in METHODS:
        assert len(set(said(address))) == 1
