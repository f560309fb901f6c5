"""holdfast migrate: what it finds on a machine that has keepalived, and that its commands mend it."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.daemon import HOLDFAST

GOOD = """
global_defs {
    enable_script_security
    script_user nobody
}
vrrp_script well { script /bin/true }
vrrp_instance VI {
    interface eth0
    virtual_router_id 7
    virtual_ipaddress { 192.0.2.1/24 }
    track_script { well }
}
"""


@dataclass
class OldMachine:
    """keepalived's files in a directory of their own."""

    root: Path

    def write(self, name: str, text: str, mode: int = 0o644) -> Path:
        """A file, and the directories above it."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def migrate(self) -> tuple[int, list[dict[str, object]]]:
        """Status and findings."""
        ran = subprocess.run([HOLDFAST, "migrate", "--json", "--use-file", self.root / "keepalived.conf", "--defaults",
                              self.root / "default", "--units", self.root / "etc", "--units", self.root / "lib",
                              "--assume-all-interfaces"], capture_output=True, text=True)
        assert not ran.stderr
        return ran.returncode, [json.loads(line) for line in ran.stdout.splitlines()]


def those(found: list[dict[str, object]], kind: str) -> list[str]:
    """What is said of one kind, with its place."""
    return [f"{finding['where']}: {finding['what']}" for finding in found if finding["kind"] == kind]


@pytest.fixture
def machine(tmp_path_factory: pytest.TempPathFactory) -> OldMachine:
    """As Debian installs it, with a configuration that is fine."""
    root = tmp_path_factory.mktemp("old")
    made = OldMachine(root)
    made.write("keepalived.conf", GOOD)
    made.write("default", '# options\nDAEMON_ARGS="-D --config-id first"\n')
    made.write("lib/keepalived.service", "[Service]\nType=notify\nEnvironmentFile=-/etc/default/keepalived\n"
               "ExecStart=/usr/sbin/keepalived --dont-fork $DAEMON_ARGS\n")
    return made


def test_nothing_to_object_to(machine: OldMachine) -> None:
    """And what works is named: the options, the unit."""
    status, found = machine.migrate()
    assert (status, {finding["kind"] for finding in found}) == (0, {"works"})
    assert any("--dont-fork -D --config-id first" in line for line in those(found, "works"))


def test_what_would_not_work_comes_with_its_place(machine: OldMachine) -> None:
    """A fatal mistake in the configuration, and an option that Holdfast refuses."""
    machine.write("keepalived.conf", GOOD + "vrrp_instance VI_2 {\n    priority\n}\n")
    machine.write("default", "DAEMON_ARGS=--no-such-option\n")
    status, found = machine.migrate()
    assert status == 2
    assert any("keepalived.conf:14: " in line for line in those(found, "stop"))
    assert any("--no-such-option" in line for line in those(found, "stop"))


def test_there_is_no_configuration(machine: OldMachine) -> None:
    """Then there is nothing to say but that."""
    (machine.root / "keepalived.conf").unlink()
    status, found = machine.migrate()
    assert (status, len(found), len(those(found, "stop"))) == (2, 1, 1)


def test_changes_of_the_unit_are_not_lost(machine: OldMachine) -> None:
    """A drop-in's directive comes with the command that keeps it; one that /etc replaces does not count."""
    machine.write("lib/keepalived.service.d/limits.conf", "[Service]\nLimitNOFILE=10\n")
    machine.write("etc/keepalived.service.d/limits.conf", "[Service]\nLimitNOFILE=20\n")
    machine.write("etc/keepalived.service.d/start.conf", "[Service]\nExecStart=\nExecStart=/usr/sbin/keepalived -n -R\n")
    status, found = machine.migrate()
    assert status == 1
    [line] = [finding for finding in found if finding["kind"] == "differs"]
    assert "LimitNOFILE=20" in str(line["what"]) and "LimitNOFILE=20" in str(line["commands"])
    assert any(line.endswith("the options -n -R") for line in those(found, "works"))


def objection_is_mended(machine: OldMachine, about: str, run: Callable[[str], object]) -> None:
    """It is there, its commands are run, and it is gone."""
    status, found = machine.migrate()
    assert status == 1
    named = [finding for finding in found if finding["kind"] == "objection" and about in str(finding["what"])]
    assert named, found
    for finding in named:
        for command in finding["commands"]:  # type: ignore[attr-defined]
            run(command)
    _, found = machine.migrate()
    assert not [line for line in those(found, "objection") if about in line]


@pytest.mark.parametrize(("text", "mode", "about"), [
    (GOOD, 0o666, "who can write it"),
    (GOOD.replace("    enable_script_security\n", ""), 0o644, "nothing checks who could replace a script"),
    (GOOD[GOOD.index("vrrp_script"):], 0o644, "nothing checks who could replace a script"),
    (GOOD.replace("virtual_router_id 7", "virtual_router_id 7\n authentication {\n auth_type AH\n auth_pass abc\n }"),
     0o644, "everybody can read"),
])
def test_commands_mend_what_an_auditor_objects_to(machine: OldMachine, text: str, mode: int, about: str) -> None:
    """As they are printed."""
    machine.write("keepalived.conf", text, mode)
    objection_is_mended(machine, about, lambda command: subprocess.run(["bash", "-c", command], check=True))


def test_a_script_that_others_can_replace(machine: OldMachine) -> None:
    """Is named, with the mode that is at fault."""
    script = machine.write("check.sh", "#!/bin/sh\n", 0o777)
    for directory in (machine.root, *machine.root.parents):
        if directory != Path("/tmp") and directory.is_relative_to("/tmp"):
            directory.chmod(0o755)
    machine.write("keepalived.conf", GOOD.replace("/bin/true", str(script)))
    status, found = machine.migrate()
    assert status == 1
    assert any("check.sh" in line and "777" in line for line in those(found, "objection")), found


def test_a_script_that_runs_as_root(machine: OldMachine) -> None:
    """Whoever named no user is told what that means."""
    machine.write("keepalived.conf", GOOD.replace("script_user nobody", "script_user root"))
    status, found = machine.migrate()
    assert status == 1
    assert any("root" in line for line in those(found, "objection"))
