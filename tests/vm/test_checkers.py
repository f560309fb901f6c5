"""Every checker, on the real servers that it is for: nginx, OpenSSL's s_server, Postfix, unbound, a UDP echo, scripts,
files and hosts. All are there, all end, and all come back; and keepalived has to come to the same verdicts."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import run

import pytest

from harness.daemon import HOLDFAST
from harness.wait import Timeout, wait_until
from machine import Guest
from test_load_balancer import SCRIPT, SERVER, SLOW, VS, Balancer, configuration, destination, real_server, rs

PAGE = "All is well.\n" * 5000
DIGEST = hashlib.md5(PAGE.encode()).hexdigest()
NGINX = """
user root; daemon off; master_process off; error_log /run/lvs-web/log;
events { }
http {
  access_log off;
  server {
    listen 127.0.0.1:8080;
    listen [::1]:8080;
    listen 127.0.0.1:8443 ssl;
    ssl_certificate /run/lvs-web/other.pem;
    ssl_certificate_key /run/lvs-web/other.pem;
    root /run/lvs-web;
    location /secret { return 401; }
  }
}
"""
UNBOUND = """
server:
  do-daemonize: no
  username: ""
  chroot: ""
  use-syslog: no
  pidfile: /run/lvs-web/unbound.pid
  directory: /run/lvs-web
  interface: 127.0.0.1@8053
  local-zone: "example.org." static
  local-data: "www.example.org. A 192.0.2.1"
  module-config: "iterator"
remote-control:
  control-enable: no
"""
MAIN_CF = """
compatibility_level = 3.6
mydestination =
local_recipient_maps =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
"""
SECTIONS = (("other", "20200101000000Z", "20400101000000Z"), ("expired", "20200101000000Z", "20210101000000Z"))
TRACKED = "track_file state {\n file /run/lvs-web/state\n}\n"
# What a socket needs that checkd may not make: everybody else is refused.
ONLY_MARKED = "tcp dport 8081 meta mark != 77 reject with tcp reset"
ONLY_FROM_A_LOW_PORT = "tcp dport 8082 tcp sport != 777 reject with tcp reset"
ONLY_FROM_THERE = "tcp dport 8083 ip saddr != 127.0.0.9 reject with tcp reset"
HOST = "10.9.8.2"


@dataclass(frozen=True)
class Kind:
    """A check, and whether it passes while its server runs."""
    check: str
    passes: bool = True
    only_here: bool = False


def web(keyword: str, port: int, path: str, url: str = "", more: str = "") -> str:
    """A check of one page."""
    return f"{keyword} {{\n connect_port {port}\n connect_timeout 20\n {more}\n url {{\n path {path}\n {url}\n }}\n }}"


def tcp(port: int, more: str) -> str:
    """A check that its server refuses but for `more`."""
    return f"TCP_CHECK {{\n connect_port {port}\n connect_timeout 10\n {more}\n }}"


def udp(seconds: int, more: str = "") -> str:
    """A check of the echo; without `require_reply` it passes after so many seconds."""
    return f"UDP_CHECK {{\n connect_port 8007\n connect_timeout {seconds}\n {more}\n }}"


DNS = "DNS_CHECK {{\n connect_port 8053\n connect_timeout 10\n retry 1\n delay_before_retry 1\n type A\n name {}\n }}"
KINDS = {
    9001: Kind(web("HTTP_GET", 8080, "/page", "status_code 200")),
    9002: Kind(web("HTTP_GET", 8080, "/page", "status_code 204"), passes=False),
    9003: Kind(web("HTTP_GET", 8080, "/secret", "status_code 401")),
    9004: Kind(web("HTTP_GET", 8080, "/page", f"digest {DIGEST}")),
    9005: Kind(web("HTTP_GET", 8080, "/page", f"digest {'0' * 32}"), passes=False),
    9006: Kind(web("HTTP_GET", 8080, "/page", 'regex "All is w[e]ll"')),
    9007: Kind(web("HTTP_GET", 8080, "/page", 'regex "All is lost"'), passes=False),
    9008: Kind(web("HTTP_GET", 8080, "/page", "status_code 200", "connect_ip ::1")),
    9011: Kind(web("SSL_GET", 8443, "/page", f"digest {DIGEST}")),
    9012: Kind(web("SSL_GET", 8444, "/", "status_code 200", "enable_sni\n virtualhost www.example.org")),
    9013: Kind(web("SSL_GET", 8080, "/page", "status_code 200"), passes=False),
    9021: Kind("SMTP_CHECK {\n connect_port 25\n connect_timeout 30\n helo_name gateway.example.org\n }"),
    9031: Kind(DNS.format("www.example.org")),
    9032: Kind(DNS.format("none.example.org"), passes=False),
    9041: Kind(udp(2)),
    9042: Kind(udp(10, "require_reply 68656c6c6f\n payload 68656c6c6f")),
    9051: Kind(f"PING_CHECK {{\n connect_ip {HOST}\n connect_timeout 10\n }}"),
    9061: Kind('MISC_CHECK {\n misc_path "/usr/local/lib/lvs-check"\n misc_timeout 15\n user nobody\n }'),
    9071: Kind("FILE_CHECK {\n track_file state\n weight 0\n }"),
    9081: Kind(tcp(8081, "fwmark 77")),
    9082: Kind(tcp(8082, "bind_port 777"), only_here=True),  # keepalived cannot use a port again for a minute
    9083: Kind(tcp(8083, "bindto 127.0.0.9")),
    9084: Kind(tcp(8081, ""), passes=False),
}
CHECK = """#!/bin/sh
if [ -e /run/lvs-web/hang ]; then exec sleep 3600; fi
[ "$(id -un)" = nobody ] && [ -e /run/lvs-web/present ]
"""
SILENT = "socat -u TCP4-LISTEN:8445,bind=127.0.0.1,fork OPEN:/dev/null"
ECHO = "socat UDP4-RECVFROM:8007,bind=127.0.0.1,fork PIPE"


def certificates(directory: Path) -> dict[str, str]:
    """Key and certificate of each name, self-signed; OpenSSL 3.0 sets dates of the past only as an authority."""
    made = {}
    (directory / "conf").write_text("[ca]\ndefault_ca=it\n[it]\ndatabase=index\nserial=serial\nnew_certs_dir=.\n"
                                    "default_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n")
    for name, begin, end in SECTIONS:
        (directory / "index").write_text("")
        (directory / "serial").write_text("01\n")
        run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
             f"/CN={name}.example", "-keyout", "key", "-out", "request"], cwd=directory, check=True, capture_output=True)
        run(["openssl", "ca", "-batch", "-config", "conf", "-selfsign", "-keyfile", "key", "-in", "request", "-startdate",
             begin, "-enddate", end, "-notext", "-out", "certificate"], cwd=directory, check=True, capture_output=True)
        made[name] = (directory / "key").read_text() + (directory / "certificate").read_text()
    return made


class Servers:
    """All of them, in the guest."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest

    def _unit(self, name: str, command: str) -> None:
        self._guest.run(["systemd-run", "-q", "-p", "SuccessExitStatus=SIGTERM", f"--unit=lvs-real-{name}",
                         *command.split()])

    def start(self) -> None:
        """Each of its own kind."""
        self._guest.run("touch /run/lvs-web/present")
        self._guest.write("/run/lvs-web/state", "0\n")
        self._guest.run(f"ip -n lvs-host addr replace {HOST}/24 dev host1")
        self._unit("nginx", "nginx -c /run/lvs-web/nginx.conf")
        self._unit("tls", "openssl s_server -accept 127.0.0.1:8444 -www -cert /run/lvs-web/expired.pem "
                          "-key /run/lvs-web/expired.pem")
        self._unit("unbound", "unbound -c /run/lvs-web/unbound.conf")
        self._unit("echo", ECHO)
        self._unit("silent", SILENT)
        for port in (8081, 8082, 8083):
            self._unit(str(port), f"python3 /run/lvs-server.py {port}")
        self._guest.run("systemctl start postfix", timeout=180)

    def stop(self) -> None:
        """What is no process fails in its own way."""
        self._guest.run("rm -f /run/lvs-web/present")
        self._guest.write("/run/lvs-web/state", "1\n")
        self._guest.run("ip -n lvs-host addr flush dev host1")
        self._guest.run(["sh", "-c", "systemctl stop 'lvs-real-*' postfix; systemctl reset-failed"], timeout=180)


@pytest.fixture(scope="module")
def servers(guests: list[Guest], tmp_path_factory: pytest.TempPathFactory) -> Servers:
    """Not yet started."""
    one = guests[0]
    one.run("modprobe -a ip_vs ip_vs_rr")
    one.run("ip link set lo up")
    one.run("ip addr replace 10.9.9.1/32 dev lo")
    one.run("ip netns add lvs-host")
    one.run("ip link add host0 type veth peer name host1 netns lvs-host")
    one.run("ip addr add 10.9.8.1/24 dev host0")
    one.run("ip link set host0 up")
    one.run("ip -n lvs-host link set host1 up")
    one.run(["nft", "table inet lvs-real { chain out { type filter hook output priority 0;\n"
                    f"{ONLY_MARKED}\n{ONLY_FROM_A_LOW_PORT}\n{ONLY_FROM_THERE}\n}}\n}}"])
    one.write("/run/lvs-server.py", SERVER)
    one.write("/usr/local/lib/lvs-note", SCRIPT, 0o755)
    one.write("/usr/local/lib/lvs-check", CHECK, 0o755)
    one.write("/run/lvs-web/page", PAGE)
    one.write("/run/lvs-web/nginx.conf", NGINX)
    one.write("/run/lvs-web/unbound.conf", UNBOUND)
    one.write("/etc/postfix/main.cf", MAIN_CF)
    for name, text in certificates(tmp_path_factory.mktemp("certificates")).items():
        one.write(f"/run/lvs-web/{name}.pem", text)
    return Servers(one)


def kinds_of(balancer: Balancer) -> dict[int, Kind]:
    """Those that are tried with it."""
    return {port: kind for port, kind in KINDS.items() if not kind.only_here or balancer.program == str(HOLDFAST)}


@pytest.fixture(params=[str(HOLDFAST), "/usr/sbin/keepalived"], ids=["holdfast", "keepalived"])
def either(guests: list[Guest], servers: Servers, request: pytest.FixtureRequest) -> Iterator[Balancer]:
    """The same is expected of both."""
    made = Balancer(guests[0], request.param)
    yield made
    servers.stop()
    made.stop()


@pytest.fixture
def holdfast(guests: list[Guest], servers: Servers) -> Iterator[Balancer]:
    """Ours, not yet started."""
    made = Balancer(guests[0], str(HOLDFAST))
    yield made
    servers.stop()
    made.stop()


def in_table(balancer: Balancer) -> set[int]:
    """The ports of the real servers that IPVS uses."""
    lines = balancer.table().splitlines(keepends=True)
    return {port for port in KINDS if destination(port) in lines}


def await_table(balancer: Balancer, ports: set[int], what: str) -> None:
    """Comes to use these."""
    try:
        wait_until(lambda: in_table(balancer) == ports, SLOW, what)
    except Timeout as error:
        found = in_table(balancer)
        raise AssertionError(f"{balancer.program}, {what}: {sorted(found - ports)} should not be there, "
                             f"{sorted(ports - found)} should\n{balancer.log()}") from error


def test_every_checker_sees_its_server_end_and_come_back(either: Balancer, servers: Servers) -> None:
    """In the table, to the FIFO and to the scripts; nothing is said of servers to which nothing happens."""
    kinds = kinds_of(either)
    good = [port for port, kind in kinds.items() if kind.passes]
    bad = [port for port in kinds if port not in good]
    servers.start()
    either.start(TRACKED + configuration(*(real_server(port, kind.check) for port, kind in kinds.items())))
    await_table(either, set(good), "the good ones")
    expected = [f"{VS} UP", *(f"{rs(port)} DOWN" for port in bad)]
    wait_until(lambda: len(either.told()) >= len(expected), SLOW, "the FIFO is told everything")
    assert sorted(either.told()) == sorted(expected), either.log()
    before = len(either.told())
    servers.stop()
    await_table(either, set(), "none")
    servers.start()
    await_table(either, set(good), "the good ones again")
    expected = [f"{VS} DOWN", f"{VS} UP", *(f"{rs(port)} {how}" for port in good for how in ("DOWN", "UP"))]
    wait_until(lambda: len(either.told()) >= before + len(expected), SLOW, "the FIFO is told everything")
    assert sorted(either.told()[before:]) == sorted(expected), either.log()
    scripts = len(bad) + 2 * len(good) + 3
    wait_until(lambda: len(either.notes()) >= scripts, SLOW, "every script has run")
    for port in good:
        assert either.notes().count(f"nobody down {port}") == either.notes().count(f"nobody up {port}") == 1


def test_a_crash_in_the_middle_harms_nothing(holdfast: Balancer, servers: Servers) -> None:
    """Of the scriptd while a script runs, and of checkd while it shakes hands: no verdict comes of it."""
    servers.start()
    never = web("SSL_GET", 8445, "/", "status_code 200", "alpha")
    holdfast.start(configuration(*(real_server(port, KINDS[port].check) for port in (9011, 9061)), real_server(9091, never)))
    await_table(holdfast, {9011, 9061}, "the good ones")
    told = holdfast.told()
    holdfast.sh("touch /run/lvs-web/hang")
    wait_until(lambda: holdfast.sh("pgrep -x -f 'sleep 3600'") != "", SLOW, "a script that hangs")
    holdfast.kill("holdfast-scriptd")
    holdfast.sh("rm /run/lvs-web/hang")
    wait_until(lambda: holdfast.sh("ss -Htn state established dport = :8445") != "", SLOW, "a handshake")
    holdfast.kill("holdfast-checkd")
    assert in_table(holdfast) == {9011, 9061}
    holdfast.sh("rm /run/lvs-web/present")
    await_table(holdfast, {9011}, "the script's failure")
    holdfast.sh("touch /run/lvs-web/present; systemctl stop lvs-real-nginx")
    await_table(holdfast, {9061}, "nginx's end")
    news = [line for line in holdfast.told()[len(told):] if line != f"{rs(9091)} DOWN"]
    assert news == [f"{rs(9061)} DOWN", f"{rs(9061)} UP", f"{rs(9011)} DOWN"]
