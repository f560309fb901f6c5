"""Several files of a configuration over reloads, and what config_save_dir keeps of each."""

import signal
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.daemon import CONFIGURATION
from harness.router import Mode, Station

PASSWORD = "5ecret_"
SAVED = "/run/saved"
INCLUDED = "/run/test/more.conf"
OTHER = "10.77.0.98"

MakeStation = Callable[..., Station]


def included(address: str) -> str:
    """Another instance, of that address."""
    return f"vrrp_instance MORE {{\ninterface ens160\nvirtual_router_id 52\npriority 255\nversion 3\nvirtual_ipaddress {{\n{address}/24\n}}\n}}\n"


def reload(station: Station, end: str = "Reload complete") -> None:
    """A reload that ends so."""
    mark = station.running.log.mark()
    station.running.signal(signal.SIGHUP)
    station.running.log.wait(end, 10, mark)


def copies(station: Station) -> list[Path]:
    """The copies in their order."""
    return sorted(station.node.path(SAVED).glob("keepalived.conf.*"), key=lambda path: int(path.suffix[1:]))


def test_included_files_are_read_again(make_station: MakeStation) -> None:
    """What has changed in one, one that is new, and one that is gone."""
    station = make_station()
    station.node.write(INCLUDED, included(OTHER))
    station.start_with("include more*.conf\n" + station.router.text())
    station.wait_master(5)
    station.node.wait_holds(OTHER, 5)
    station.node.write(INCLUDED, included("10.77.0.97"))
    reload(station)
    station.node.wait_holds("10.77.0.97", 5)
    station.node.wait_lacks(OTHER, 5)
    station.node.path(INCLUDED).unlink()
    reload(station)
    station.node.wait_lacks("10.77.0.97", 5)
    station.node.write("/run/test/more2.conf", included(OTHER))
    reload(station)
    station.node.wait_holds(OTHER, 5)
    assert station.holds()


@pytest.mark.holdfast_only("keepalived shows passwords, and makes a directory that only root can enter")
def test_every_configuration_that_was_used_is_kept(make_station: MakeStation) -> None:
    """Whole, with what it includes and without its secrets, for the user of the daemon alone."""
    authenticated = ("authentication {", "auth_type PASS", f"auth_pass {PASSWORD}", "}")
    station = make_station(Mode(2, 4, False), lines=authenticated, global_lines=(f"config_save_dir {SAVED}",))
    station.node.write(INCLUDED, included(OTHER))
    configuration = "include more.conf\n" + station.router.text()
    station.start_with(configuration)
    station.running.log.wait("Startup complete", 5)
    reload(station)
    station.node.write(CONFIGURATION, configuration.replace("priority 255", "priority 200"))
    reload(station)
    station.node.write(CONFIGURATION, configuration + "vrrp_instance X {\n}\n")
    reload(station, "The old configuration stays in force")
    first, second, third = copies(station)
    assert [path.name for path in copies(station)] == [
        f"keepalived.conf.{station.node.run(['cat', '/run/keepalived.pid']).stdout.strip()}.{i}" for i in range(3)]
    assert first.read_text() == second.read_text()
    assert "priority 200" not in first.read_text() and "priority 200" in third.read_text()
    assert OTHER in first.read_text() and f"# {INCLUDED}\n" in first.read_text()
    assert "auth_pass ********" in first.read_text() and PASSWORD not in first.read_text()
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert stat.S_IMODE(first.parent.stat().st_mode) == 0o700


@pytest.mark.holdfast_only("keepalived writes through links")
def test_no_link_chooses_where_copies_are_kept(make_station: MakeStation) -> None:
    """A link in the place of the directory is not followed; the daemon goes on, and says so."""
    station = make_station(global_lines=(f"config_save_dir {SAVED}",))
    station.node.run(["mkdir", "/run/elsewhere"])
    station.node.run(["ln", "-s", "/run/elsewhere", SAVED])
    station.start()
    station.running.log.wait(f"config_save_dir {SAVED}: cannot open", 5)
    station.wait_master(5)
    assert not list(station.node.path("/run/elsewhere").iterdir())
