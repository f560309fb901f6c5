"""The site's policy: what root permits a configuration to ask for, whoever writes the configuration."""

from collections.abc import Callable

import pytest

from harness.daemon import CONFIGURATION, Daemon
from harness.router import INTERFACE, Mode, Station

MakeStation = Callable[..., Station]
POLICY = "/etc/holdfast/policy"
QUICK = Mode(2, 4, False)

pytestmark = pytest.mark.holdfast_only("keepalived has no such policy")


def under(make_station: MakeStation, policy: str, mode: int = 0o644, owner: str = "root") -> Station:
    """A router on a host with that policy."""
    station = make_station(QUICK)
    station.node.own_etc()
    station.node.write(POLICY, policy, mode, owner)
    return station


def refused(station: Station) -> Daemon:
    """Its daemon, which does not start."""
    station.daemon = Daemon(station.node, station.program, station.router.text())
    assert station.daemon.wait(10) != 0
    return station.daemon


def test_what_it_permits_works(make_station: MakeStation) -> None:
    station = under(make_station, f"interfaces {INTERFACE}\naddresses {QUICK.floating}\nvirtual_routers 1-255\n")
    station.start()
    station.wait_master(QUICK.master_down(150) + 5)


def test_what_it_does_not_permit_is_not_started(make_station: MakeStation) -> None:
    station = under(make_station, "# only the segment of the mail servers\naddresses 192.0.2.0/24\n")
    log = refused(station).log
    log.wait(rf"address {QUICK.floating} is not permitted by /etc/holdfast/policy, line 2", 5)
    assert not station.node.holds(QUICK.floating)


def test_a_check_says_where(make_station: MakeStation) -> None:
    station = under(make_station, "virtual_routers 200-210\n")
    station.node.write("/run/checked.conf", station.router.text())
    done = station.node.run([str(station.program), "-t", "-f", "/run/checked.conf"], check=False)
    assert done.returncode == 5
    line = next(number for number, text in enumerate(station.router.text().splitlines(), 1) if "virtual_router_id" in text)
    assert f"(Line {line}) virtual_router_id" in done.stderr
    assert "is not permitted by /etc/holdfast/policy, line 1" in done.stderr


def test_a_reload_is_refused_and_never_widens_it(make_station: MakeStation) -> None:
    """What was read at the start holds until the end, whatever is in the file by now."""
    station = under(make_station, f"addresses {QUICK.floating}\n")
    station.start()
    station.wait_master(QUICK.master_down(150) + 5)
    running = station.running
    text = station.router.text()
    wider = text.replace("virtual_ipaddress {", "virtual_ipaddress_excluded {\n10.77.0.77/24\n}\nvirtual_ipaddress {", 1)

    for policy in (f"addresses {QUICK.floating}\n", "addresses 0.0.0.0/0\n"):
        station.node.write(POLICY, policy)
        mark = running.log.mark()
        station.node.write(CONFIGURATION, wider)
        running.signal(1)
        running.log.wait("The old configuration stays in force", 10, mark)
        assert running.log.find("10.77.0.77 is not permitted by /etc/holdfast/policy, line 1", mark)
    assert station.holds() and not station.node.holds("10.77.0.77")

    station.node.write(POLICY, "virtual_routers 250\n")
    mark = running.log.mark()
    station.node.write(CONFIGURATION, text)
    running.signal(1)
    running.log.wait("is not permitted by /etc/holdfast/policy, line 1", 10, mark)
    running.log.wait("The old configuration stays in force", 10, mark)
    assert station.holds()


@pytest.mark.parametrize("mode,owner", [(0o664, "root"), (0o646, "root"), (0o644, "nobody")])
def test_one_that_others_can_write_is_not_believed(make_station: MakeStation, mode: int, owner: str) -> None:
    log = refused(under(make_station, "addresses 0.0.0.0/0\n", mode, owner)).log
    log.wait("can be written by others than root: chown root", 5)


def test_a_mistake_in_it_stops_everything(make_station: MakeStation) -> None:
    """A row that is not understood may be one that forbids."""
    log = refused(under(make_station, "addresses 0.0.0.0/0\nforbidd root_scripts\n")).log
    log.wait("/etc/holdfast/policy, line 2: 'forbidd' is not a keyword of the policy", 5)
