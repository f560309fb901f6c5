"""Objects to try one line in: a whole block each, right but for the line, and independent of the others."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from keywords import Keyword

GLOBALS = """\
global_defs {
    enable_script_security
    script_user root
    HERE
}
"""
_SOMETHING_TO_RUN = """\
vrrp_instance VI {
    interface eth0
    virtual_router_id 255
    priority 100
    virtual_ipaddress {
        10.255.0.1
    }
}
"""
_REFERRED_TO = {
    "S": "vrrp_script S {\n    script /usr/bin/true\n}\n",
    "F": "track_file F {\n    file /run/f\n}\n",
    "P": "vrrp_track_process P {\n    process sshd\n}\n",
    "B": "bfd_instance B {\n    neighbor_ip 10.255.0.7\n}\n",
}


def support(text: str) -> str:
    """What comes before the text in a file: what it refers to, and something to run."""
    return "".join([GLOBALS.replace("    HERE\n", "") if "global_defs {" not in text else "", _SOMETHING_TO_RUN,
                    *(block for name, block in _REFERRED_TO.items() if re.search(rf"(?<![\w:-]){name}(?![\w:-])", text))])


_INSTANCE = """\
vrrp_instance G%n {
    interface eth2
    virtual_router_id %n
    priority 100
    virtual_ipaddress {
        10.1.%n.1
    }
    HERE
}
"""
_SERVER = """\
virtual_server 10.2.%n.1 80 {
    protocol TCP
    lvs_sched rr
    lvs_method NAT
    HERE
    real_server 10.3.%n.1 80 {
        weight 1
    }
}
"""


def _real(inside: str) -> str:
    return _SERVER.replace("    HERE\n", "").replace("        weight 1\n", f"        weight 1\n        {inside}\n")


def _check(name: str, *lines: str) -> str:
    return _real("\n".join([f"{name} {{", *lines, "HERE", "}"]))


_TRACKING = _INSTANCE.replace("HERE", "%t {\n        %u\n    }")


def _tracked(block: str, name: str, inside: str, tracking: str) -> str:
    return (f"{block} {name} {{\n    {inside}\n    HERE\n}}\n" + _TRACKING.replace("%t", tracking).replace("%u", name))


_CHECKS = {"TCP_CHECK": (), "PING_CHECK": (), "UDP_CHECK": (), "SMTP_CHECK": (), "DNS_CHECK": ("type A",),
           "MISC_CHECK": ("misc_path /usr/bin/true",), "FILE_CHECK": ("track_file F",), "BFD_CHECK": ("name B",),
           "HTTP_GET": ("url {", "path /", "status_code 200", "}"), "SSL_GET": ("url {", "path /", "status_code 200", "}")}

OBJECTS: dict[str, str] = {
    "vrrp_instance": _INSTANCE,
    "vrrp_instance/authentication": _INSTANCE.replace("HERE", "authentication {\nauth_type PASS\nauth_pass k4tze\nHERE\n}"),
    "vrrp_script": _tracked("vrrp_script", "S%n", "script /usr/bin/true", "track_script"),
    "track_file": _tracked("track_file", "F%n", "file /run/f", "track_file"),
    "vrrp_track_file": _tracked("vrrp_track_file", "F%n", "file /run/f", "track_file"),
    "vrrp_track_process": _tracked("vrrp_track_process", "P%n", "process sshd", "track_process"),
    "bfd_instance": _tracked("bfd_instance", "B%n", "neighbor_ip 10.4.%n.1", "track_bfd"),
    "vrrp_sync_group": (_INSTANCE.replace("    HERE\n", "") + _INSTANCE.replace("    HERE\n", "").replace("G%n", "H%n").replace(
        "eth2", "eth1").replace("10.1.", "10.5.") + "vrrp_sync_group X%n {\n    group {\n        G%n\n        H%n\n    }\n    HERE\n}\n"),
    "track_group": "track_group T%n {\n    group {\n        VI\n    }\n    HERE\n}\n",
    "garp_group": "garp_group {\n    garp_interval 1\n    interface bond0\n    HERE\n}\n",
    "virtual_server": _SERVER,
    "virtual_server/real_server": _real("HERE"),
    **{f"virtual_server/real_server/{name}": _check(name, *lines) for name, lines in _CHECKS.items()},
    "virtual_server/real_server/HTTP_GET/url": _check("HTTP_GET", "url {", "path /", "status_code 200", "HERE", "}").replace(
        "HERE\n}\nHERE", "HERE\n}").replace("}\nHERE\n}", "}\n}"),
    "virtual_server/real_server/SMTP_CHECK/host": _check("SMTP_CHECK", "host {", "connect_ip 10.3.%n.1", "HERE", "}").replace(
        "}\nHERE\n}", "}\n}"),
}
OBJECTS["virtual_server/real_server/SSL_GET/url"] = OBJECTS["virtual_server/real_server/HTTP_GET/url"].replace("HTTP_GET", "SSL_GET")

ALONE = {
    "": "HERE\n",
    "global_defs": GLOBALS,
    "SSL": "SSL {\n    HERE\n}\n" + OBJECTS["virtual_server/real_server/SSL_GET"].replace("HERE\n", ""),
}
"""Blocks of which there is one: a file for each line."""

SYNONYMS = {"vrrp_track_file": "track_file"}
"""Other names of a block; the tables have its keywords once. Options within lines are in `samples.LISTS`."""

LATER = ("vrrp_instance/auth_hmac",)
"""Blocks that are later than 2.2.7: keepalived has nothing to say about what is in them."""

OF_THE_SOURCE = ("line directive", "built-in definition")
"""Tables of what is gone before there are lines of blocks."""


@dataclass(frozen=True)
class Object:
    """A block with a line to try."""

    keyword: Keyword
    line: str
    number: int
    text: str
    others: tuple[Keyword, ...] = ()
    """What else is tried in it."""

    @property
    def names(self) -> tuple[str, ...]:
        """How a message about no line could call it."""
        n = self.number
        return (f"G{n}", f"H{n}", f"S{n}", f"F{n}", f"P{n}", f"B{n}", f"X{n}", f"T{n}", f"10.2.{n}.1", f"10.3.{n}.1", f"10.1.{n}.1")


def without(template: str, keyword: str) -> str:
    """The template without its own line for the keyword, which would make every try a repetition."""
    kept, depth, skipping = [], 0, False
    lines = template.split("\n")
    here = next(number for number, line in enumerate(lines) if "HERE" in line)
    indent = _depth(lines[:here])
    for number, line in enumerate(lines):
        if not skipping and depth == indent and line.split()[:1] == [keyword] and _same_block(lines, number, here):
            skipping = line.rstrip().endswith("{")
            depth += line.count("{") - line.count("}")
            continue
        depth += line.count("{") - line.count("}")
        if skipping:
            skipping = depth > indent
            continue
        kept.append(line)
    return "\n".join(kept)


def _depth(lines: list[str]) -> int:
    return sum(line.count("{") - line.count("}") for line in lines)


def _same_block(lines: list[str], one: int, other: int) -> bool:
    first, last = sorted((one, other))
    depth = 0
    for line in lines[first:last]:
        depth += line.count("{") - line.count("}")
        if depth < 0:
            return False
    return True


def make(template: str, keyword: Keyword, line: str, number: int) -> Object:
    """The object with the line in it."""
    text = without(template, keyword.name).replace("HERE", line).replace("%n", str(number))
    return Object(keyword, line.replace("%n", str(number)), number, text)


def make_of_many(template: str, keywords: Sequence[Keyword], lines: Sequence[str], number: int) -> Object:
    """The object with several lines in it, besides those that it has."""
    text = template.replace("HERE", "\n".join(lines)).replace("%n", str(number))
    return Object(keywords[0], " ; ".join(lines), number, text, tuple(keywords[1:]))
