"""genhash against Debian's, on the same server: the same request, the same digest, the same words."""

import hashlib
import os
import re
import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.daemon import HOLDFAST
from web_server import WebServer

OURS = HOLDFAST.parents[1] / "bin" / "genhash"
THEIRS = Path("/usr/bin/genhash")
OK = b"HTTP/1.0 200 OK\r\n"
REPLIES = {
    "plain": OK + b"\r\nhello",
    "a length": OK + b"Content-Length: 5\r\n\r\nhello world",
    "a length that is longer": OK + b"Content-Length: 50\r\n\r\nhello",
    "nothing behind the header": OK + b"\r\n",
    "a length of 0": OK + b"Content-Length: 0\r\n\r\nhello",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "another status": b"HTTP/1.1 404 Not Found\r\n\r\nhello",
    "two headers": b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"\r\nhello",
    "no status": b"hello\r\n\r\nworld",
    "a length that is none": OK + b"Content-Length: many\r\n\r\nhello",
    "two lengths": OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nhello",
    "bytes of all kinds": OK + b"\r\n" + bytes(range(256)) * 3,
    "a large one": OK + b"\r\n" + b"0123456789" * 100_000,
}


def genhash(program: Path, port: int, *options: str, address: str = "127.0.0.1") -> subprocess.CompletedProcess[str]:
    """Asks for /x."""
    return subprocess.run([program, "-s", address, "-p", str(port), "-u", "/x", *options],
                          capture_output=True, text=True, timeout=20, env=os.environ)


def certificate(directory: Path) -> ssl.SSLContext:
    """A server's side of TLS."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=good.example",
                    "-keyout", directory / "key.pem", "-out", directory / "certificate.pem"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "certificate.pem", directory / "key.pem")
    return context


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_the_same_digest(reply: bytes) -> None:
    with WebServer(lambda request: [reply]) as server:
        ours, theirs = genhash(OURS, server.port), genhash(THEIRS, server.port)
    assert (ours.stdout, ours.returncode) == (theirs.stdout, 0), ours.stderr
    assert re.fullmatch(r"[0-9a-f]{32}\n", ours.stdout)


def test_of_the_daemons_program(tmp_path: Path) -> None:
    """With --genhash, and under the name that Debian links to keepalived."""
    link = tmp_path / "genhash"
    link.symlink_to(HOLDFAST)
    with WebServer(lambda request: [OK + b"\r\nhello"]) as server:
        asked = ["-s", "127.0.0.1", "-p", str(server.port), "-u", "/x"]
        said = [subprocess.run([*command, *asked], capture_output=True, text=True, timeout=20).stdout
                for command in ([OURS], [link], [HOLDFAST, "--genhash"], [HOLDFAST, "-T"])]
    assert set(said) == {hashlib.md5(b"hello").hexdigest() + "\n"}


@pytest.mark.parametrize("options", [[], ["-P", "1.1"], ["-P", "1.0"], ["-P", "1.0c"], ["-P", "1.0C"], ["-V", "www.example.org"],
                                     ["-P", "1.1", "--use-virtualhost", "h"], ["-I"], ["-t", "3"]], ids=" ".join)
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_the_same_request(options: Sequence[str], address: str) -> None:
    with WebServer(lambda request: [REPLIES["plain"]], address) as server:
        for program in (OURS, THEIRS):
            assert genhash(program, server.port, *options, address=address).returncode == 0
    assert len(server.requests) == 2 and server.requests[0] == server.requests[1]


def test_the_same_words_when_it_is_verbose() -> None:
    with WebServer(lambda request: [REPLIES["a length"]]) as server:
        said = [re.sub(r"= \d+ usecs", "= N usecs", genhash(program, server.port, "-v").stdout) for program in (OURS, THEIRS)]
    assert said[0] == said[1]


def test_with_tls(tmp_path: Path) -> None:
    names: list[str | None] = []
    context = certificate(tmp_path)
    context.sni_callback = lambda connection, name, same: names.append(name)
    with WebServer(lambda request: [REPLIES["plain"]], tls=context) as server:
        for options in (["-S"], ["-S", "-V", "good.example"], ["-S", "-I", "-V", "good.example"]):
            ours, theirs = (genhash(program, server.port, *options) for program in (OURS, THEIRS))
            assert ours.stdout == theirs.stdout == hashlib.md5(b"hello").hexdigest() + "\n", ours.stderr
    assert names == [None, None, None, None, "good.example", "good.example"]
    assert server.requests[0] == server.requests[1]


@pytest.mark.parametrize(("reply", "why"), [
    (b"", "no data received"), (b"hello", "the reply ends within its header"),
    (OK + b"X: " + b"y" * 100_000, "the header is longer than 16384 bytes")], ids=["nothing", "no header", "an endless header"])
def test_says_why_there_is_no_digest(reply: bytes, why: str) -> None:
    with WebServer(lambda request: [reply]) as server:
        ours = genhash(OURS, server.port)
    assert (ours.stdout, ours.stderr, ours.returncode) == ("", why + "\n", 1)


def test_says_what_is_wrong_with_the_command_line() -> None:
    for options in (["-Z"], ["-P", "2"], ["-t", "x"], ["-p", "0"], ["-s", "localhost"], ["-m", "x"], ["more"]):
        ours, theirs = (subprocess.run([program, "-s", "127.0.0.1", "-p", "1", "-u", "/x", *options], capture_output=True, text=True)
                        for program in (OURS, THEIRS))
        assert ours.stderr.splitlines()[0] == theirs.stderr.splitlines()[0] and ours.returncode == theirs.returncode == 1
    assert subprocess.run([OURS, "--help"], capture_output=True, text=True, check=True).stdout.startswith("Usage: genhash")


def test_keeps_nothing_while_it_reads() -> None:
    """Neither root nor a capability, and a filter of system calls."""
    seen: dict[str, str] = {}

    def look(request: bytes) -> list[bytes]:
        status = Path(f"/proc/{running.pid}/status").read_text()
        seen.update(re.findall(r"^(Uid|CapEff|CapPrm|NoNewPrivs|Seccomp):\s+(.*)$", status, re.M))
        return [REPLIES["plain"]]

    with WebServer(look) as server:
        with subprocess.Popen([OURS, "-s", "127.0.0.1", "-p", str(server.port), "-u", "/x"], stdout=subprocess.DEVNULL) as running:
            server.wait_request()
    assert set(seen["Uid"].split()) == {"65534"} and seen["NoNewPrivs"] == "1" and seen["Seccomp"] == "2"
    assert int(seen["CapEff"], 16) == int(seen["CapPrm"], 16) == 0
