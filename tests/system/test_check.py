"""Checking a configuration: what a CI job or an operator sees, and that nothing else comes of it."""

import json
import os
from collections.abc import Callable

import pytest

from harness.router import INTERFACE, Station

MakeStation = Callable[..., Station]
CHECKED = "/run/checked.conf"

pytestmark = pytest.mark.holdfast_only("keepalived has no such option")


def instance(inside: str = "", interface: str = INTERFACE) -> str:
    """A configuration that nothing is to be said about, but for `inside`."""
    return (f"vrrp_instance VI {{\ninterface {interface}\nvirtual_router_id 51\npriority 255\n"
            f"virtual_ipaddress {{\n10.77.0.99/24\n}}\n{inside}\n}}\n")


def check(station: Station, text: str, *options: str) -> tuple[int, str]:
    """The exit status of a check, and what it wrote to standard error."""
    station.node.write(CHECKED, text)
    done = station.node.run([str(station.program), "-t", "-f", CHECKED, *options], check=False, timeout=10)
    assert done.stdout == ""
    return done.returncode, done.stderr


def config(station: Station, *arguments: str) -> tuple[int, str, str]:
    """The exit status of `holdfast config`, its output and its errors."""
    done = station.node.run([str(station.program), "config", *arguments], check=False, timeout=10)
    return done.returncode, done.stdout, done.stderr


def messages(text: str) -> list[dict[str, object]]:
    """One JSON object a line."""
    return [json.loads(line) for line in text.splitlines()]


def test_json_has_one_object_for_each_message(make_station: MakeStation) -> None:
    """Severity, code, file, line, column, message and hint, of the compiler and of the look at the scripts."""
    text = instance('priority 300\nnotify "/bin/nothing there" root\nnotify_master /bin/true root')
    status, output = check(make_station(), text, "--format=json")
    assert status == 6, output
    got = messages(output)
    assert all(set(one) == {"severity", "code", "file", "line", "column", "message", "hint"} for one in got)
    assert {"severity": "error", "code": "invalid-value", "file": CHECKED, "line": 8, "column": 10,
            "message": "number '300' outside range [1, 255]"}.items() <= got[0].items()
    scripts = [one for one in got if one["code"] == "script"]
    assert [one["line"] for one in scripts] == [9, 0, 0]
    assert "SECURITY VIOLATION" in str(scripts[-1]["message"])


def test_a_script_that_is_not_there_matters_where_it_decides(make_station: MakeStation) -> None:
    """A check fails, and is an error; a notification that nobody gets is only said."""
    station = make_station()
    check_script = "vrrp_script s {\nscript /nowhere/at-all\n}\n" + instance("track_script {\ns\n}")
    notify = instance("notify /nowhere/at-all")
    assert [check(station, text)[0] for text in (check_script, notify)] == [5, 0]
    assert check(station, notify, "--strict")[0] == 5
    for text in (check_script, notify):
        assert "/nowhere does not exist" in check(station, text)[1]


def test_variables_of_the_environment(make_station: MakeStation) -> None:
    """The configuration can use them, whatever they are called; nobody else does."""
    station = make_station()
    station.node.write(CHECKED, instance("advert_int ${_ENV LD_PRELOAD}"))
    argv = [str(station.program), "-t", "-f", CHECKED]
    assert station.node.run(["/usr/bin/env", "-u", "LD_PRELOAD", *argv], check=False).returncode == 5
    done = station.node.run(["/bin/sh", "-c", 'export LD_PRELOAD=2; exec "$@" 2>&1', "sh", *argv], check=False)
    assert done.returncode == 0 and "advert" not in done.stdout


def test_files_are_named_where_there_are_several(make_station: MakeStation) -> None:
    """By the compiler and by the look at the scripts, whichever file it is that has them."""
    station = make_station()
    station.node.write("/run/empty.conf", "")
    text = instance("notify /nowhere/at-all")
    assert "(Line 8) " in check(station, text)[1]
    assert f"({CHECKED}: Line 8) " in check(station, text + "include /run/empty.conf\n")[1]


def test_nothing_to_say_is_no_output(make_station: MakeStation) -> None:
    """In either format."""
    station = make_station()
    for options in ((), ("--format=json",), ("--strict",), ("--strict", "--format=json")):
        assert check(station, instance(), *options) == (0, "")


def test_the_interfaces_can_be_assumed(make_station: MakeStation) -> None:
    """So that the answer does not depend on the machine."""
    station = make_station()
    elsewhere = instance(interface="wan0")
    assert check(station, elsewhere)[0] == 5
    assert check(station, elsewhere, "--assume-interfaces=lan0,wan0") == (0, "")
    assert check(station, elsewhere, "--assume-all-interfaces") == (0, "")
    assert check(station, instance(), "--assume-interfaces=wan0")[0] == 5


def test_a_running_daemon_does_not_notice(make_station: MakeStation) -> None:
    """No signal, no pid file, no process, whatever the outcome and whoever asks."""
    station = make_station()
    station.start()
    station.wait_master(5)
    daemon = station.running
    pid_files = [station.node.path(name) for name in ("/run/keepalived.pid", "/run/vrrp.pid")]

    def state() -> list[object]:
        files = [(path.read_text(), os.stat(path).st_mtime_ns, os.stat(path).st_ino) for path in pid_files]
        return [files, [process.pid for process in daemon.processes()], sorted(os.listdir(station.node.path("/run")))]

    station.node.write(CHECKED, "")
    before, mark = state(), daemon.log.mark()
    for text, expected in ((station.router.text(), 0), (instance("no_such_word"), 5), (instance("priority"), 2)):
        assert check(station, text)[0] == expected
        assert check(station, text, "--strict", "--format=json")[0] == expected
    for command in (("format",), ("format", "--check"), ("explain", "--json")):
        config(station, *command, CHECKED)
    assert state() == before
    # The second burst of announcements may be due meanwhile.
    assert not [line for line in daemon.log.lines(mark) if "gratuitous ARP" not in line.text]
    assert station.holds() and daemon.stop() == 0


def test_format(make_station: MakeStation) -> None:
    """The canonical layout on standard output; the file is left alone."""
    station = make_station()
    ugly, pretty = "a {\nb   1 # why\n\n\n}\n", "a {\n    b 1  # why\n}\n"
    station.node.write(CHECKED, ugly)
    assert config(station, "format", CHECKED) == (0, pretty, "")
    assert config(station, "format", "--check", CHECKED) == (1, "", f"{CHECKED}: line 2 is not in canonical layout\n")
    status, output, errors = config(station, "format", "--json", CHECKED)
    assert (status, errors) == (0, "")
    assert json.loads(output) == {"file": CHECKED, "changed": True, "line": 2, "text": pretty}
    assert station.node.path(CHECKED).read_text() == ugly
    station.node.write(CHECKED, pretty)
    assert config(station, "format", "--check", CHECKED) == (0, "", "")
    status, output, _ = config(station, "format", "--check", "--json", CHECKED)
    assert status == 0 and json.loads(output) == {"file": CHECKED, "changed": False, "line": 0}


@pytest.mark.parametrize(("arguments", "status", "said"), [
    (("format", "/run/missing.conf"), 2, "/run/missing.conf"),
    (("format", "a", "b"), 1, "Usage: holdfast config format"),
    (("explain", "--check"), 1, "--check goes with format"),
    (("reformat",), 1, "there is no 'reformat'"),
    (("format", "--write"), 1, "unknown option --write"),
])
def test_config_commands_that_cannot_be(make_station: MakeStation, arguments: tuple[str, ...], status: int,
                                        said: str) -> None:
    """Each says why."""
    got, output, errors = config(make_station(), *arguments)
    assert (got, output) == (status, "") and said in errors


def test_explain_says_every_value_and_its_origin(make_station: MakeStation) -> None:
    """For people in lines, for programs in JSON, about the same objects."""
    station = make_station()
    station.node.write(CHECKED, "global_defs {\nvrrp_garp_master_delay 7\n}\n" + instance("state MASTER\npriority 90"))
    status, text, errors = config(station, "explain", CHECKED)
    assert (status, errors) == (0, "")
    assert f"vrrp_instance VI  ({CHECKED}:4)" in text
    assert any(line.split()[:3] == ["garp_master_delay", "7", "s"] and f"{CHECKED}:2" in line
               for line in text.splitlines())
    assert "note: state MASTER does not make it master" in text
    status, text, _ = config(station, "explain", "--json", CHECKED)
    assert status == 0
    (found,) = [one for one in messages(text) if one["object"] == "vrrp_instance VI"]
    values = {value["keyword"]: value for value in found["values"]}
    assert values["priority"]["value"] == "90" and values["priority"]["origin"] == "said"
    assert values["preempt"]["origin"] == "rule" and found["notes"]


def test_plan_says_what_a_reload_would_change(make_station: MakeStation) -> None:
    """With the exit status of diff(1)."""
    station = make_station()
    station.node.write(CHECKED, instance())
    other = CHECKED + ".new"
    station.node.write(other, instance("garp_master_delay 9").replace("router_id 51", "router_id 52"))
    assert config(station, "plan", CHECKED, CHECKED) == (0, "", "")
    status, text, _ = config(station, "plan", CHECKED, other)
    assert status == 1
    assert "~ vrrp_instance VI: garp_master_delay 5 s -> 9 s\n" in text
    assert "virtual_router_id 51 -> 52  [starts anew" in text
    status, text, _ = config(station, "plan", "--json", CHECKED, other)
    assert status == 1
    assert {one["effect"] for one in messages(text)} == {"applied", "starts-anew"}


def test_keywords_are_listed(make_station: MakeStation) -> None:
    """Every one, with what it takes."""
    status, text, _ = config(make_station(), "keywords", "--json")
    assert status == 0
    (priority,) = [one for one in messages(text) if (one["block"], one["keyword"]) == ("vrrp_instance", "priority")]
    assert (priority["low"], priority["high"], priority["acts"]) == (1, 255, True)


def test_a_secret_comes_from_the_credentials_of_the_service(make_station: MakeStation) -> None:
    """It reaches the compiler as a directory, and is shown by nobody; one that is missing is fatal."""
    station = make_station()
    station.node.write(CHECKED, instance("authentication {\nauth_type PASS\nauth_pass credential:vrrp\n}"))
    station.node.write("/run/credentials/vrrp", "k33pout\n", mode=0o600)
    words = [str(station.program), "-t", "-d", "-f", CHECKED]
    there = station.node.run(["env", "CREDENTIALS_DIRECTORY=/run/credentials", *words], check=False, timeout=10)
    assert there.returncode == 0, there.stderr
    assert "k33pout" not in there.stderr
    missing = station.node.run(words, check=False, timeout=10)
    assert missing.returncode == 5 and "CREDENTIALS_DIRECTORY is not set" in missing.stderr
