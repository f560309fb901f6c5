"""Two mail gateways with a Postfix each, and a client that keeps sending mail."""

import smtplib
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from .daemon import Daemon
from .node import Network, Node
from .wait import wait_until

FILES = Path(__file__).resolve().parents[1] / "mail_gateway"
FLOATING = "10.12.49.37"
INTERFACE = "ens160"
DOMAIN = "example.test"

_MAIN_CF = f"""
compatibility_level = 3.6
myhostname = {{name}}
mydestination =
alias_maps =
local_recipient_maps =
inet_interfaces = all
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
relay_domains = {DOMAIN}
relay_transport = discard:
smtpd_relay_restrictions = reject_unauth_destination
smtpd_peername_lookup = no
maillog_file = /var/log/mail.log
"""

# Every service that accepting a message and discarding it takes, none of them in a chroot.
_MASTER_CF = """
smtp      inet       n - n - -    smtpd
pickup    unix       n - n 60 1   pickup
cleanup   unix       n - n - 0    cleanup
qmgr      unix       n - n 300 1  qmgr
rewrite   unix       - - n - -    trivial-rewrite
proxymap  unix       - - n - -    proxymap
bounce    unix       - - n - 0    bounce
defer     unix       - - n - 0    bounce
trace     unix       - - n - 0    bounce
error     unix       - - n - -    error
retry     unix       - - n - -    error
discard   unix       - - n - -    discard
anvil     unix       - - n - 1    anvil
postlog   unix-dgram n - n - 1    postlogd
"""


class Postfix:
    """The node's own Postfix, with a configuration, a queue and a log that only the node sees."""

    def __init__(self, node: Node) -> None:
        self.node = node
        # What is in /etc/postfix beside the two files that follow is the package's, and is needed.
        node.run(["bash", "-ec", """
            mount -t tmpfs -o mode=0755 tmpfs /var/spool/postfix
            mount -t tmpfs -o mode=0755 tmpfs /var/lib/postfix
            chown postfix:postfix /var/lib/postfix
            mkdir /run/etc
            cp -a /etc/postfix /run/etc/
            mount --bind /run/etc/postfix /etc/postfix"""])
        node.write("/etc/postfix/main.cf", _MAIN_CF.format(name=node.name))
        node.write("/etc/postfix/master.cf", _MASTER_CF)

    def start(self) -> None:
        """Starts it and waits for its greeting."""
        self.node.run(["postfix", "start"])
        wait_until(self.greets, 10, f"Postfix greets on {self.node.name}")

    def stop(self) -> None:
        """Stops it, and with it its port."""
        self.node.run(["postfix", "stop"])

    def greets(self) -> bool:
        """Whether the check script is content, run as its user."""
        check = ["setpriv", "--reuid=postfix", "--regid=postfix", "--clear-groups", "/opt/postfix.check.sh"]
        return self.node.run(check, check=False).returncode == 0


@dataclass(frozen=True)
class Delivery:
    """One attempt to send a message: when, and which gateway accepted it, or why none did."""

    time: float
    gateway: str | None
    reason: str = ""


class MailClient:
    """Sends one message after the other to the floating address, from a node's network."""

    INTERVAL_SECONDS = 0.2

    def __init__(self, node: Node) -> None:
        self._node = node
        self._deliveries: list[Delivery] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=node.in_network, args=(self._send_all,), daemon=True)
        self._thread.start()

    def __enter__(self) -> "MailClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _send_all(self) -> None:
        while not self._stop.wait(self.INTERVAL_SECONDS):
            self._deliveries.append(self._send())

    def _send(self) -> Delivery:
        try:
            with smtplib.SMTP(timeout=1, local_hostname=self._node.name) as smtp:
                _, greeting = smtp.connect(FLOATING, 25)
                smtp.sendmail(f"client@{DOMAIN}", f"user@{DOMAIN}", "Subject: test\r\n\r\nstill here\r\n")
                return Delivery(time.time(), greeting.split()[0].decode())
        except (OSError, smtplib.SMTPException) as error:
            return Delivery(time.time(), None, str(error))

    def deliveries(self, since: float = 0) -> list[Delivery]:
        """The attempts that ended at `since` or later."""
        return [delivery for delivery in list(self._deliveries) if delivery.time >= since]

    def wait_accepted(self, gateway: str, timeout: float, since: float = 0) -> Delivery:
        """Waits for the first message that this gateway accepted at `since` or later."""
        def search() -> list[Delivery]:
            return [delivery for delivery in self.deliveries(since) if delivery.gateway == gateway]
        return wait_until(search, timeout, f"a message accepted by {gateway}")[0]


class MailGateway:
    """One of the two gateways: its node, its Postfix, and the daemon with the operator's file."""

    def __init__(self, network: Network, number: int, program: Path) -> None:
        self.node = network.add(f"gateway{number}", INTERFACE, f"10.12.49.{34 + number}/24")
        self.node.write("/opt/postfix.check.sh", (FILES / "smtp.check.sh").read_text(), 0o700, "postfix")
        self.postfix = Postfix(self.node)
        self.postfix.start()
        self._configuration = (FILES / f"node{number}.conf").read_text()
        self._program = program

    def start(self) -> Daemon:
        """Starts the daemon."""
        return Daemon(self.node, self._program, self._configuration)


def add_client(network: Network) -> Node:
    """The node that mail is sent from."""
    return network.add("client", "eth0", "10.12.49.100/24")
