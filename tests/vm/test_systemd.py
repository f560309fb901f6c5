"""The operator's own case, files unchanged, under a real systemd that is never asked for root.

The check is `systemctl is-active postfix`, Postfix is the distribution's unit, and Holdfast runs from its unit
with DynamicUser= and ambient capabilities.
"""

import re
from collections.abc import Iterator

import pytest

from harness.daemon import HOLDFAST
from harness.mail import FILES, FLOATING
from harness.node import ROOT
from harness.wait import holds_for, wait_until
from machine import Guest, Wire

UNIT = "holdfast-dynamic"
SLOW = 180
"""Seconds for what takes a few on a real machine."""

MAIN_CF = """
compatibility_level = 3.6
mydestination =
local_recipient_maps =
alias_maps =
inet_protocols = ipv4
smtpd_peername_lookup = no
"""


def install_unit(guest: Guest, unit: str) -> None:
    """The packaged unit; a drop-in names the program where the build has put it."""
    guest.write(f"/etc/systemd/system/{unit}.service", (ROOT / "packaging" / f"{unit}.service").read_text())
    # A drop-in: what is not installed by a package is not where the unit expects it, and may be in a home.
    guest.write(f"/etc/systemd/system/{unit}.service.d/stage.conf",
                f"[Service]\nExecStart=\nExecStart={HOLDFAST} --dont-fork -D\nProtectHome=no\n"
                "[Unit]\nWants=\nAfter=\n")
    guest.run("systemctl daemon-reload")


@pytest.fixture(scope="module")
def gateways(guests: list[Guest]) -> list[Guest]:
    """Both with their address, Postfix running, the operator's files in place, and Holdfast not yet started."""
    for number, guest in enumerate(guests, 1):
        guest.run(f"ip addr add 10.12.49.{34 + number}/24 dev ens160")
        guest.run("ip link set ens160 up")
        guest.write("/etc/postfix/main.cf", MAIN_CF)
        guest.write("/opt/postfix.check.sh", (FILES / "postfix.check.sh").read_text(), 0o700, "postfix")
        guest.write("/etc/keepalived/keepalived.conf", (FILES / f"node{number}.conf").read_text())
        install_unit(guest, UNIT)
        guest.run("systemctl start postfix", timeout=SLOW)
        guest.run(["setpriv", "--reuid=postfix", "--regid=postfix", "--clear-groups", "/opt/postfix.check.sh"])
    return guests


@pytest.fixture(scope="module")
def serving(gateways: list[Guest]) -> Iterator[list[Guest]]:
    """Holdfast runs on both, and the address is on gateway 1."""
    one, two = gateways
    one.run(f"systemctl start {UNIT}", timeout=SLOW)
    one.wait_holds(FLOATING, SLOW)
    two.run(f"systemctl start {UNIT}", timeout=SLOW)
    wait_until(lambda: "priority from 100 to 200" in two.journal(UNIT), SLOW, "the check of gateway 2 succeeds")
    yield gateways


def test_address_follows_the_postfix_that_works(serving: list[Guest], wire: Wire) -> None:
    """systemctl stop postfix moves the address, with a gratuitous ARP; systemctl start moves nothing back."""
    one, two = serving
    assert one.holds(FLOATING) and not two.holds(FLOATING)
    assert one.run(f"systemctl is-active {UNIT}").stdout == "active\n"
    mark = wire.mark()
    one.run("systemctl stop postfix", timeout=SLOW)
    two.wait_holds(FLOATING, SLOW)
    one.wait_lacks(FLOATING, SLOW)
    frame = wire.wait_announcement(two, FLOATING, SLOW, mark)
    assert frame.source_mac == two.mac("ens160")
    assert re.search(r"VRRP_Script\(chk_service\) failed \(exited with status 3\)", one.journal(UNIT))
    assert "(VI_postfix) Changing effective priority from 200 to 100" in one.journal(UNIT)
    assert "(VI_postfix) Entering MASTER STATE" in two.journal(UNIT)

    mark = wire.mark()
    one.run("systemctl start postfix", timeout=SLOW)
    wait_until(lambda: "from 100 to 200" in one.journal(UNIT).rpartition("from 200 to 100")[2], SLOW,
               "the check of gateway 1 succeeds again")
    holds_for(lambda: two.holds(FLOATING) and not one.holds(FLOATING), 8, "the address stays on gateway 2")
    assert not wire.adverts(one, mark)


def status_of(guest: Guest, program: str) -> dict[str, str]:
    """/proc/PID/status of the one process of a program."""
    pid = guest.run(["pgrep", "-x", "-f", f".*{program}.*"], check=False).stdout.split()
    assert len(pid) == 1, f"{program}: {pid}"
    lines = guest.run(["cat", f"/proc/{pid[0]}/status"]).stdout.splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def test_nobody_is_root_and_no_script_inherits_a_capability(serving: list[Guest]) -> None:
    """The ambient capabilities of the unit reach privd alone; scriptd is postfix and holds nothing."""
    one = serving[0]
    main_pid = one.run(f"systemctl show -P MainPID {UNIT}").stdout.strip()
    status = one.run(["cat", f"/proc/{main_pid}/status"]).stdout
    uid = re.search(r"^Uid:\t(\d+)\t", status, re.M)
    assert uid is not None and int(uid.group(1)) >= 61184, "a dynamic user"
    postfix = one.run("id -u postfix").stdout.strip()
    net = (1 << 12) | (1 << 13)
    for program, user, capabilities in (("holdfast-privd", uid.group(1), net), ("holdfast-vrrpd", uid.group(1), 0),
                                        ("holdfast-scriptd", postfix, 0)):
        found = status_of(one, program)
        assert set(found["Uid"].split()) == {user}, program
        assert found["Seccomp"] == "2" and found["NoNewPrivs"] == "1", program
        assert int(found["CapAmb"], 16) == 0 and int(found["CapInh"], 16) == 0, program
        assert int(found["CapPrm"], 16) == int(found["CapEff"], 16) == capabilities, program


def test_posture_finds_nothing(serving: list[Guest]) -> None:
    """`holdfast posture` agrees."""
    run_directory = "/run/holdfast"
    pid_file = next(iter(serving[0].run(["find", run_directory + "/", "/run/", "-maxdepth", "1", "-name",
                                         "keepalived.pid"]).stdout.split()))
    serving[0].run([str(HOLDFAST), "posture", f"--pid-file={pid_file}"], timeout=SLOW)


def test_unit_comes_back_after_its_supervisor_is_killed(serving: list[Guest]) -> None:
    """Restart=on-failure: all processes leave with the supervisor, and the unit starts again."""
    one = serving[0]
    before = one.run(f"systemctl show -P MainPID {UNIT}").stdout.strip()
    one.run(["kill", "-9", before])
    wait_until(lambda: one.run(f"systemctl show -P MainPID {UNIT}").stdout.strip() not in ("0", before), SLOW,
               "another supervisor")
    wait_until(lambda: one.run(f"systemctl is-active {UNIT}", check=False).stdout == "active\n", SLOW, "ready again")
    assert serving[1].holds(FLOATING) and not one.holds(FLOATING)


def test_stop_takes_the_address_along(serving: list[Guest]) -> None:
    """systemctl stop on the master: the other gateway takes over at once, and nothing is left."""
    one, two = serving
    two.run(f"systemctl stop {UNIT}", timeout=SLOW)
    assert not two.holds(FLOATING)
    one.wait_holds(FLOATING, SLOW)
    assert two.run(["pgrep", "holdfast"], check=False).stdout == ""
    one.run(f"systemctl stop {UNIT}", timeout=SLOW)


def test_unit_that_is_started_as_root(gateways: list[Guest]) -> None:
    """holdfast.service: each daemon has its own user; reload is accepted; stop removes the address."""
    two = gateways[1]
    install_unit(two, "holdfast")
    two.run("systemctl start holdfast", timeout=SLOW)
    two.wait_holds(FLOATING, SLOW)
    privd, vrrpd = (two.run(f"id -u holdfast-{name}").stdout.strip() for name in ("privd", "vrrpd"))
    assert set(status_of(two, "holdfast-privd")["Uid"].split()) == {privd}
    assert set(status_of(two, "holdfast-vrrpd")["Uid"].split()) == {vrrpd}
    two.run("systemctl reload holdfast")
    holds_for(lambda: two.holds(FLOATING), 5, "the address stays during a reload")
    two.run("systemctl stop holdfast", timeout=SLOW)
    assert not two.holds(FLOATING)


def test_processes_are_tracked_by_the_kernels_connector(gateways: list[Guest]) -> None:
    """In the first network namespace privd gets the process connector, and births and ends come through it."""
    two = gateways[1]
    install_unit(two, UNIT)
    two.run("install -m 755 /bin/sleep /usr/local/bin/tracked")
    two.write("/etc/keepalived/keepalived.conf", f"""vrrp_track_process tracked {{
    process tracked
}}
vrrp_instance VI {{
    interface ens160
    virtual_router_id 173
    priority 100
    virtual_ipaddress {{
        {FLOATING}/24 dev ens160
    }}
    track_process {{
        tracked
    }}
}}
""")
    two.run(f"systemctl start {UNIT}", timeout=SLOW)
    wait_until(lambda: "Processes are tracked by the kernel's process connector" in two.journal(UNIT), SLOW,
               "the connector is used")
    assert not two.holds(FLOATING)
    for number in range(2):
        two.run(f"systemd-run --unit=tracked{number} --collect /usr/local/bin/tracked 100000", timeout=SLOW)
        two.wait_holds(FLOATING, SLOW)
        two.run(f"systemctl kill --signal=KILL tracked{number}", timeout=SLOW)
        two.wait_lacks(FLOATING, SLOW)
    two.run(f"systemctl stop {UNIT}", timeout=SLOW)


@pytest.mark.parametrize(("unit", "threshold"), [("holdfast-dynamic", 30), ("holdfast", 65)])
def test_exposure(gateways: list[Guest], unit: str, threshold: int) -> None:
    """What systemd itself thinks of the units, in tenths of its points: a bound on what they may lose again.

    keepalived's own unit has 96. The one that starts as root leaves its scripts what such scripts are known to use.
    """
    install_unit(gateways[0], unit)
    gateways[0].run(["systemd-analyze", "security", "--offline=yes", f"--threshold={threshold}", "--no-pager",
                     f"/etc/systemd/system/{unit}.service"], timeout=SLOW)
