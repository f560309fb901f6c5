"""Virtual servers whose settings depend on each other: their family, ports, groups, weights, quorum. Where
keepalived says something about one, so do we, in the same words."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from surroundings import Surroundings
from verdict import ask_holdfast, ask_keepalived

MACHINE = Surroundings(interfaces=("eth0", "eth1"))
SEEDS = range(1, 9)
AT_ONCE = 60
"""Virtual servers in a file."""

BEFORE = """\
global_defs {
enable_script_security
script_user root
}
track_file F {
file /run/f
}
bfd_instance B {
neighbor_ip 10.255.0.7
}
"""

WANTED = {
    r"Virtual server .*: hysteresis \d+ >= quorum 0; setting hysteresis to 4294967295": "the number is an underflow",
    r"Virtual server weight 0 is outside range 1-2147483647": "said in general words, about the same line",
    r"invalid number '255\.255\.255\.0'": "said once, that it is no prefix length",
    r"Warning - quorum \d+ for .* exceeds total weight of real servers \d+, reducing .*":
        "a server that is there twice counts once, so the sums differ",
    r"UDP_CHECK min_reply length 9 .*|.* BFD_CHECK - RS already monitoring B|bindto address .* - skipping":
        "of a server that is left out for another reason",
}
"""What is not said in the same words, and why."""

GROUPS = {
    "G4": ("10.2.%n.50 80",), "G4p": ("10.2.%n.50 80", "10.2.%n.51 81"), "G0": ("10.2.%n.50",), "G6": ("2001:db8:%n::50 80",),
    "GM": ("10.2.%n.50 80", "2001:db8:%n::50 80"), "GF": ("fwmark %n",), "GF4": ("fwmark %n inet",), "GF6": ("fwmark %n inet6",),
    "GF46": ("fwmark %n inet", "fwmark %n inet6"), "GX": ("10.2.%n.50 80", "fwmark %n"), "GR": ("10.2.%n.50-60 80",),
    "GXM": ("10.2.%n.50 80", "2001:db8:%n::50 80", "fwmark %n"), "GE": (),
}
HEADS = (*["10.2.%n.1 80"] * 4, "10.2.%n.1", "10.2.%n.1 0", "2001:db8:%n::1 80", *["fwmark %n"] * 2, *["group"] * 5)
METHODS = ("NAT", "DR", "TUN")

SETTINGS: tuple[tuple[float, tuple[str, ...]], ...] = (
    (.2, ("ip_family inet", "ip_family inet6")),
    (.85, ("protocol TCP", "protocol TCP", "protocol UDP", "protocol SCTP")),
    (.9, ("lvs_sched rr", "lvs_sched sh", "lvs_sched mh", "lvs_sched wlc")),
    (.8, ("lvs_method NAT", "lvs_method DR", "lvs_method TUN", "lvs_method TUN type gue port 5555")),
    (.2, ("ops",)), (.2, ("sh-port", "mh-port", "flag-1", "sh-fallback")),
    (.25, ("persistence_timeout 50", "persistence_timeout", "persistence_granularity 255.255.255.0", "persistence_granularity 64")),
    (.4, ("quorum 1", "quorum 2", "quorum 3", "quorum 10")), (.3, ("hysteresis 0", "hysteresis 1", "hysteresis 2", "hysteresis 9")),
    (.15, ("alpha",)), (.1, ("omega",)), (.1, ("weight 3", "weight 0")), (.1, ("inhibit_on_failure",)), (.1, ("ha_suspend",)),
)
"""What a virtual server may say, in the order in which it does, each with how probable it is."""

SORRY_SERVERS = ("10.3.%n.1 80", "10.3.%n.9 80", "10.3.%n.9 81", "10.3.%n.9", "2001:db8:3:%n::9 80")
REAL_SERVERS = (*["10.3.%n.1 80"] * 2, "10.3.%n.2 80", "10.3.%n.2 81", "10.3.%n.3", "2001:db8:3:%n::1 80", "2001:db8:3:%n::2 81")
CHECKS = (
    "TCP_CHECK {\n}", "TCP_CHECK {\nconnect_ip fe80::1\n}", "TCP_CHECK {\nconnect_ip 10.9.9.9\nbindto 2001:db8::7\n}", "PING_CHECK {\n}",
    "TCP_CHECK {\nconnect_port 99\nbind_port 80\n}", "HTTP_GET {\nurl {\npath /\n}\n}", "DNS_CHECK {\nretry 2\n}",
    "UDP_CHECK {\nmin_reply_length 9\nmax_reply_length 5\n}", "SMTP_CHECK {\nhelo_name x\nhost {\nconnect_ip 10.9.9.9\n}\n}",
    "MISC_CHECK {\nmisc_path /usr/bin/true\n}", "MISC_CHECK {\nmisc_path /usr/bin/true\nmisc_dynamic\n}", "BFD_CHECK {\nname B\n}",
    "FILE_CHECK {\ntrack_file F\n}", "FILE_CHECK {\ntrack_file F\nweight 5 reverse\n}",
)


def real_server(choose: random.Random) -> Iterator[str]:
    """Its lines."""
    yield f"real_server {choose.choice(REAL_SERVERS)} {{"
    if choose.random() < .5:
        yield choose.choice(("weight 1", "weight 2", "weight 0"))
    if choose.random() < .3:
        yield f"lvs_method {choose.choice(METHODS)}"
    if choose.random() < .2:
        yield "inhibit_on_failure"
    for _ in range(choose.choice((0, 0, 1, 1, 2))):
        yield choose.choice(CHECKS)
    yield "}"


def virtual_server(choose: random.Random) -> Iterator[str]:
    """Its lines, and before them those of its group."""
    head = choose.choice(HEADS)
    if head == "group":
        group = choose.choice(list(GROUPS))
        head = f"group {group}_%n"
        yield from (f"virtual_server_group {group}_%n {{", *GROUPS[group], "}")
    yield f"virtual_server {head} {{"
    for probability, settings in SETTINGS:
        if choose.random() < probability:
            yield choose.choice(settings)
    if choose.random() < .4:
        yield f"sorry_server {choose.choice(SORRY_SERVERS)}"
        if choose.random() < .4:
            yield "sorry_server_inhibit"
        if choose.random() < .3:
            yield f"sorry_server_lvs_method {choose.choice(METHODS)}"
    for _ in range(choose.choice((0, 1, 1, 1, 2, 2, 3))):
        yield from real_server(choose)
    yield "}"


@pytest.mark.parametrize("seed", SEEDS)
def test_as_much_is_said(seed: int, program: Path, reference: Path, tmp_path: Path) -> None:
    """Everything that keepalived says of a file is among what we say, or wanted otherwise."""
    choose = random.Random(seed)
    path = tmp_path / "servers.conf"
    path.write_text(BEFORE + "".join(
        line.replace("%n", str(number)) + "\n" for number in range(1, AT_ONCE + 1) for line in virtual_server(choose)))
    theirs, ours = ask_keepalived(reference, path, MACHINE), ask_holdfast(program, path, MACHINE)
    assert not ours.crashed
    if not theirs.crashed:
        assert ours.status == theirs.status
    unsaid = {remark.text for remark in theirs.remarks} - {remark.text for remark in ours.remarks}
    assert not {text for text in unsaid if not any(re.fullmatch(wanted, text) for wanted in WANTED)}
