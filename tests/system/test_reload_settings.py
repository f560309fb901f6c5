"""When a reload happens, what it takes, and what tells others of it: the reload_* keywords of global_defs."""

import signal
import time
from collections.abc import Callable

import pytest

from harness.daemon import CONFIGURATION
from harness.router import Station
from harness.wait import wait_until

WHEN = "/run/when"
READING = "/run/reading"
REPORT = "/run/report"

MakeStation = Callable[..., Station]


def started(make_station: MakeStation, *global_lines: str) -> Station:
    """A master with these settings."""
    station = make_station(global_lines=global_lines)
    station.start()
    station.running.log.wait("Startup complete", 10)
    return station


def exists(station: Station, path: str) -> bool:
    """Whether there is such a file."""
    return station.node.run(["/usr/bin/test", "-e", path], check=False).returncode == 0


def after(seconds: float, form: str = "%Y-%m-%d %H:%M:%SZ") -> str:
    """A time as the file has it."""
    return time.strftime(form, time.gmtime(time.time() + seconds)) + "\n"


def test_a_file_names_the_time_of_a_reload(make_station: MakeStation) -> None:
    """The file is gone afterwards."""
    station = started(make_station, f"reload_time_file {WHEN}")
    mark = station.running.log.mark()
    station.node.write(WHEN, after(3))
    station.running.log.wait("Scheduling reload for", 5, mark)
    assert not station.running.log.find("Reloading", mark)
    station.running.log.wait("Reload complete", 15, mark)
    assert not exists(station, WHEN)


def test_the_time_can_be_there_before_the_start(make_station: MakeStation) -> None:
    """It is read then; without a date it may stay, and is that of the next day too."""
    station = make_station(global_lines=[f"reload_time_file {WHEN}", "reload_repeat"])
    station.node.write(WHEN, after(15, "%H:%M:%SZ"))
    station.start()
    station.running.log.wait("Scheduling reload for", 5)
    mark = station.running.log.mark()
    station.running.log.wait("Reload complete", 30, mark)
    assert exists(station, WHEN)
    assert len(station.running.log.find("Scheduling reload for", mark)) == 1


def test_the_time_can_be_changed_and_taken_back(make_station: MakeStation) -> None:
    """And what is no time, or past, is said and is none."""
    station = started(make_station, f"reload_time_file {WHEN}")
    log = station.running.log
    for text, said in ((after(3600), "Scheduling reload for"), (after(7200), "Reload time updated from .* to"),
                       ("tomorrow\n", "Reload date/time tomorrow invalid - ignoring"),
                       (after(-3600), "is in the past - ignoring"), (after(3600), "Scheduling reload for")):
        mark = log.mark()
        station.node.write(WHEN, text)
        log.wait(said, 5, mark)
    mark = log.mark()
    station.node.run(["/bin/rm", WHEN])
    log.wait("Cancelling reload scheduled for", 5, mark)
    assert not log.find("Reloading")


def reload_marked(station: Station, configuration: str, end: str) -> None:
    """A reload as somebody has it done who waits until the file has gone that he has made."""
    mark = station.running.log.mark()
    station.node.write(CONFIGURATION, configuration)
    station.node.write(READING, "I have changed the configuration\n")
    station.running.signal(signal.SIGHUP)
    wait_until(lambda: not exists(station, READING), 10, "the file has gone")
    station.running.log.wait(end, 10, mark)


def test_a_file_is_there_while_the_configuration_is_read(make_station: MakeStation) -> None:
    """Whoever has made it can wait until it has gone."""
    station = started(make_station, f"reload_file {READING}")
    reload_marked(station, station.router.text(), "Reload complete")


@pytest.mark.holdfast_only("keepalived ends where an instance lacks something")
def test_it_goes_whatever_becomes_of_the_reload(make_station: MakeStation) -> None:
    """Also where the configuration cannot be used."""
    station = started(make_station, f"reload_file {READING}")
    reload_marked(station, station.router.text() + "vrrp_instance X {\n}\n", "The old configuration stays in force")


def test_a_link_in_the_place_of_the_file_is_not_followed(make_station: MakeStation) -> None:
    """What it leads to stays as it is."""
    station = started(make_station, f"reload_file {READING}")
    station.node.write("/run/victim", "precious\n")
    station.node.run(["ln", "-s", "/run/victim", READING])
    mark = station.running.log.mark()
    station.running.signal(signal.SIGHUP)
    station.running.log.wait("Reload complete", 10, mark)
    assert station.node.path("/run/victim").read_text() == "precious\n"


@pytest.mark.holdfast_only("keepalived takes any file at a reload")
def test_a_reload_names_no_other_file(make_station: MakeStation) -> None:
    """Whoever reads the configuration must not be able to choose then what root writes."""
    station = started(make_station, f"reload_check_config {REPORT}")
    station.node.write(CONFIGURATION, station.router.changed(global_lines=["reload_check_config /etc/other"]).text())
    mark = station.running.log.mark()
    station.running.signal(signal.SIGHUP)
    station.running.log.wait("Cannot name another file that the daemon writes or watches at a reload", 10, mark)


@pytest.mark.holdfast_only("keepalived 2.2.7 refuses every reload where a script has a user of its own")
def test_a_reload_with_any_mistake_can_be_refused(make_station: MakeStation) -> None:
    """And what was wrong is in a file."""
    station = started(make_station, f"reload_check_config {REPORT}")
    station.node.write(CONFIGURATION, station.router.changed(lines=["prioritty 5"]).text())
    mark = station.running.log.mark()
    station.running.signal(signal.SIGHUP)
    station.running.log.wait(f"New config failed validation, see {REPORT} for details", 10, mark)
    assert "Unknown keyword 'prioritty'" in station.node.run(["/bin/cat", REPORT]).stdout
    station.node.write(CONFIGURATION, station.router.changed(global_lines=()).text())
    mark = station.running.log.mark()
    station.running.signal(signal.SIGHUP)
    station.running.log.wait("Reload complete", 10, mark)
    station.node.write(CONFIGURATION, station.router.changed(global_lines=(), lines=["prioritty 5"]).text())
    mark = station.running.log.mark()
    station.running.signal(signal.SIGHUP)
    station.running.log.wait("Reload complete", 10, mark)
