"""keepalived.data at SIGUSR1 and keepalived.json at SIGRTMIN+2: the same as keepalived writes for the same file."""

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.daemon import KEEPALIVED, Daemon
from harness.router import Mode, Pair, Station
from harness.wait import wait_until

JSON = signal.SIGRTMIN + 2
PASSWORD = "5ecret_"
MakeStation = Callable[..., Station]

CONFIGURATION = f"""
global_defs {{
    router_id R1
    enable_script_security
    vrrp_garp_master_refresh 7
}}
vrrp_sync_group G {{
    group {{
        A
        B
    }}
}}
vrrp_instance A {{
    interface ens160
    virtual_router_id 51
    priority 200
    advert_int 1
    nopreempt
    garp_master_delay 2
    authentication {{
        auth_type PASS
        auth_pass {PASSWORD}
    }}
    track_interface {{
        lo
    }}
    virtual_ipaddress {{
        10.77.0.99/24 dev ens160 label ens160:v
        10.77.0.98/24 brd 10.77.0.255
    }}
    virtual_ipaddress_excluded {{
        10.77.1.1/32
    }}
}}
vrrp_instance B {{
    interface ens160
    virtual_router_id 52
    version 3
    priority 150
    advert_int 0.5
    preempt_delay 4
    unicast_src_ip 10.77.0.1
    unicast_peer {{
        10.77.0.2
        10.77.0.3
    }}
    virtual_ipaddress {{
        10.77.0.97
    }}
}}
"""

UNLIKE = {"last_transition", "vipset"}
"""Of the members of "data": when it was, and whether that is known yet."""


def written(daemon: Daemon, number: int, path: Path) -> str:
    """What the signal has written."""
    before = path.stat().st_ino if path.exists() else None
    daemon.signal(number)
    wait_until(lambda: path.exists() and path.stat().st_ino != before and path.stat().st_size > 0, 5, f"{path} written")
    return path.read_text()


def started(station: Station, configuration: str = CONFIGURATION) -> Station:
    """With that configuration, and both instances master."""
    station.start_with(configuration)
    for name in ("A", "B"):
        station.running.log.wait(rf"\({name}\) Entering MASTER STATE", 10)
    for address in ("10.77.0.99", "10.77.0.97", "10.77.1.1"):
        station.node.wait_holds(address, 5)
    station.running.log.wait("Startup complete", 5)
    return station


def lines_of(text: str) -> set[str]:
    """The lines of the instances, without what differs each time."""
    varying = ("Last transition", "Read timeout", "Master down timer", "fd_in", "Password", "No sockets")
    instances = text[text.index("------< VRRP Topology"):]
    return {line for line in instances[:instances.index("------< VRRP S")].splitlines()
            if not line.strip().startswith(varying)}


@pytest.mark.holdfast_only("it is what is compared with")
@pytest.mark.skipif(not KEEPALIVED.exists(), reason="needs keepalived")
def test_both_write_the_same(make_station: MakeStation) -> None:
    """Field by field; Holdfast leaves nothing out of JSON, and of the text what its differences say."""
    station = make_station()
    node, program, station.program = station.node, station.program, KEEPALIVED
    started(station)
    their_json = json.loads(written(station.running, JSON, node.path("/tmp/keepalived.json")))
    their_text = written(station.running, signal.SIGUSR1, node.path("/tmp/keepalived.data"))
    station.running.stop()
    station.program = program
    started(station)
    our_json = json.loads(written(station.running, JSON, node.path("/run/keepalived.json")))
    our_text = written(station.running, signal.SIGUSR1, node.path("/run/keepalived.data"))
    assert [one["data"]["iname"] for one in our_json] == ["A", "B"]
    for our, their in zip(our_json, their_json, strict=True):
        assert our["data"].keys() == their["data"].keys()
        assert our["stats"].keys() == their["stats"].keys()
        assert abs(our["data"]["last_transition"] - their["data"]["last_transition"]) < 60
        assert our["data"]["vipset"] and their["data"]["vipset"]
        same = {key for key in our["data"] if our["data"][key] == their["data"][key]}
        assert our["data"].keys() - same <= {*UNLIKE, "auth_data"}
    assert our_json[0]["data"]["auth_data"] == "********"
    assert not lines_of(our_text) - lines_of(their_text)
    left_out = {line.split("=")[0].strip() for line in lines_of(their_text) - lines_of(our_text)}
    assert left_out <= {"Flags:", "Flags: none", "Using unicast", "Number of config faults", "Number of track scripts init",
                        "Unicast checksum compatibility", "Notify deleted"}


@pytest.mark.holdfast_only("keepalived writes to /tmp, and shows passwords")
def test_nothing_is_in_tmp_and_no_secret_is_shown(make_station: MakeStation) -> None:
    """For the user of the daemon alone, in the run directory; a link there is replaced."""
    station = started(make_station())
    station.node.write("/run/victim", "precious\n")
    station.node.run(["ln", "-s", "/run/victim", "/run/keepalived.data"])
    for number, name in ((signal.SIGUSR1, "keepalived.data"), (JSON, "keepalived.json")):
        path = station.node.path(f"/run/{name}")
        text = written(station.running, number, path)
        assert PASSWORD not in text and "********" in text
        assert path.lstat().st_mode & 0o7777 == 0o600 and not path.is_symlink()
    assert station.node.path("/run/victim").read_text() == "precious\n"
    assert not list(station.node.path("/tmp").iterdir())


@pytest.mark.holdfast_only("the keywords are of later versions")
def test_the_configuration_says_where(make_station: MakeStation) -> None:
    """state_dump_file and json_dump_file: /tmp where that is asked for."""
    places = "state_dump_file /tmp/a.data\njson_dump_file /tmp/b.json\n}"
    station = started(make_station(), CONFIGURATION.replace("}", places, 1))
    assert "State = MASTER" in written(station.running, signal.SIGUSR1, station.node.path("/tmp/a.data"))
    assert json.loads(written(station.running, JSON, station.node.path("/tmp/b.json")))[0]["data"]["state"] == 2


@pytest.mark.holdfast_only("keepalived writes to /tmp")
def test_umask_lets_others_read(make_station: MakeStation) -> None:
    """For monitoring that is not root."""
    station = started(make_station(), CONFIGURATION.replace("}", "umask 022\n}", 1))
    for number, name in ((signal.SIGUSR1, "keepalived.data"), (JSON, "keepalived.json")):
        path = station.node.path(f"/run/{name}")
        written(station.running, number, path)
        assert path.stat().st_mode & 0o7777 == 0o644


@pytest.mark.holdfast_only("keepalived writes to /tmp")
def test_a_backup_says_whom_it_follows(make_pair: Callable[..., Pair]) -> None:
    """The address and the priority of its master; FAULT is what liveness probes look for."""
    pair = make_pair(Mode(3, 4, False))
    pair.start()
    station = pair.second
    text = written(station.running, signal.SIGUSR1, station.node.path("/run/keepalived.data"))
    assert "   State = BACKUP\n   Master router = 10.77.0.1\n   Master priority = 150\n" in text
    data = json.loads(written(station.running, JSON, station.node.path("/run/keepalived.json")))[0]["data"]
    assert (data["state"], data["wantstate"], data["master_priority"], data["vipset"]) == (1, 1, 150, False)
    assert not data["vips"][0].endswith(" set")
    station.node.run(["ip", "link", "set", "ens160", "down"])
    station.running.log.wait("Entering FAULT STATE", 5)
    text = written(station.running, signal.SIGUSR1, station.node.path("/run/keepalived.data"))
    assert "   State = FAULT\n" in text
