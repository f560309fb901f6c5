"""Verification, pinned keys and client certificates against OpenSSL's s_server; SMTP_CHECK against Postfix."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from harness.wait import wait_until
from test_real_web_servers import attempt, free_port, listens, running

NAMES = "subjectAltName=DNS:good.example,IP:127.0.0.1"
MAIN = """
compatibility_level = 3.6
queue_directory = {directory}/queue
data_directory = {directory}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = good.example
mydestination = good.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
local_recipient_maps = inline:{{ probe=x, busy=x }}
smtpd_tls_security_level = may
smtpd_tls_chain_files = {keys}/good.key, {keys}/good.pem
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{ busy@good.example = 421 4.3.2 draining }} }}, reject_unauth_destination
maillog_file = {directory}/log
maillog_file_prefixes = /
alias_maps =
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
rewrite unix - - n - - trivial-rewrite
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""


def openssl(*words: str | Path) -> str:
    return subprocess.run(["openssl", *words], check=True, capture_output=True, text=True).stdout


def signed(directory: Path, name: str, days: str, names: str = NAMES) -> None:
    """NAME.key, and NAME.pem of the authority."""
    (directory / f"{name}.ext").write_text(names)
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", directory / f"{name}.key",
            "-out", directory / f"{name}.csr")
    openssl("x509", "-req", "-in", directory / f"{name}.csr", "-CA", directory / "ca.pem", "-CAkey", directory / "ca.key",
            "-CAcreateserial", "-days", days, "-extfile", directory / f"{name}.ext", "-out", directory / f"{name}.pem")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, and certificates: good, expired, of another name, self-signed."""
    directory = tmp_path_factory.mktemp("keys")
    directory.chmod(0o755)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9", "-subj", "/CN=authority",
            "-keyout", directory / "ca.key", "-out", directory / "ca.pem")
    signed(directory, "good", "5")
    signed(directory, "expired", "-1")
    signed(directory, "other", "5", "subjectAltName=DNS:other.example")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9", "-subj", "/CN=good.example", "-addext", NAMES,
            "-keyout", directory / "own.key", "-out", directory / "own.pem")
    return directory


def asked(keys: Path, shown: str, *words: str, server: tuple[str, ...] = ()) -> str:
    """What SSL_GET says of s_server with that certificate."""
    port = free_port()
    with running(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", keys / f"{shown}.pem",
                  "-key", keys / f"{shown}.key", "-www", *server], port):
        return attempt(port, "tls", f"ca={keys}/ca.pem", *words)


@pytest.mark.parametrize(("shown", "peer", "name"), [
    ("good", "passed", "passed"),
    ("expired", "TLS handshake: certificate has expired", "TLS handshake: certificate has expired"),
    ("other", "passed", "TLS handshake: hostname mismatch"),
    ("own", "TLS handshake: self-signed certificate", "TLS handshake: self-signed certificate"),
])
def test_verification(keys: Path, shown: str, peer: str, name: str) -> None:
    assert asked(keys, shown) == "passed", "nothing is verified where nothing is said"
    assert asked(keys, shown, "verify=peer") == peer
    assert asked(keys, shown, "verify=name", "host=good.example") == name
    assert asked(keys, shown, "verify=name", "host=good.example:443") == name


def test_without_a_name_the_address_is_verified(keys: Path) -> None:
    assert asked(keys, "good", "verify=name") == "passed"
    assert asked(keys, "good", "verify=name", "host=127.0.0.1") == "passed"
    assert asked(keys, "other", "verify=name") == "TLS handshake: IP address mismatch"


def test_a_pinned_key(keys: Path) -> None:
    def digest(name: str) -> str:
        public = subprocess.run(["openssl", "x509", "-in", keys / f"{name}.pem", "-pubkey", "-noout"],
                                check=True, capture_output=True).stdout
        encoded = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=public, check=True,
                                 capture_output=True).stdout
        return subprocess.run(["sha256sum"], input=encoded, check=True, capture_output=True).stdout.decode().split()[0]

    assert asked(keys, "own", f"pin={digest('own')}") == "passed"
    assert asked(keys, "own", f"pin={digest('good')}").endswith("none of those that are pinned")


def test_the_least_version(keys: Path) -> None:
    assert asked(keys, "good", f"min_version={0x0304}", server=("-tls1_3",)) == "passed"
    assert asked(keys, "good", f"min_version={0x0304}", server=("-tls1_2",)).startswith("TLS handshake: ")


def test_a_client_certificate(keys: Path) -> None:
    wanted = ("-Verify", "1", "-verify_return_error", "-CAfile", f"{keys}/ca.pem", "-tls1_2")
    own = (f"certificate={keys}/good.pem", f"key={keys}/good.key")
    assert asked(keys, "good", *own, server=wanted) == "passed"
    assert asked(keys, "good", server=wanted).startswith("TLS handshake: ")


def test_the_end_of_a_certificate_is_known(keys: Path) -> None:
    said, end = asked(keys, "good", "ends").splitlines()
    assert said == "passed"
    assert 4 * 86_400 < int(end) - time.time() < 6 * 86_400


@pytest.fixture(scope="module")
def postfix(keys: Path) -> Iterator[int]:
    """Its port. Nothing of it is shared with another Postfix of this host."""
    port = free_port()
    with TemporaryDirectory(prefix="postfix-") as name:  # those of pytest are closed to its user
        directory = Path(name)
        directory.chmod(0o755)
        for part in ("config", "queue", "data"):
            (directory / part).mkdir()
        shutil.chown(directory / "data", "postfix")
        (directory / "config" / "main.cf").write_text(MAIN.format(directory=directory, keys=keys))
        (directory / "config" / "master.cf").write_text(MASTER.format(port=port))
        control = ["postfix", "-c", directory / "config"]
        subprocess.run([*control, "start"], check=True, capture_output=True)
        try:
            wait_until(lambda: listens(port), 10, "Postfix listens")
            yield port
        finally:
            subprocess.run([*control, "stop"], check=True, capture_output=True)


STARTTLS = ("helo=probe.example", "ehlo", "starttls")


def test_postfix_is_greeted(postfix: int) -> None:
    assert attempt(postfix, "helo=probe.example") == "passed"
    assert attempt(postfix, "helo=probe.example", "ehlo") == "passed"


def test_postfix_secures(postfix: int, keys: Path) -> None:
    assert attempt(postfix, *STARTTLS) == "passed"
    assert attempt(postfix, *STARTTLS, f"ca={keys}/ca.pem", "verify=name", "sni=good.example") == "passed"
    assert attempt(postfix, *STARTTLS, f"ca={keys}/ca.pem", "verify=name") == "passed", "for its address"
    assert attempt(postfix, *STARTTLS, f"ca={keys}/ca.pem", "verify=name",
                   "sni=mx.example") == "TLS handshake: hostname mismatch"
    assert attempt(postfix, *STARTTLS, f"ca={keys}/own.pem", "verify=peer").startswith("TLS handshake: ")
    said, end = attempt(postfix, *STARTTLS, "ends").splitlines()
    assert said == "passed" and int(end) > time.time()


def test_postfix_takes_mail(postfix: int) -> None:
    probe = (*STARTTLS, "from=")
    assert attempt(postfix, *probe, "to=probe@good.example") == "passed"
    assert attempt(postfix, *probe, "to=nobody@good.example").startswith("the reply to RCPT is not 250: 550")
    assert attempt(postfix, *probe, "to=a@elsewhere.example").startswith("the reply to RCPT is not 250: 554")


def test_postfix_drains(postfix: int) -> None:
    probe = (*STARTTLS, "from=", "to=busy@good.example")
    assert attempt(postfix, *probe, "drain").startswith("drains: 421")
    assert attempt(postfix, *probe).startswith("the reply to RCPT is not 250: 421")
