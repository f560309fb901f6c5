"""HTTP_GET and SSL_GET against nginx and OpenSSL's s_server, and against what is no TLS at all."""

import hashlib
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.wait import wait_until
from test_http_verdicts import ATTEMPT

PAGE = b"All is well.\n" * 10_000
DIGEST = hashlib.md5(PAGE).hexdigest()
NGINX = """
daemon off; master_process off; pid {directory}/pid; error_log {directory}/error.log;
events {{ }}
http {{
  access_log off; client_body_temp_path {directory}/t; proxy_temp_path {directory}/t; fastcgi_temp_path {directory}/t;
  uwsgi_temp_path {directory}/t; scgi_temp_path {directory}/t;
  server {{
    listen 127.0.0.1:{plain};
    listen 127.0.0.1:{tls} ssl;
    ssl_certificate {directory}/certificate.pem; ssl_certificate_key {directory}/key.pem;
    root {directory};
    location /moved {{ return 301 /page; }}
    location /secret {{ return 401; }}
  }}
}}
"""


def free_port() -> int:
    """One that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def attempt(port: int, *words: str) -> str:
    """What one attempt says."""
    return subprocess.run([ATTEMPT, "address=127.0.0.1", f"port={port}", "timeout_ms=5000", *words],
                          capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def listens(port: int) -> bool:
    """Somebody accepts there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(argv: Sequence[str | Path], port: int) -> Iterator[None]:
    """A server, until the end of the block."""
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: listens(port), 10, f"{argv[0]} listens on {port}")
            yield
        finally:
            process.terminate()


def certificate(directory: Path, days: int = 2) -> None:
    """A key, and a certificate for another name."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", str(days), "-subj", "/CN=other.example",
                    "-keyout", directory / "key.pem", "-out", directory / "certificate.pem"], check=True, capture_output=True)


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """Its ports: without and with TLS."""
    directory = tmp_path_factory.mktemp("nginx")
    directory.chmod(0o755)
    certificate(directory)
    plain, tls = free_port(), free_port()
    (directory / "page").write_bytes(PAGE)
    (directory / "conf").write_text("user root;" + NGINX.format(directory=directory, plain=plain, tls=tls))
    with running(["nginx", "-c", directory / "conf", "-p", directory], plain):
        yield plain, tls


@pytest.mark.parametrize("tls", [False, True])
def test_nginx(nginx: tuple[int, int], tls: bool) -> None:
    port, more = (nginx[1], ["tls"]) if tls else (nginx[0], [])
    assert attempt(port, "path=/page", f"digest={DIGEST}", *more) == "passed"
    assert attempt(port, "path=/page", "regex=well[.]$", *more) == "passed"
    assert attempt(port, "path=/page", "regex=ill", *more) == "Regex match failed: it is not there"
    assert attempt(port, "path=/none", *more) == "HTTP status code error: HTTP/1.1 404 Not Found"
    assert attempt(port, "path=/moved", *more).startswith("HTTP status code error: HTTP/1.1 301")
    assert attempt(port, "path=/secret", "low=401", "high=401", *more) == "passed"


def test_each_to_the_port_of_the_other(nginx: tuple[int, int]) -> None:
    plain, tls = nginx
    assert attempt(plain, "tls", "path=/page") == "TLS handshake: wrong version number"
    assert attempt(tls, "path=/page") == "HTTP status code error: HTTP/1.1 400 Bad Request"


@pytest.mark.parametrize("options", [["-tls1_2"], ["-tls1_3"], ["-cipher", "ECDHE-RSA-CHACHA20-POLY1305"]], ids=" ".join)
def test_s_server(tmp_path: Path, options: Sequence[str]) -> None:
    """A certificate for another name that nobody has signed will do, as in keepalived."""
    certificate(tmp_path)
    port = free_port()
    with running(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", tmp_path / "certificate.pem",
                  "-key", tmp_path / "key.pem", "-www", *options], port):
        assert attempt(port, "tls", "sni", "host=www.example.org") == "passed"


def test_a_server_that_wants_a_certificate_refuses(tmp_path: Path) -> None:
    certificate(tmp_path)
    port = free_port()
    with running(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", tmp_path / "certificate.pem",
                  "-key", tmp_path / "key.pem", "-www", "-Verify", "1", "-tls1_2"], port):
        why = attempt(port, "tls")
    assert why.startswith("TLS handshake: ") and "alert" in why


@contextmanager
def nonsense(answer: bytes) -> Iterator[int]:
    """Says the same to everybody, and closes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve() -> None:
            try:
                while True:
                    client, _ = listener.accept()
                    with client:
                        client.recv(4096)
                        client.sendall(answer)
            except OSError:
                pass

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize("answer", [b"", b"\x15\x03\x03\x00\x02\x02\x28", b"\x16\x03\x03\xff\xff" + b"x" * 70_000, os.urandom(5000),
                                    b"\x16\x03\x03\x00\x04\x02\xff\xff\xff" + b"\0" * 50_000, b"\0" * 1_000_000],
                         ids=["nothing", "an alert", "a long record", "noise", "a long hello", "zeros"])
def test_what_is_no_tls_fails_at_once(nginx: tuple[int, int], answer: bytes) -> None:
    with nonsense(answer) as port:
        began = time.monotonic()
        why = attempt(port, "tls")
        assert time.monotonic() - began < 4
    assert why != "passed" and len(why) <= 200 and why.isprintable() and why.isascii()
    assert attempt(nginx[1], "tls", "path=/page") == "passed", "the next one is not harmed"
