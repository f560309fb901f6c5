"""What scripts are given, what their answers do, and what happens to those that misbehave."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.daemon import Daemon
from harness.router import CHECK, INSTANCE, Mode, Station
from harness.wait import holds_for, wait_until

MakeStation = Callable[..., Station]
OUT = "/run/out"


def directory_for_nobody(station: Station) -> Path:
    """A directory that scripts run as nobody can write to."""
    station.node.run(["install", "-d", "-o", "nobody", OUT])
    return station.node.path(OUT)


def content(path: Path) -> str:
    """A file's text, empty where there is none yet."""
    return path.read_text() if path.exists() else ""


def test_script_holds_nothing(make_station: MakeStation) -> None:
    """It runs as its user, without a capability, a group or a descriptor of the daemon's."""
    station = make_station(script_weight=1)
    out = directory_for_nobody(station)
    station.node.write(CHECK, f"""#!/bin/bash
cat /proc/self/status > {OUT}/status.new
ls -l /proc/$$/fd > {OUT}/fd
mv {OUT}/status.new {OUT}/status
""", 0o755)
    station.start()
    wait_until(lambda: content(out / "status"), 5, "the script ran")
    status = dict(line.split(":\t", 1) for line in content(out / "status").splitlines() if ":\t" in line)
    assert status["Uid"].split() == ["65534"] * 4 and status["Gid"].split() == ["65534"] * 4
    assert status["Groups"].split() in ([], ["65534"])
    assert {int(status[f"Cap{name}"], 16) for name in ("Inh", "Prm", "Eff", "Amb")} == {0}
    open_files = [line.rpartition("-> ")[2] for line in content(out / "fd").splitlines() if "->" in line]
    expected = {"/dev/null", CHECK, f"{OUT}/fd"}
    assert not [name for name in open_files if name not in expected and not name.startswith("pipe:")], open_files


@pytest.mark.holdfast_only("keepalived's scripts get its environment")
def test_script_inherits_nothing(make_station: MakeStation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment is built, and with script_no_new_privs no exec can bring a capability back."""
    monkeypatch.setenv("SECRET", "of whoever started it")
    monkeypatch.setenv("BASH_ENV", "/run/evil")
    station = make_station(script_weight=1, global_lines=("script_no_new_privs",))
    out = directory_for_nobody(station)
    station.node.write(CHECK, f"#!/bin/bash\nenv > {OUT}/env; grep CapBnd /proc/self/status > {OUT}/bounding\n", 0o755)
    station.start()
    wait_until(lambda: content(out / "bounding"), 5, "the script ran")
    assert "SECRET" not in content(out / "env") and "BASH_ENV" not in content(out / "env")
    assert "PATH=" in content(out / "env")
    assert int(content(out / "bounding").split()[1], 16) == 0


def test_notify_scripts_are_told_each_state(make_station: MakeStation) -> None:
    """notify gets INSTANCE, name, state and priority; notify_master and the others nothing."""
    station = make_station(Mode(3, 4, False), priority=200, global_lines=("script_user nobody",),
                           lines=('notify "/opt/notify.sh first"', "notify_master /opt/master.sh",
                                  "notify_stop /opt/stop.sh"))
    out = directory_for_nobody(station)
    for name in ("notify", "master", "stop"):
        station.node.write(f"/opt/{name}.sh", f'#!/bin/sh\necho "$@" >> {OUT}/{name}\n', 0o755)
    station.start()
    station.wait_master(5)
    expected = [f"first INSTANCE {INSTANCE} BACKUP 200", f"first INSTANCE {INSTANCE} MASTER 200"]
    wait_until(lambda: content(out / "notify").splitlines() == expected, 5, "notify for BACKUP and MASTER")
    wait_until(lambda: content(out / "master") == "\n", 5, "notify_master once, without arguments")
    station.running.stop()
    wait_until(lambda: content(out / "stop") == "\n", 5, "notify_stop")
    assert content(out / "notify").splitlines()[-1] == f"first INSTANCE {INSTANCE} STOP 200"


@pytest.mark.holdfast_only("keepalived starts them side by side")
def test_notifications_of_an_instance_run_in_order(make_station: MakeStation) -> None:
    """One at a time: a slow one for BACKUP ends before the one for MASTER begins."""
    station = make_station(Mode(3, 4, False), priority=254, global_lines=("script_user nobody",),
                           lines=("notify /opt/notify.sh",))
    out = directory_for_nobody(station)
    station.node.write("/opt/notify.sh", f"""#!/bin/bash
echo "begin $3" >> {OUT}/notify
[ "$3" != BACKUP ] || sleep 2
echo "end $3" >> {OUT}/notify
""", 0o755)
    station.start()
    station.wait_master(5)
    wait_until(lambda: "end MASTER" in content(out / "notify"), 8, "both notified")
    assert content(out / "notify").split("\n")[:4] == ["begin BACKUP", "end BACKUP", "begin MASTER", "end MASTER"]


def test_script_that_hangs_is_a_failure_and_is_ended(make_station: MakeStation) -> None:
    """After its timeout the script and what it started are gone, and it counts as failed."""
    station = make_station(Mode(3, 4, False), priority=100, script_weight=50)
    out = directory_for_nobody(station)
    station.node.write(CHECK, f"#!/bin/bash\nsleep 1000 &\necho $! >> {OUT}/pids\nwait\n", 0o755)
    station.start()
    station.running.log.wait(r"VRRP_Script\(chk\) timed_out", 6)
    started = content(out / "pids").splitlines()[0]
    wait_until(lambda: not station.node.path(f"/proc/{started}").exists(), 6, "the hanging child is gone")
    assert not station.running.log.find("Changing effective priority from 100 to 150")


@pytest.mark.holdfast_only("keepalived ends the process group alone")
def test_script_that_hides_is_ended_too(make_station: MakeStation) -> None:
    """A child in a session of its own that ignores TERM does not outlive the deadline for long."""
    station = make_station(Mode(3, 4, False), priority=100, script_weight=50)
    out = directory_for_nobody(station)
    station.node.write(CHECK, f"""#!/bin/bash
trap '' TERM
setsid bash -c 'trap "" TERM; echo $$ >> {OUT}/pids; while :; do sleep 1; done' &
while :; do sleep 1; done
""", 0o755)
    station.start()
    station.running.log.wait(r"VRRP_Script\(chk\) timed_out", 6)
    hidden = content(out / "pids").splitlines()[0]
    wait_until(lambda: not station.node.path(f"/proc/{hidden}").exists(), 8, "the hidden child is gone")


def test_script_without_weight_is_the_difference_between_fault_and_service(make_station: MakeStation) -> None:
    """Weight 0: a failure is FAULT, and the address is gone; a success brings it back."""
    station = make_station(Mode(3, 4, False), priority=100, script_weight=0)
    station.start()
    station.wait_master(8)
    mark = station.running.log.mark()
    station.sicken()
    station.running.log.wait(r"Entering FAULT STATE", 4, mark)
    station.node.wait_lacks(station.router.mode.floating, 2)
    mark = station.running.log.mark()
    station.heal()
    station.wait_master(8, mark)


@pytest.mark.parametrize(("break_it", "said"), [
    (lambda node: node.path(CHECK).unlink(), CHECK),
    (lambda node: node.path(CHECK).chmod(0o644), CHECK),
    (lambda node: node.run(["chmod", "o+w", "/opt"]), "/opt"),
], ids=["missing", "not executable", "in a directory that others can write to"])
@pytest.mark.holdfast_only("keepalived names the script, not what is wrong with its path")
def test_script_that_must_not_run(make_station: MakeStation, break_it: Callable[..., object], said: str) -> None:
    """It is disabled at load, the message names the component, and the instance works without it."""
    station = make_station(Mode(3, 4, False), priority=100, script_weight=50)
    break_it(station.node)
    station.start()
    station.running.log.wait(said, 5)
    station.wait_master(8)
    assert not station.running.log.find("Changing effective priority from 100 to 150")


@pytest.mark.parametrize("lines", ["user nobody_here", "script no/such/script"], ids=["user", "program"])
@pytest.mark.holdfast_only("keepalived takes the address without its check")
def test_script_that_nobody_can_run_counts_as_failed(make_station: MakeStation, lines: str) -> None:
    """The address does not stay where its check cannot be run, also not after a crash of vrrpd."""
    station = make_station(Mode(3, 4, False), priority=100)
    script = "\n".join(["vrrp_script chk {", *(["script /opt/check.sh"] if "user" in lines else []), lines, "}"])
    text = script + "\n" + station.router.changed(lines=["track_script {", "chk", "}"]).text()
    daemon = Daemon(station.node, station.program, text)
    daemon.log.wait("Track script chk cannot be run: it counts as failed", 5)
    daemon.log.wait("Startup complete", 5)
    daemon.log.wait(r"entering FAULT state due to script chk", 5)
    mark = daemon.log.mark()
    daemon.process("holdfast-vrrpd").kill()
    daemon.log.wait("Starting VRRP child process", 5, mark)
    holds_for(lambda: not station.holds(), 2, "no address")
    assert daemon.stop() == 0


@pytest.mark.holdfast_only("keepalived checks a path at load alone")
def test_script_that_is_swapped_does_not_run(make_station: MakeStation) -> None:
    """Between two runs somebody gets write access to the script: the next run does not happen."""
    station = make_station(Mode(3, 4, False), priority=100, script_weight=50)
    out = directory_for_nobody(station)
    station.start()
    station.running.log.wait(r"VRRP_Script\(chk\) succeeded", 5)
    mark = station.running.log.mark()
    station.node.write("/opt/evil.sh", f"#!/bin/sh\ntouch {OUT}/evil\n", 0o777)
    station.node.path("/opt/evil.sh").rename(station.node.path(CHECK))
    station.running.log.wait(r"VRRP_Script\(chk\) failed|Unsafe|unsafe", 5, mark)
    holds_for(lambda: not (out / "evil").exists(), 2, "the swapped script never ran")


