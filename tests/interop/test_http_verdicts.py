"""HTTP_GET and SSL_GET as keepalived judges them: the same server, the same request, the same verdict.

keepalived's checkers run without IPVS in the kernel: `without_ipvs.c` acknowledges what it would tell it."""

import os
import re
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.node import ROOT
from harness.wait import wait_until
from web_server import HOLD, WebServer

ATTEMPT = ROOT / "build" / "gcc" / "tests" / "interop" / "attempt"
OK = b"HTTP/1.0 200 OK\r\n"
HELLO = "5d41402abc4b2a76b9719d911017c592"
VERDICT = re.compile(r"succeed on service|Timeout|error to server|match failed|Read error|no data received|handshake", re.I)


@dataclass(frozen=True)
class Case:
    """What is asked for, in both languages, and what comes back."""

    name: str
    reply: tuple[bytes, ...]
    url: str = "status_code 200"
    words: tuple[str, ...] = ("low=200", "high=200")
    passes_here: bool | None = None
    """Where it differs, on purpose."""


def of_status(line: bytes) -> Case:
    """A first line."""
    return Case(f"status line {line.decode()!r}", (line + b"\r\n\r\nx",))


def of_regex(regex: str, body: bytes, more: str = "", words: Sequence[str] = (), passes_here: bool | None = None) -> Case:
    """A body that is searched, sent by itself."""
    return Case(f"{regex} {more} in {body[:20]!r}", (OK + b"\r\n", body), f'regex "{regex}"\n{more}',
                (f"regex={regex}", *words), passes_here)


def of_digest(*reply: bytes) -> Case:
    """The digest of hello."""
    return Case(f"digest of {reply!r}", reply, f"digest {HELLO}", (f"digest={HELLO}",))


CASES = [
    *map(of_status, (b"HTTP/1.0 200 OK", b"HTTP/1.0 200", b"HTTP/1.0 200 ", b"HTTP/1.0  200 OK", b"HTTP/1.0 0200 OK", b"HTTP/1.0 200x OK",
                     b"HTTP/1.0 2000 OK", b"HTTP/1.0 -200 OK", b"HTTP/1.0 +200 OK", b"HTTP/1.0 abc OK", b"HTTP/1.0\t200 OK", b"HTTP/1.0",
                     b"ICY 200 OK", b" 200 OK", b"200 OK", b"HTTP/1.0 404 Not Found", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")),
    Case("nothing", ()),
    Case("no header", (b"hello",)),
    Case("line feeds alone", (b"HTTP/1.0 200 OK\n\nhello",)),
    Case("nothing behind the header", (OK + b"\r\n",)),
    Case("half a header", (OK + b"X: y\r\n",)),
    Case("the default of status_code", (b"HTTP/1.0 299 OK\r\n\r\n",), "", ()),
    Case("a redirection", (b"HTTP/1.0 301 Moved\r\nLocation: /\r\n\r\n",), "", ()),
    Case("silence", (OK, HOLD)),
    Case("no end", (OK + b"\r\nhello", HOLD)),
    Case("no end behind a length", (OK + b"Content-Length: 5\r\n\r\nhello", HOLD), passes_here=True),
    of_digest(OK + b"\r\nhello"), of_digest(OK + b"\r\nhellO"), of_digest(OK + b"\r\nhe", b"llo"),
    of_digest(OK + b"Content-Length: 9\r\n\r\nhello"), of_digest(OK + b"Content-Length: 5\r\n\r\nhello world"),
    of_digest(b"HTTP/1.0 404 Not Found\r\n\r\nhello"),
    of_regex("hello", b"hello"), of_regex("world", b"hello"), of_regex("h.*?o", b"hello"),
    of_regex("hello", b"x" * 4090 + b"hello"), of_regex("hello", b"x" * 400_000 + b"hello"), of_regex("ell", b"hello", "regex_no_match", ["no_match"]),
    of_regex("zzz", b"hello", "regex_no_match", ["no_match"]),
    of_regex("h.*o", b"hello", passes_here=True), of_regex("hello$", b"hello", passes_here=True),
]


@pytest.fixture(scope="module")
def without_ipvs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that is preloaded."""
    library = tmp_path_factory.mktemp("preload") / "without_ipvs.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, Path(__file__).parent / "without_ipvs.c"], check=True)
    return library


def configuration(port: int, case: Case) -> str:
    """One check, which begins at once and is not repeated."""
    return (f"global_defs {{\nchecker_log_all_failures\n}}\nvirtual_server 10.9.9.9 80 {{\nprotocol TCP\nlvs_sched rr\nlvs_method NAT\ndelay_loop 30\nalpha\n"
            f"real_server 127.0.0.1 {port} {{\nHTTP_GET {{\nwarmup 0\nretry 0\nconnect_timeout 2\n"
            f"url {{\npath /x\n{case.url}\n}}\n}}\n}}\n}}\n")


def keepaliveds(case: Case, keepalived: Path, library: Path, directory: Path) -> tuple[bool, bytes]:
    """Its verdict, and what it asked."""
    directory.mkdir()
    log = directory / "log"
    with WebServer(lambda request: case.reply) as server:
        (directory / "conf").write_text(configuration(server.port, case))
        argv = ["unshare", "--mount"]
        argv += [str(keepalived), "-n", "-l", "-D", "-C", "-f", str(directory / "conf"),
                 *(word for option in "pcr" for word in (f"-{option}", str(directory / option)))]
        with log.open("w") as output, subprocess.Popen(argv, stdout=output, stderr=output,
                                                       env=os.environ | {"LD_PRELOAD": str(library)}) as running:
            try:
                found = wait_until(lambda: VERDICT.search(log.read_text()), 15, f"a verdict about {case.name}")
            finally:
                running.terminate()
        return "succeed" in found[0], server.wait_request()


def ours(case: Case) -> tuple[str, bytes]:
    """What Holdfast says, and what it asked."""
    with WebServer(lambda request: case.reply) as server:
        said = subprocess.run([ATTEMPT, "address=127.0.0.1", f"port={server.port}", *case.words],
                              capture_output=True, text=True, check=True, timeout=30)
        return said.stdout.strip(), server.wait_request()


def test_the_same_verdict(keepalived: Path, without_ipvs: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as workers:
        theirs = workers.map(lambda one: keepaliveds(one[1], keepalived, without_ipvs, tmp_path / str(one[0])), enumerate(CASES))
        said = workers.map(ours, CASES)
        wrong: list[str] = []
        for case, (passed, asked), (verdict, request) in zip(CASES, theirs, said):
            if case.passes_here is not None and passed == case.passes_here:
                wrong.append(f"{case.name}: no difference any more")
            if (verdict == "passed") != (passed if case.passes_here is None else case.passes_here):
                wrong.append(f"{case.name}: keepalived {passed}, Holdfast {verdict}")
            if re.sub(rb":\d+\r", b":N\r", asked) != re.sub(rb":\d+\r", b":N\r", request):
                wrong.append(f"{case.name}: asked {request!r} in place of {asked!r}")
    assert not wrong, "\n".join(wrong)
