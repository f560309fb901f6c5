"""Configurations of the load balancer for comparisons with keepalived: every option of services and destinations."""

import random

SCHEDULERS = ("rr", "wrr", "lc", "wlc", "lblc", "lblcr", "sh", "dh", "sed", "nq", "fo", "ovf", "mh")
SCHEDULER_OPTIONS = {"sh": ("", "sh-port", "sh-fallback"), "mh": ("", "mh-port", "mh-fallback"), "rr": ("", "flag-3")}
METHODS = ("NAT", "DR", "TUN", "TUN type ipip", "TUN type gue port 6080", "TUN type gue port 6080 csum",
           "TUN type gue port 1 remcsum", "TUN type gre", "TUN type gre csum")
PROTOCOLS = {"tcp": "TCP", "udp": "UDP", "sctp": "SCTP"}


class Generator:
    """One configuration for each seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._lines: list[str] = []

    def text(self, servers: int = 12) -> str:
        """With that many virtual servers, and no checker: all real servers are alive."""
        chosen = self._random
        self._lines = ["global_defs {"]
        if chosen.random() < 0.5:
            self._lines.append("  lvs_timeouts tcp 1000 tcpfin 77 udp 66")
        if chosen.random() < 0.5:
            self._lines.append("  lvs_sync_daemon lo id 9 maxlen 1000 port 9000 ttl 3 group 224.0.0.90")
        self._lines.append("}")
        for number in range(1, servers + 1):
            self._server(number, chosen.choice((*PROTOCOLS, "mark", "group")), chosen.random() < 0.4)
        return "\n".join(self._lines) + "\n"

    def _server(self, number: int, kind: str, ipv6: bool) -> None:
        chosen = self._random
        address = f"2001:db8::{number:x}" if ipv6 else f"10.0.0.{number}"
        if kind == "group":
            first = f"2001:db8:{number:x}::1-5" if ipv6 else f"10.5.{number}.1-4"
            self._lines += [f"virtual_server_group G{number} {{", f"  {first} 80", f"  {address} 443",
                            f"  fwmark {500 + number}", "}", f"virtual_server group G{number} {{"]
        else:
            name = f"fwmark {number}" if kind == "mark" else f"{address} {chosen.choice((53, 80, 443))}"
            self._lines.append(f"virtual_server {name} {{")
        if ipv6:
            self._lines.append("  ip_family inet6")
        if kind != "mark":
            self._lines.append(f"  protocol {PROTOCOLS.get(kind, 'TCP')}")
        if kind == "udp" and chosen.random() < 0.5:
            self._lines.append("  ops")
        scheduler = chosen.choice(SCHEDULERS)
        self._lines += [f"  lvs_sched {scheduler}", f"  {chosen.choice(SCHEDULER_OPTIONS.get(scheduler, ('',)))}"]
        self._persistence(kind, ipv6)
        for real in range(1, chosen.randint(2, 6)):
            self._real_server(f"2001:db8:f::{real:x}" if ipv6 else f"10.1.0.{real}", kind)
        self._lines.append("}")

    def _persistence(self, kind: str, ipv6: bool) -> None:
        chosen = self._random
        if kind == "udp" and chosen.random() < 0.3:
            self._lines += ["  persistence_engine sip", "  persistence_timeout 30"]
        elif chosen.random() < 0.5:
            self._lines.append(f"  persistence_timeout {chosen.choice((1, 50, 3600))}")
            if kind != "group":
                self._lines.append(f"  persistence_granularity {64 if ipv6 else '255.255.255.0'}")

    def _real_server(self, address: str, kind: str) -> None:
        chosen = self._random
        port = "" if kind == "mark" else f" {chosen.choice((80, 8080))}"
        self._lines += [f"  real_server {address}{port} {{", f"    weight {chosen.choice((1, 3, 65535))}",
                        f"    lvs_method {chosen.choice(METHODS)}"]
        if chosen.random() < 0.3:
            self._lines += ["    uthreshold 100", "    lthreshold 50"]
        self._lines.append("  }")
