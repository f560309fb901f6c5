"""Nodes: processes in namespaces of their own, joined by a switch.

No namespace here has a name and no interface ever exists outside of one, so there is nothing to
remove afterwards: a node lives as long as its first process, which ends when the pipe to its
standard input does. Whatever way the test ends, kill -9 included, the kernel then ends every
process of the node and takes its links and mounts away.
"""

import ctypes
import json
import os
import shlex
import subprocess
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from . import proc
from .wait import wait_until

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[3]
"""The source tree."""

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)

# The first process of a node: private directories, quiet networking, then wait for the end of the
# pipe. Bash reaps the orphans of the node meanwhile.
_INIT = """
set -e
exec 9< "$2"
mount -t proc proc /proc
for directory in /run /tmp /opt /var/log; do
  mount -t tmpfs -o mode=0755 tmpfs $directory
done
chmod 1777 /tmp
# The source tree, and so the daemon, may be in a directory that has just been covered.
if [ ! -e "$2/meson.build" ]; then
  mkdir -p "$2"
  mount --bind /proc/self/fd/9 "$2"
fi
exec 9<&-
for scope in all default; do
  for setting in accept_dad=0 dad_transmits=0 accept_ra=0 router_solicitations=0; do
    echo ${setting#*=} > /proc/sys/net/ipv6/conf/$scope/${setting%=*}
  done
done
ip link set lo up
hostname "$1"
echo ready
while read -r _; do :; done
"""


class Machine(ABC):
    """Something with addresses that commands can be run on: a node here, a guest of the vm tests."""

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    def run(self, argv: Sequence[str] | str, check: bool = True,
            timeout: float = 30) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end; a string is split as a shell would, without running one."""

    def link(self, interface: str) -> dict[str, Any]:
        """What `ip -j addr` says of one interface."""
        links: list[dict[str, Any]] = json.loads(self.run(["ip", "-j", "addr", "show", "dev", interface]).stdout)
        return links[0]

    def mac(self, interface: str) -> bytes:
        """The Ethernet address of one interface."""
        return bytes.fromhex(self.link(interface)["address"].replace(":", ""))

    def addresses(self) -> set[str]:
        """Every address of the node, without prefix lengths."""
        links = json.loads(self.run(["ip", "-j", "addr"]).stdout)
        return {address["local"] for link in links for address in link.get("addr_info", [])
                if "local" in address}

    def holds(self, address: str) -> bool:
        """Whether the node has the address now."""
        return address in self.addresses()

    def wait_holds(self, address: str, timeout: float) -> None:
        """Waits until the node has the address."""
        wait_until(lambda: self.holds(address), timeout, f"{address} on {self.name}")

    def wait_lacks(self, address: str, timeout: float) -> None:
        """Waits until the node has the address no more."""
        wait_until(lambda: not self.holds(address), timeout, f"{address} gone from {self.name}")


class Node(Machine):
    """Namespaces for network, mounts, processes, host name and IPC, with private /run, /tmp, /opt
    and /var/log."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._unshare = subprocess.Popen(
            ["unshare", "--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child=KILL",
             "bash", "-c", _INIT, "init", name, str(ROOT)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/", start_new_session=True)
        assert self._unshare.stdout is not None
        if self._unshare.stdout.readline() != b"ready\n":
            raise RuntimeError(f"cannot make the namespaces of {name}: this needs root")
        self.pid = proc.children(self._unshare.pid)[0]
        self._spawned: list[subprocess.Popen[bytes]] = []

    def close(self) -> None:
        """Ends every process of the node."""
        if self._unshare.stdin is None or self._unshare.stdin.closed:
            return
        # The namespace ends when all of its processes have been reaped, which those outside must not hold up.
        for entering in self._spawned:
            entering.kill()
            entering.wait()
        self._unshare.stdin.close()
        assert self._unshare.stdout is not None
        self._unshare.stdout.close()
        self._unshare.wait()

    def command(self, argv: Sequence[str]) -> list[str]:
        """`argv` as the machine would have to run it for it to run inside."""
        return ["nsenter", f"--target={self.pid}", "--net", "--mount", "--pid", "--uts", "--ipc",
                "--wdns=/", "--", *argv]

    def run(self, argv: Sequence[str] | str, check: bool = True,
            timeout: float = 30) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end; a string is split as a shell would, without running one."""
        words = shlex.split(argv) if isinstance(argv, str) else list(argv)
        done = subprocess.run(self.command(words), stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=timeout, start_new_session=True)
        if check and done.returncode != 0:
            raise RuntimeError(f"{self.name}: {shlex.join(words)}: status {done.returncode}: "
                               f"{done.stdout}{done.stderr}")
        return done

    def spawn(self, argv: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        """Starts a command and leaves it running; `options` are those of Popen."""
        entering = subprocess.Popen(self.command(argv), start_new_session=True, **options)
        self._spawned.append(entering)
        return entering

    def own_etc(self) -> None:
        """Gives the node an /etc of its own, to be written to."""
        self.run("mkdir -p /run/own-etc")
        self.run("cp -a /etc/. /run/own-etc")
        self.run("mount --bind /run/own-etc /etc")

    def path(self, inside: str) -> Path:
        """How the machine reaches the node's file `inside`."""
        return Path(f"/proc/{self.pid}/root{inside}")

    def write(self, inside: str, text: str, mode: int = 0o644, owner: str = "root") -> None:
        """Writes a file in the node, in a directory that is made when missing. Running programs see
        the old file or the new one, never a part."""
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".new")
        fresh.write_text(text)
        fresh.chmod(mode)
        proc.chown(fresh, owner)
        fresh.rename(path)

    def processes(self) -> list[proc.Process]:
        """Every process of the node but its first one and what is entering it."""
        return [process for process in proc.in_pid_namespace(self.pid) if process.pid != self.pid]

    def in_network(self, function: Callable[[], T]) -> T:
        """Runs `function` in a thread inside the node's network namespace: a socket that it makes
        belongs there."""
        result: list[T] = []
        failure: list[BaseException] = []

        def body() -> None:
            try:
                with open(f"/proc/{self.pid}/ns/net") as namespace:
                    if _libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
                        raise OSError(ctypes.get_errno(), "setns")
                result.append(function())
            except BaseException as error:  # handed to the caller below
                failure.append(error)

        thread = threading.Thread(target=body)
        thread.start()
        thread.join()
        if failure:
            raise failure[0]
        return result[0]


class Network:
    """A switch, and the nodes on it. A context manager: leaving it ends all of them."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.switch = Node("switch")
        self.switch.run("ip link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0")
        self.switch.run("ip link set br0 up")

    def __enter__(self) -> "Network":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends all nodes and the switch."""
        for node in [*self.nodes.values(), self.switch]:
            node.close()

    def add(self, name: str, interface: str, *addresses: str) -> Node:
        """A new node whose `interface` has the addresses (with prefix lengths) and is on the switch,
        at a port that has the node's name."""
        node = Node(name)
        self.nodes[name] = node
        self.plug(node, name, interface, *addresses)
        return node

    def plug(self, node: Node, port: str, interface: str, *addresses: str) -> None:
        """Gives a node an interface that is on the switch, at a port of that name."""
        # Only the network namespace is entered: the other end is named by a number of the machine's.
        subprocess.run(["nsenter", f"--target={self.switch.pid}", "--net", "--", "ip", "link", "add", "name", port,
                        "master", "br0", "up", "type", "veth", "peer", "name", interface, "netns", str(node.pid)],
                       check=True)
        for address in addresses:
            extra = ["nodad"] if ":" in address else []
            node.run(["ip", "addr", "add", address, "dev", interface, *extra])
        node.run(["ip", "link", "set", interface, "up"])
        wait_until(lambda: node.link(interface)["operstate"] == "UP", 5, f"{interface} of {node.name} up")

    def cut(self, node: Node) -> None:
        """Takes the node's port down: nobody hears it, it hears nobody. Its own interface loses carrier."""
        self.switch.run(["ip", "link", "set", node.name, "down"])

    def mend(self, node: Node) -> None:
        """Takes the node's port up again."""
        self.switch.run(["ip", "link", "set", node.name, "up"])
