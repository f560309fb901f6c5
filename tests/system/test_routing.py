"""Virtual and static addresses, routes and rules: there when they should be, and only then."""

import json
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.daemon import CONFIGURATION, HOLDFAST
from harness.netlink_watch import RoutingWatch
from harness.node import Network, Node
from harness.router import INTERFACE, Mode, Pair, Router, Station
from harness.wait import holds_for, wait_until

MODE = Mode(3, 4, False)
VIRTUAL = ["virtual_routes {", f"10.91.0.0/16 via 10.77.0.250 dev {INTERFACE}",
           f"10.92.0.0/16 via 10.77.0.99 dev {INTERFACE} table 91", "}",
           "virtual_rules {", "from 10.91.0.0/16 table 91 preference 910", "}"]
STATIC = ["static_ipaddress {", f"10.93.0.1/24 dev {INTERFACE}", "}",
          "static_routes {", f"10.94.0.0/16 via 10.93.0.9 dev {INTERFACE}", "}",
          "static_rules {", "from 10.94.0.0/16 table 94 preference 940", "}"]
STATIC_SHOWN = {"10.93.0.1", "10.94.0.0/16", "940"}
VIRTUAL_SHOWN = {"10.77.0.99", "10.91.0.0/16", "10.92.0.0/16", "910"}


def shown(node: Node) -> set[str]:
    """Which of them the node has."""
    routes = json.loads(node.run("ip -j route show table all").stdout)
    rules = json.loads(node.run("ip -j rule").stdout)
    have = node.addresses() | {route["dst"] for route in routes} | {str(rule["priority"]) for rule in rules}
    return have & (STATIC_SHOWN | VIRTUAL_SHOWN)


def wait_shown(node: Node, wanted: set[str], timeout: float = 5) -> None:
    """Waits until the node has exactly these."""
    wait_until(lambda: shown(node) == wanted, timeout, f"{sorted(wanted)} on {node.name}")


def test_failover_moves_routes_and_rules(make_pair: Callable[..., Pair]) -> None:
    """The backup has them once it is master, and whoever leaves has them no more."""
    pair = make_pair(MODE, lines=VIRTUAL)
    pair.start()
    wait_shown(pair.first.node, VIRTUAL_SHOWN)
    assert shown(pair.second.node) == set()
    mark = pair.second.running.log.mark()
    assert pair.first.running.stop() == 0
    pair.second.wait_master(5, mark)
    wait_shown(pair.second.node, VIRTUAL_SHOWN)
    assert shown(pair.first.node) == set()


def test_static_ones_are_there_from_the_start_to_the_end(make_station: Callable[..., Station]) -> None:
    """Also on a backup, and over a reload."""
    station = make_station(MODE, top_lines=STATIC)
    daemon = station.start()
    daemon.log.wait("Startup complete", 5)
    assert shown(station.node) >= STATIC_SHOWN
    station.wait_master(5)
    mark = daemon.log.mark()
    station.node.write(CONFIGURATION, station.router.changed(top_lines=STATIC[:6]).text())
    daemon.signal(signal.SIGHUP)
    daemon.log.wait("Reload", 5, mark)
    wait_until(lambda: "940" not in shown(station.node), 5, "the rule to go")
    assert shown(station.node) >= {"10.93.0.1", "10.94.0.0/16"}
    assert daemon.stop() == 0
    assert shown(station.node) == set()


def test_static_route_that_is_deleted_is_restored(make_station: Callable[..., Station]) -> None:
    """At once, and said in keepalived's words."""
    station = make_station(MODE, top_lines=STATIC)
    daemon = station.start()
    daemon.log.wait("Startup complete", 5)
    station.node.run("ip route del 10.94.0.0/16")
    daemon.log.wait("Restoring deleted static route .*10.94.0.0/16 via .*10.93.0.9 dev ens160", 5)
    wait_until(lambda: "10.94.0.0/16" in shown(station.node), 2, "the route again")


@pytest.mark.holdfast_only("keepalived becomes a backup, and master again")
def test_what_is_deleted_is_put_back_without_a_transition(make_station: Callable[..., Station]) -> None:
    """A route or a rule, and a route that someone replaces."""
    station = make_station(MODE, lines=VIRTUAL)
    daemon = station.start()
    station.wait_master(5)
    wait_shown(station.node, VIRTUAL_SHOWN)
    mark = daemon.log.mark()
    for command in ("ip route del 10.91.0.0/16", "ip rule del preference 910", "ip route flush table 91",
                    "ip route replace 10.91.0.0/16 via 10.77.0.1"):
        station.node.run(command)
        wait_shown(station.node, VIRTUAL_SHOWN)
    daemon.log.wait(r"\(VI\) put route 10.91.0.0/16 via 10.77.0.250 dev ens160 back", 5, mark)
    daemon.log.wait(r"\(VI\) put rule from 10.91.0.0/16 lookup 91 preference 910 back", 5, mark)
    wait_until(lambda: "via 10.77.0.250" in station.node.run("ip route show 10.91.0.0/16").stdout, 5, "ours again")
    assert not daemon.log.find("STATE", mark)


@pytest.mark.holdfast_only("a reload of keepalived makes a backup for a moment")
def test_reload_touches_nothing_that_is_unchanged(make_station: Callable[..., Station]) -> None:
    """The kernel has nothing to say about routes and rules that stay, of both kinds."""
    station = make_station(MODE, lines=VIRTUAL, top_lines=STATIC)
    daemon = station.start()
    station.wait_master(5)
    wait_shown(station.node, VIRTUAL_SHOWN | STATIC_SHOWN)
    with RoutingWatch(station.node) as watch:
        for _ in range(2):
            mark = daemon.log.mark()
            daemon.signal(signal.SIGHUP)
            daemon.log.wait("Reload complete", 5, mark)
            daemon.log.wait("Carrying on in MASTER STATE", 5, mark)
        assert watch.changes() == []
        station.node.write(CONFIGURATION, station.router.changed(lines=VIRTUAL[:2] + ["}"]).text())
        daemon.signal(signal.SIGHUP)
        wait_shown(station.node, STATIC_SHOWN | {"10.77.0.99", "10.91.0.0/16"})
        assert sorted(watch.changes()) == ["-route", "-rule"]


@pytest.mark.holdfast_only("a crash of keepalived's VRRP process makes it a backup")
@pytest.mark.parametrize("program_name", ["holdfast-vrrpd", "holdfast-privd"])
def test_killing_a_worker_touches_nothing(make_station: Callable[..., Station], program_name: str) -> None:
    """Its successor finds all that is there, and goes on putting back what is deleted."""
    station = make_station(MODE, lines=VIRTUAL, top_lines=STATIC)
    daemon = station.start()
    station.wait_master(5)
    wait_shown(station.node, VIRTUAL_SHOWN | STATIC_SHOWN)
    victim = daemon.process(program_name)
    with RoutingWatch(station.node) as watch:
        victim.kill()
        wait_until(lambda: daemon.process(program_name).pid != victim.pid, 5, f"another {program_name}")
        holds_for(lambda: shown(station.node) == VIRTUAL_SHOWN | STATIC_SHOWN, 4 * MODE.interval, "all of it stays")
        assert watch.changes() == []
    station.node.run("ip route del 10.91.0.0/16")
    station.node.run("ip rule del preference 940")
    wait_shown(station.node, VIRTUAL_SHOWN | STATIC_SHOWN)


@pytest.mark.holdfast_only("keepalived leaves what a crash left")
def test_what_a_crash_of_everybody_left_goes_at_the_next_start(make_station: Callable[..., Station]) -> None:
    """Also with a configuration that has none of it, and nothing of somebody else's."""
    station = make_station(MODE, lines=VIRTUAL, top_lines=STATIC)
    station.start()
    station.wait_master(5)
    wait_shown(station.node, VIRTUAL_SHOWN | STATIC_SHOWN)
    station.running.crash()
    assert shown(station.node) == VIRTUAL_SHOWN | STATIC_SHOWN
    station.node.run("ip route add 10.95.0.0/16 via 10.77.0.250")
    station.router = station.router.changed(lines=(), top_lines=(), priority=10)
    station.start().log.wait("Startup complete", 5)
    assert shown(station.node) == set()
    assert "10.95.0.0/16" in station.node.run("ip route").stdout


def test_routes_come_back_with_their_interface(make_station: Callable[..., Station]) -> None:
    """The kernel removes them with it, and tells nobody."""
    station = make_station(MODE, top_lines=STATIC)
    daemon = station.start()
    daemon.log.wait("Startup complete", 5)
    station.node.run(f"ip link set {INTERFACE} down")
    wait_until(lambda: "10.94.0.0/16" not in shown(station.node), 5, "the route to go")
    station.node.run(f"ip link set {INTERFACE} up")
    wait_until(lambda: "10.94.0.0/16" in shown(station.node), 5, "the route again")


def test_who_needs_what_is_static_is_in_fault_without_it(make_station: Callable[..., Station]) -> None:
    """A track group: its member gives up as its static address goes with its interface, and is back with it."""
    station = make_station(MODE, top_lines=["track_group needs {", "group {", "VI", "}", "}", "static_ipaddress {",
                                            "10.96.0.1/24 dev needed track_group needs", "}"])
    station.node.run("ip link add needed up type veth peer name other")
    station.node.run("ip link set other up")
    station.start()
    station.wait_master(5)
    mark = station.running.log.mark()
    station.node.run("ip link del needed")
    station.running.log.wait(r"\(VI\) entering FAULT state \(track group needs", 5, mark)
    wait_until(lambda: not station.holds(), 5, "the address to go")
    station.node.run("ip link add needed up type veth peer name other")
    station.node.run("ip link set other up")
    station.wait_master(10, mark)


EVERYTHING = f"""
global_defs {{
}}
static_ipaddress {{
  10.80.0.1/24 brd 10.80.0.255 dev {INTERFACE} scope link label {INTERFACE}:one
  10.80.1.1/32 peer 10.80.1.2 dev {INTERFACE}
  10.80.2.1/24 dev {INTERFACE} noprefixroute
  fd80::1/64 dev {INTERFACE}
  fd80:1::1/128 dev {INTERFACE} home
  fd80:2::1/128 dev {INTERFACE} preferred_lft forever
  fd80:3::1/64 dev {INTERFACE} -nodad noprefixroute preferred_lft 1000
  fd80:4::1/64 dev {INTERFACE} mngtmpaddr
}}
static_routes {{
  10.81.0.0/16 via 10.80.0.9 dev {INTERFACE}
  10.82.0.0/16 nexthop via 10.80.0.8 dev {INTERFACE} weight 3 nexthop via 10.80.0.7 dev {INTERFACE} weight 2
  10.83.0.0/16 dev {INTERFACE} src 10.80.0.1 table 77 tos 0x10 metric 7 scope link mtu lock 1400 window 2000 rtt 300ms \
rttvar 250ms ssthresh 9 cwnd 10 advmss 1300 reordering 5 hoplimit 33 initcwnd 20 initrwnd 21 rto_min 250ms \
features ecn quickack 1 congctl cubic realms 5/6
  blackhole 10.84.0.0/16
  prohibit 10.85.0.0/16 table 78
  unreachable 10.86.0.0/16
  throw 10.87.0.0/16
  append 10.88.0.0/16 via 10.80.0.9 dev {INTERFACE}
  10.89.0.0/16 via 192.0.2.9 dev {INTERFACE} onlink fastopen_no_cookie 1
  10.90.0.0/16 encap ip id 5 dst 1.2.3.4 src 10.80.0.1 tos 4 ttl 9 via 10.80.0.9 dev {INTERFACE}
  default via 10.80.0.99 dev {INTERFACE} metric 900
  fd81::/32 via fd80::9 dev {INTERFACE} metric 100 pref high
  fd82::/32 from fd80::/64 via fd80::9 dev {INTERFACE}
  unreachable fd83::/32
  fd84::/32 via fd80::8 or fd80::7 dev {INTERFACE}
}}
static_rules {{
  from 10.80.5.0/24 table 55 preference 600
  not from 10.1.0.0/16 to 10.2.0.0/16 table 56 preference 601 tos 0x10 fwmark 5/0xff iif {INTERFACE} oif {INTERFACE} \
realms 3/4 suppress_prefixlength 8 suppress_ifgroup 5
  from all table 57 preference 602 uidrange 100-200 protocol 18 ipproto tcp sport 100-200 dport 300-300
  from all blackhole preference 603
  from all prohibit preference 604
  from all unreachable preference 605
  from all goto 607 preference 606
  from all l3mdev preference 607
  from fd80::/64 table 58 preference 608
  to 10.3.0.0/16 nop preference 610
}}
vrrp_instance VI {{
  interface {INTERFACE}
  virtual_router_id 51
  priority 100
  virtual_ipaddress {{
    10.77.0.99
  }}
}}
"""
REVIEWED = {("addr", "protocol")}
"""What differs on purpose: 2.2.7 does not mark addresses."""


def state_of(node: Node) -> dict[str, list[dict[str, Any]]]:
    """All addresses, routes and rules, without what counts down or is of one node only."""
    state = {}
    for name, command in (("addr", f"ip -j -d addr show dev {INTERFACE}"), ("route", "ip -j -d route show table all"),
                          ("route6", "ip -j -d -6 route show table all"), ("rule", "ip -j -d rule"),
                          ("rule6", "ip -j -d -6 rule")):
        rows = json.loads(node.run(command).stdout)
        if name == "addr":
            rows = [row for row in rows[0]["addr_info"] if row["scope"] != "link" or row["family"] == "inet"]
        state[name] = [{key: value for key, value in row.items()
                        if key not in ("preferred_life_time", "expires") and (name, key) not in REVIEWED}
                       for row in rows if not str(row.get("dst", "")).startswith("fe80")]
    return state


@pytest.mark.holdfast_only("it is compared with itself")
def test_all_options_are_as_keepalived_has_them(network: Network, keepalived: Path) -> None:
    """The same file, side by side: the kernel shows the same."""
    states = []
    for number, program in ((1, HOLDFAST), (2, keepalived)):
        station = Station(network, Router(MODE, number, 100), program)
        station.node.run(f"ip link set {INTERFACE} address 02:00:00:00:00:77")
        daemon = station.start_with(EVERYTHING)
        daemon.log.wait("Startup complete", 5)
        wait_until(lambda node=station.node: "610:" in node.run("ip rule").stdout, 5, "all of it")  # type: ignore[misc]
        own = rf"\b(10\.77\.0\.|fd77::){number}\b"
        states.append(json.loads(re.sub(own, r"\1N", json.dumps(state_of(station.node)))))
        daemon.stop()
        for command in ("ip -d route show table all", "ip -d -6 route show table all", "ip -d rule", "ip -d -6 rule"):
            assert "proto keepalived" not in station.node.run(command).stdout
    for name, rows in states[1].items():
        assert states[0][name] == rows
