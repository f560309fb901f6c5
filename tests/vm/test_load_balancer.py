"""The load balancer as a whole, in front of a real IPVS: servers die, come back and lose their quorum, processes are
killed, configurations are reloaded. Where keepalived can do the same it is asked to, and the tables, the lines of the
FIFO and the scripts that ran have to be the same."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from harness.daemon import HOLDFAST
from harness.wait import Timeout, wait_until
from machine import Guest

SLOW = 60
SERVER = """
import socket, sys
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen(50)
while True:
    listener.accept()[0].close()
"""
# Takes connections and keeps them.
KEEPER = SERVER.replace("while True:", "kept = []\nwhile True:").replace("listener.accept()[0].close()", "kept.append(listener.accept()[0])")
# Connects several times, and resets what it has when it ends.
CLIENT = """
import signal, socket, struct, time
kept = [socket.create_connection(("10.9.9.1", 80)) for _ in range(4)]
for one in kept:
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
open("/run/lvs/connected", "w").close()
signal.pause()
"""
SCRIPT = """#!/bin/sh
echo "$(id -un) $*" >> /run/lvs/notes
"""
CHECK = """#!/bin/sh
[ "$(id -un)" = nobody ] || exit 1
exit "$(cat /run/lvs/status)"
"""
SERVICE = "-A -t 10.9.9.1:80 -s rr\n"


def destination(port: int, weight: int = 1) -> str:
    """A line of `ipvsadm -S -n`."""
    return f"-a -t 10.9.9.1:80 -r 127.0.0.1:{port} -m -w {weight}\n"


def real_server(port: int, check: str = "TCP_CHECK { connect_timeout 1 }", extra: str = "") -> str:
    """Quick to notice, and says what it noticed."""
    return f"""
    real_server 127.0.0.1 {port} {{
        weight 1
        {extra}
        notify_up "/usr/local/lib/lvs-note up {port}" nobody
        notify_down "/usr/local/lib/lvs-note down {port}" nobody
        {check}
    }}"""


def configuration(*servers: str, globals_: str = "", service: str = "") -> str:
    """One virtual server of these."""
    return f"""
global_defs {{
    enable_script_security
    script_user root
    lvs_notify_fifo /run/lvs/fifo
    {globals_}
}}
virtual_server 10.9.9.1 80 {{
    protocol TCP
    lvs_sched rr
    lvs_method NAT
    delay_loop 1
    retry 1
    delay_before_retry 1
    warmup 0
    quorum_up "/usr/local/lib/lvs-note quorum up" nobody
    quorum_down "/usr/local/lib/lvs-note quorum down" nobody
    {service}
    {"".join(servers)}
}}
"""


SORRY = "sorry_server 127.0.0.1 8009"
BOTH = (real_server(8001), real_server(8002))


@dataclass
class Balancer:
    """One daemon in the guest, with what it tells and what it leaves."""
    guest: Guest
    program: str

    def sh(self, line: str) -> str:
        """What a command line of the guest says."""
        return self.guest.run(["sh", "-c", line], check=False).stdout

    def start(self, text: str) -> None:
        """With nothing of an earlier one left, and server 8001 at work."""
        self.sh("mkdir -p /run/lvs; ipvsadm -C; rm -f /run/lvs/*; echo 0 > /run/lvs/status; "
                "touch /run/lvs/notes; chmod 666 /run/lvs/notes /run/lvs/status; mkfifo -m 600 /run/lvs/fifo")
        self.sh("systemd-run -q --unit=lvs-fifo sh -c 'exec cat < /run/lvs/fifo > /run/lvs/told'")
        self.serve(8001)
        self.guest.write("/run/lvs/conf", text)
        self.run()

    def run(self) -> None:
        """With the configuration that there is."""
        self.sh(f"systemd-run -q --unit=lvs -p KillMode=process {self.program} -n -D -C -f /run/lvs/conf "
                "-p /run/lvs/pid -c /run/lvs/checkers.pid")

    def stop(self) -> None:
        """And its servers."""
        self.sh("systemctl stop lvs lvs-fifo; systemctl stop 'lvs-server-*'; systemctl reset-failed")

    def serve(self, port: int) -> None:
        """A real server begins to listen."""
        self.sh(f"systemd-run -q --unit=lvs-server-{port} python3 /run/lvs-server.py {port}")

    def connect(self) -> None:
        """A client has connections to every server."""
        self.guest.write("/run/lvs-keeper.py", KEEPER)
        self.guest.write("/run/lvs-client.py", CLIENT)
        for port in (8001, 8002):
            self.fail(port)
            self.sh(f"systemd-run -q --unit=lvs-server-{port} python3 /run/lvs-keeper.py {port}")
        # A server that is still away would be removed, and its connections with it.
        wait_until(lambda: all(f":{port} " in self.sh("ss -Hltn") for port in (8001, 8002)), SLOW, "the servers listen")
        self.shows(destination(8001), destination(8002))
        self.sh("systemd-run -q --unit=lvs-server-client python3 /run/lvs-client.py")
        wait_until(lambda: self.sh("ls /run/lvs/connected") != "", SLOW, "the client is connected")

    def reload(self, text: str) -> None:
        """With this configuration."""
        self.guest.write("/run/lvs/conf", text)
        self.sh("kill -HUP $(cat /run/lvs/pid)")

    def fail(self, port: int) -> None:
        """And ends."""
        self.sh(f"systemctl stop lvs-server-{port}")

    def table(self) -> str:
        """IPVS."""
        return self.sh("ipvsadm -S -n")

    def shows(self, *destinations: str) -> None:
        """Comes to have these in its table, in any order."""
        wanted = {SERVICE + "".join(one) for one in itertools.permutations(destinations)}
        try:
            wait_until(lambda: self.table() in wanted, SLOW, "the table")
        except Timeout as error:
            raise AssertionError(f"{self.program}: {self.table()}, not {wanted}\n{self.log()}") from error

    def notes(self) -> list[str]:
        """What the scripts have said; those of different servers run side by side."""
        return sorted(self.sh("cat /run/lvs/notes").splitlines())

    def told(self) -> list[str]:
        """What the FIFO was told."""
        return self.sh("cat /run/lvs/told").splitlines()

    def log(self) -> str:
        """Of this daemon."""
        return self.guest.journal("lvs")

    def pid(self, name: str) -> str:
        """Of one of its processes."""
        return self.sh(f"pgrep -x -f '(.*/)?{name}( .*)?'").strip()

    def kill(self, name: str) -> None:
        """With SIGKILL; another one takes its place."""
        before = self.pid(name)
        assert before.isdigit(), before
        self.sh(f"kill -9 {before}")
        wait_until(lambda: self.pid(name) not in ("", before), SLOW, f"another {name}")


@pytest.fixture(scope="module")
def guest(guests: list[Guest]) -> Guest:
    """One with IPVS, the virtual address and the scripts."""
    one = guests[0]
    one.run("modprobe -a ip_vs ip_vs_rr")
    one.run("ip link set lo up")
    one.run("ip addr replace 10.9.9.1/32 dev lo")
    one.write("/run/lvs-server.py", SERVER)
    one.write("/usr/local/lib/lvs-note", SCRIPT, 0o755)
    one.write("/usr/local/lib/lvs-check", CHECK, 0o755)
    return one


@pytest.fixture
def holdfast(guest: Guest) -> Iterator[Balancer]:
    """Ours, not yet started."""
    made = Balancer(guest, str(HOLDFAST))
    yield made
    made.stop()


@pytest.fixture(params=[str(HOLDFAST), "/usr/sbin/keepalived"], ids=["holdfast", "keepalived"])
def either(guest: Guest, request: pytest.FixtureRequest) -> Iterator[Balancer]:
    """The same is expected of both."""
    made = Balancer(guest, request.param)
    yield made
    made.stop()


VS = "VS [10.9.9.1]:tcp:80"


def rs(port: int) -> str:
    """As FIFO lines begin."""
    return f"RS [127.0.0.1]:tcp:{port} [10.9.9.1]:tcp:80"


def test_servers_die_and_come_back(either: Balancer) -> None:
    """Who does not answer is not in the table; without a quorum the sorry server is."""
    either.start(configuration(*BOTH, service=SORRY))
    either.shows(destination(8001))
    either.serve(8002)
    either.shows(destination(8001), destination(8002))
    either.fail(8001)
    either.shows(destination(8002))
    either.fail(8002)
    either.shows(destination(8009))
    either.serve(8001)
    either.shows(destination(8001))
    wait_until(lambda: len(either.told()) == 8, SLOW, "the FIFO is told everything")
    assert either.told() == [
        f"{VS} UP", f"{rs(8002)} DOWN", f"{rs(8002)} UP", f"{rs(8001)} DOWN", f"{rs(8002)} DOWN", f"{VS} DOWN",
        f"{rs(8001)} UP", f"{VS} UP"]
    wait_until(lambda: len(either.notes()) == 8, SLOW, "every script has run")
    assert either.notes() == sorted(f"nobody {words}" for words in (
        "quorum up", "down 8002", "up 8002", "down 8001", "down 8002", "quorum down", "up 8001", "quorum up"))
    either.sh("systemctl stop lvs")
    assert either.table() == ""


def test_with_alpha_servers_have_to_show_that_they_live(either: Balancer) -> None:
    """The sorry server is in until one has."""
    either.start(configuration(*BOTH, service=f"alpha\n{SORRY}"))
    either.shows(destination(8001))
    wait_until(lambda: len(either.told()) == 4, SLOW, "the FIFO is told everything")
    assert either.told()[0] == f"{VS} DOWN"
    assert sorted(either.told()) == sorted([f"{VS} DOWN", f"{rs(8001)} UP", f"{VS} UP", f"{rs(8002)} DOWN"])


def test_an_inhibited_server_stays_without_weight(either: Balancer) -> None:
    """So that its connections go on."""
    either.start(configuration(real_server(8001), real_server(8002, extra="inhibit_on_failure")))
    either.shows(destination(8001), destination(8002, 0))
    either.serve(8002)
    either.shows(destination(8001), destination(8002))


def test_a_quorum_has_hysteresis(either: Balancer) -> None:
    """It is lost later than it is gained."""
    three = [real_server(port) for port in (8001, 8002, 8003)]
    either.start(configuration(*three, service=f"quorum 2\nhysteresis 1\n{SORRY}"))
    either.shows(destination(8001))
    either.fail(8001)
    either.shows(destination(8009))
    either.serve(8001)
    either.serve(8002)
    wait_until(lambda: f"{rs(8002)} UP" in either.told(), SLOW, "server 8002 is seen")
    either.shows(destination(8009))
    either.serve(8003)
    either.shows(destination(8001), destination(8002), destination(8003))


def test_misc_checks_run_as_their_user_and_give_weights(holdfast: Balancer) -> None:
    """nobody's script decides; with misc_dynamic its exit status is a weight."""
    check = 'MISC_CHECK { misc_path "/usr/local/lib/lvs-check"\n misc_dynamic\n user nobody\n }'
    holdfast.start(configuration(real_server(8001, check)))
    holdfast.shows(destination(8001))
    holdfast.sh("echo 12 > /run/lvs/status")
    holdfast.shows(destination(8001, 10))
    holdfast.sh("echo 1 > /run/lvs/status")
    holdfast.shows()
    holdfast.sh("echo 3 > /run/lvs/status")
    holdfast.shows(destination(8001, 1))


@pytest.mark.parametrize("name", ["holdfast-checkd", "holdfast-privd"])
def test_a_crash_changes_nothing(holdfast: Balancer, name: str) -> None:
    """Who comes after goes on where the one before was: what is down stays down, and nobody is told twice."""
    holdfast.start(configuration(*BOTH, globals_="rs_init_notifies"))
    holdfast.shows(destination(8001))
    wait_until(lambda: f"{rs(8002)} DOWN" in holdfast.told(), SLOW, "the failure of 8002 is told")
    told = holdfast.told()
    holdfast.kill(name)
    for _ in range(10):
        assert holdfast.table() == SERVICE + destination(8001)
    holdfast.serve(8002)
    holdfast.shows(destination(8001), destination(8002))
    assert holdfast.told() == [*told, f"{rs(8002)} UP"]


def test_a_reload_keeps_what_is_known(holdfast: Balancer) -> None:
    """A server that is down is not enabled, what is removed leaves, and a new weight is put in place."""
    holdfast.start(configuration(*BOTH, real_server(8003)))
    holdfast.shows(destination(8001))
    holdfast.serve(8003)
    holdfast.shows(destination(8001), destination(8003))
    heavier = real_server(8001).replace("weight 1", "weight 7")
    holdfast.guest.write("/run/lvs/conf", configuration(heavier, real_server(8002)))
    holdfast.sh("kill -HUP $(cat /run/lvs/pid)")
    seen = set()

    def is_reloaded() -> bool:
        seen.add(holdfast.table())
        return "Reload complete" in holdfast.log()

    wait_until(is_reloaded, SLOW, "the reload")
    holdfast.shows(destination(8001, 7))
    assert not any("127.0.0.1:8002" in table for table in seen)
    assert all("127.0.0.1:8001" in table for table in seen)


def test_a_drained_server_leaves_when_nobody_is_connected(holdfast: Balancer) -> None:
    """It has no weight meanwhile, and comes back when it is not to be drained any more."""
    holdfast.start(configuration(*BOTH))
    holdfast.connect()
    holdfast.reload(configuration(real_server(8001), real_server(8002, extra="drain")))
    holdfast.shows(destination(8001), destination(8002, 0))
    left = f"Removing service [127.0.0.1]:tcp:8002 from {VS}: nobody is connected"
    for _ in range(10):
        assert destination(8002, 0) in holdfast.table()
    assert left not in holdfast.log()
    holdfast.sh("systemctl stop lvs-server-client")
    holdfast.shows(destination(8001))
    assert left in holdfast.log()
    holdfast.reload(configuration(*BOTH))
    holdfast.shows(destination(8001), destination(8002))


def test_a_drain_has_a_limit(holdfast: Balancer) -> None:
    """A failure drains where it is told to, also over a crash of checkd."""
    check = 'MISC_CHECK { misc_path "/usr/local/lib/lvs-check"\n user nobody\n }'
    drained = real_server(8002, check, extra="drain_on_failure\ndrain_time 20")
    holdfast.start(configuration(real_server(8001), drained))
    holdfast.connect()
    holdfast.sh("echo 1 > /run/lvs/status")
    holdfast.shows(destination(8001), destination(8002, 0))
    holdfast.kill("holdfast-checkd")
    holdfast.shows(destination(8001))
    assert f"Removing service [127.0.0.1]:tcp:8002 from {VS}: its drain_time is over" in holdfast.log()


def test_nobody_holds_more_than_is_promised(holdfast: Balancer) -> None:
    """posture, with checkd at work."""
    holdfast.start(configuration(*BOTH))
    holdfast.shows(destination(8001))
    report = holdfast.sh(f"{HOLDFAST} posture --pid-file=/run/lvs/pid")
    assert "checkd" in report and "Every process is as promised." in report, report
    assert holdfast.sh(f"ps -o user= -p {holdfast.pid('holdfast-checkd')}").strip() in ("holdfast-checkd", "holdfast+")
