"""Starting, refusing to start, and stopping, as whoever types the command sees it."""

import os
import re
import signal
from collections.abc import Callable

import pytest

from harness.capture import Capture
from harness.daemon import Daemon
from harness.router import INTERFACE, Station
from harness.wait import holds_for, wait_until

MakeStation = Callable[..., Station]
RUNNING = "/run/keepalived.pid"


def run(station: Station, *arguments: str) -> tuple[int, str]:
    """Runs the program to its end: its status and all that it printed."""
    done = station.node.run([str(station.program), *arguments], check=False, timeout=10)
    return done.returncode, done.stdout + done.stderr


def bare(inside: str) -> str:
    """An instance with a few lines of its own."""
    return (f"vrrp_instance VI {{\ninterface {INTERFACE}\nvirtual_router_id 51\npriority 255\n"
            f"virtual_ipaddress {{\n10.77.0.99/24\n}}\n{inside}\n}}\n")


@pytest.mark.parametrize(("arguments", "status", "said"), [
    (("--version",), 0, r"Keepalived v|Holdfast"),
    (("-h",), 0, "--use-file"),
    (("--signum=RELOAD",), 0, "1"),
    (("--signum=DATA",), 0, "10"),
    (("--signum=STATS",), 0, "12"),
    (("--signum=JSON",), 0, "36"),
    (("--signum=NOTHING",), 1, "Unknown sigfunc NOTHING"),
    (("--no-such-option",), 1, "Unknown option --no-such-option"),
    (("-f",), 1, "Missing parameter for option -f"),
], ids=lambda value: " ".join(value) if isinstance(value, tuple) else None)
def test_answers_and_exits(make_station: MakeStation, arguments: tuple[str, ...], status: int, said: str) -> None:
    """Options that only print, and mistakes on the command line."""
    got, text = run(make_station(), *arguments)
    assert got == status and re.search(said, text), text


@pytest.mark.parametrize(("inside", "status", "said"), [
    ("", 0, None),
    ("no_such_word 3", 5, "Unknown keyword 'no_such_word'"),
    ("advert_int much", 5, "much"),
    ("priority", 2, "missing a parameter"),
    ("priority 300", 5, "300"),
    ("interface nowhere0", 5, "nowhere0"),
])
def test_config_test(make_station: MakeStation, inside: str, status: int, said: str | None) -> None:
    """-t: the exit status says how bad, the text says where and what."""
    station = make_station()
    station.node.write("/run/test.conf", bare(inside))
    got, text = run(station, "-t", "-f", "/run/test.conf")
    assert got == status, text
    if said is not None:
        assert said in text
    if status == 5 and "nowhere" not in inside:
        assert "Line 8" in text or "test.conf:8" in text


WITHOUT_INTERFACE = bare("interface nowhere0")
WITHOUT_PROTOCOL = "virtual_server 10.77.0.98 80 {\ndelay_loop 3\nreal_server 10.77.0.5 80 {\n}\n}\n"


@pytest.mark.parametrize(("text", "options", "status"), [
    (WITHOUT_INTERFACE, (), 5), (WITHOUT_INTERFACE, ("-P",), 5), (WITHOUT_INTERFACE, ("-C",), 0),
    (WITHOUT_PROTOCOL, (), 5), (WITHOUT_PROTOCOL, ("-C",), 5), (WITHOUT_PROTOCOL, ("-P",), 0),
])
@pytest.mark.holdfast_only("keepalived's check looks at everything, whatever it is told to start")
def test_what_is_left_out_cannot_be_wrong(make_station: MakeStation, text: str, options: tuple[str, ...],
                                          status: int) -> None:
    """-C leaves VRRP out and -P the virtual servers, as if the file did not have them."""
    station = make_station()
    station.node.write("/run/test.conf", text)
    got, said = run(station, "-t", "-f", "/run/test.conf", *options)
    assert got == status, said


@pytest.mark.holdfast_only("keepalived names the file or not, depending on which of its processes reads it")
def test_one_rule_for_where_a_line_is(make_station: MakeStation) -> None:
    """The file is named when the configuration is more than one, by confd and by the supervisor."""
    station = make_station()
    script = "vrrp_script missing {\nscript /opt/missing.sh\ninterval 0x\nuser nobody\n}\n"
    instance = bare("track_script {\nmissing\n}")
    station.node.write("/run/test/one.conf", script + instance)
    _, text = run(station, "-t", "-f", "/run/test/one.conf")
    assert re.search(r"^\(Line 3\) ", text, re.M) and re.search(r"^\(Line 2\) .*cannot be run", text, re.M), text
    assert ": Line" not in text
    station.node.write("/run/test/scripts.conf", script)
    station.node.write("/run/test/two.conf", "include scripts.conf\n" + instance)
    _, text = run(station, "-t", "-f", "/run/test/two.conf")
    for line in (2, 3):
        assert re.search(rf"^\(\S*scripts\.conf: Line {line}\) ", text, re.M), text
    assert "(Line" not in text


@pytest.mark.holdfast_only("keepalived ends with status 0")
def test_config_test_of_a_missing_file(make_station: MakeStation) -> None:
    """A file that is not there is no good configuration."""
    got, text = run(make_station(), "-t", "-f", "/run/missing.conf")
    assert got != 0 and "/run/missing.conf" in text


@pytest.mark.parametrize(("configuration", "said"), [
    (bare("priority"), "missing a parameter"),
    (bare("interface nowhere0"), "nowhere0"),
    (None, "/run/test/keepalived.conf"),
], ids=["missing parameter", "missing interface", "missing file"])
def test_does_not_start(make_station: MakeStation, configuration: str | None, said: str) -> None:
    """A configuration that cannot work: it says why, ends non-zero, and has touched nothing."""
    station = make_station()
    options = () if configuration else ("-f", "/run/test/keepalived.conf")
    daemon = Daemon(station.node, station.program, configuration, options)
    assert daemon.wait(10) != 0
    daemon.log.wait(said, 1)
    assert not station.holds() and not station.node.path(RUNNING).exists()


def test_starts_in_spite_of_an_unknown_word(make_station: MakeStation) -> None:
    """As keepalived does: it is said, and the rest works."""
    station = make_station()
    daemon = Daemon(station.node, station.program, bare("no_such_word 3"))
    daemon.log.wait("Unknown keyword 'no_such_word'", 5)
    station.node.wait_holds("10.77.0.99", 5)
    assert daemon.stop() == 0


@pytest.mark.holdfast_only("keepalived ends with status 0")
def test_second_instance_is_refused(make_station: MakeStation) -> None:
    """The first one goes on, the second says why it does not."""
    station = make_station()
    station.start()
    station.wait_master(5)
    second = Daemon(station.node, station.program, station.router.text())
    assert second.wait(10) != 0
    second.log.wait("daemon is already running", 1)
    assert station.running.running() and station.holds()
    assert station.running.stop() == 0


@pytest.mark.holdfast_only("keepalived ends with status 0")
def test_start_without_permission(make_station: MakeStation) -> None:
    """An ordinary user gets a reason and a non-zero status."""
    station = make_station()
    prefix = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    daemon = Daemon(station.node, station.program, station.router.text(), prefix=prefix)
    assert daemon.wait(10) != 0
    daemon.log.wait("capabilit|permission|pidfile", 1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_stop_cleans_up(make_station: MakeStation, capture: Capture, number: int) -> None:
    """Priority 0, no address, no pid file, no process, status 0."""
    station = make_station()
    station.start()
    station.wait_master(5)
    processes = station.running.processes()
    pid_files = ("/run/keepalived.pid", "/run/vrrp.pid")
    parent = int(station.node.path(pid_files[0]).read_text())
    assert parent == station.running.pid or parent in processes[0].numbers("NSpid")
    assert station.node.path(pid_files[1]).exists()
    wire = capture.mark()
    station.running.signal(number)
    assert station.running.wait(10) == 0
    capture.wait_advert(station.node, 1, wire, priority=0)
    assert not station.holds()
    assert not [file for file in pid_files if station.node.path(file).exists()]
    assert not [process for process in processes if process.alive()]
    station.running.log.wait("Stopped", 1)


def test_pid_files_where_the_options_say(make_station: MakeStation) -> None:
    """-p and -r: two daemons can run beside each other."""
    station = make_station()
    daemon = Daemon(station.node, station.program, station.router.text(),
                    ["-p", "/run/one.pid", "-r", "/run/two.pid"])
    daemon.log.wait("Entering MASTER STATE", 5)
    assert station.node.path("/run/one.pid").exists() and station.node.path("/run/two.pid").exists()
    assert daemon.stop() == 0
    assert not station.node.path("/run/one.pid").exists() and not station.node.path("/run/two.pid").exists()


@pytest.mark.holdfast_only("keepalived puts its memfd there")
def test_starts_with_no_standard_streams(make_station: MakeStation) -> None:
    """Descriptors 0 to 2 closed: nothing that is opened later takes their place and is written to."""
    station = make_station()
    daemon = Daemon(station.node, station.program, station.router.text(),
                    prefix=["bash", "-c", 'exec "$@" 0<&- 1>&- 2>&-', "start"])
    station.node.wait_holds(station.router.mode.floating, 5)
    for number in range(3):
        target = daemon.processes()[0].descriptors()[number]
        assert target == "/dev/null", f"{number} is {target}"
    assert daemon.stop() == 0


def test_goes_to_the_background(make_station: MakeStation) -> None:
    """Without -n the command returns at once and the daemon has no terminal."""
    station = make_station()
    station.node.write("/run/test.conf", station.router.text())
    assert run(station, "-f", "/run/test.conf")[0] == 0
    station.node.wait_holds(station.router.mode.floating, 5)
    pid = int(wait_until(lambda: station.node.path(RUNNING).read_text(), 2, "a pid file"))
    station.node.run(["kill", str(pid)])
    station.node.wait_lacks(station.router.mode.floating, 5)
    wait_until(lambda: not station.node.path(RUNNING).exists(), 5, "the pid file gone")


@pytest.mark.holdfast_only("keepalived passes them on")
def test_inherited_descriptors_are_closed(make_station: MakeStation) -> None:
    """What whoever starts it has open is nobody's here."""
    station = make_station(script_weight=1)
    station.node.write("/run/secret", "secret")
    daemon = Daemon(station.node, station.program, station.router.text(),
                    prefix=["bash", "-c", 'exec 9< /run/secret 251< /run/secret; exec "$@"', "start"])
    daemon.log.wait(r"VRRP_Script\(chk\) succeeded", 5)
    for process in daemon.processes():
        assert "/run/secret" not in process.descriptors().values()
    assert daemon.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGPIPE, signal.SIGUSR1, signal.SIGUSR2, 36, 63])
def test_signals_that_end_nothing(make_station: MakeStation, number: int) -> None:
    """Signals that ask for a dump, and the one that never ends a daemon."""
    station = make_station()
    station.start()
    station.wait_master(5)
    os.kill(station.running.processes()[0].pid, number)
    holds_for(lambda: station.running.running() and station.holds(), 1, "still master")
    assert not station.running.log.find("died")
    assert station.running.stop() == 0


@pytest.mark.parametrize(("options", "lines"), [(("-s", "blue"), ""), ((), "net_namespace blue\n")],
                         ids=["option", "keyword"])
def test_runs_in_a_named_network_namespace(make_station: MakeStation, options: tuple[str, ...], lines: str) -> None:
    """Addresses and interfaces are those of the namespace; log, pid files and -t know which it is."""
    station = make_station()
    node = station.node
    for command in ("netns add blue", "-n blue link add inside0 type veth peer name inside1",
                    "-n blue link set inside0 up", "-n blue link set inside1 up",
                    "-n blue addr add 10.77.0.7/24 dev inside0"):
        node.run("ip " + command)
    configuration = lines + bare("").replace(INTERFACE, "inside0")
    node.write("/run/test.conf", configuration)
    assert run(station, "-t", "-f", "/run/test.conf", *options)[0] == 0
    daemon = Daemon(node, station.program, configuration, options)
    wait_until(lambda: "10.77.0.99" in node.run("ip -n blue addr").stdout, 5, "the address in the namespace")
    assert not node.holds("10.77.0.99")
    daemon.log.wait("Changing syslog ident to Keepalived_blue", 1)
    pid_files = [path.name for path in node.path("/run/keepalived").glob("**/*.pid")]
    assert len(pid_files) == 2 and not node.path(RUNNING).exists(), pid_files
    assert daemon.stop() == 0
    assert not [*node.path("/run/keepalived").glob("**/*.pid")]


def test_a_network_namespace_that_is_not_there(make_station: MakeStation) -> None:
    """Nothing is done in another one instead."""
    station = make_station()
    daemon = Daemon(station.node, station.program, station.router.text(), ["-s", "nowhere"])
    daemon.wait(10)
    daemon.log.wait("network namespace.*nowhere", 1)
    assert not station.holds()


def test_instances_beside_each_other(make_station: MakeStation) -> None:
    """A configured instance name is part of the pid files' names; their directory comes and goes with them."""
    station = make_station()
    directory = station.node.path("/run/keepalived")
    daemon = Daemon(station.node, station.program, "instance mail\n" + station.router.text())
    daemon.log.wait("Entering MASTER STATE", 5)
    assert {path.name for path in directory.iterdir()} == {"keepalived_mail.pid", "vrrp_mail.pid"}
    assert directory.stat().st_mode & 0o777 == 0o755
    assert daemon.stop() == 0
    assert not directory.exists()
