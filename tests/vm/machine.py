"""Guests under QEMU, without acceleration: Debian's kernel, the host's root file system, a real systemd."""

import json
import select
import shlex
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from harness.capture import Recorder
from harness.node import ROOT, Machine
from harness.wait import Timeout

BUILD = ROOT / "build" / "vm"
MEMORY_MB = 1024
BOOT_SECONDS = 400
"""For all guests that boot side by side; on an idle machine it takes about twenty."""


class Wire(Recorder):
    """Joins the guests' network cards, as a hub does, and sees every frame. A context manager."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory
        self._ports: dict[str, socket.socket] = {}
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._forward, daemon=True)
        self._thread.start()

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self._wake.close()
        self._thread.join()
        for port in self._ports.values():
            port.close()
        self._woken.close()

    def attach(self, name: str) -> str:
        """A port for the guest of that name, as the value of QEMU's -netdev."""
        port = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        port.bind(str(self._directory / f"hub-{name}"))
        self._ports[name] = port
        self._wake.send(b"\0")
        return (f"dgram,id=wire,local.type=unix,local.path={self._directory}/{name},"
                f"remote.type=unix,remote.path={self._directory}/hub-{name}")

    def _forward(self) -> None:
        while True:
            ports = dict(self._ports)
            ready = select.select([self._woken, *ports.values()], [], [])[0]
            if self._woken in ready and not self._woken.recv(64):
                return
            for name, port in ports.items():
                if port in ready:
                    self._carry(name, port.recv(1 << 16))

    def _carry(self, name: str, frame: bytes) -> None:
        self.record(time.time(), name, frame)
        for other in self._ports:
            if other != name:
                try:
                    self._ports[name].sendto(frame, socket.MSG_DONTWAIT, str(self._directory / other))
                except OSError:
                    continue  # a guest that is not there yet, or does not keep up, loses the frame


class Guest(Machine):
    """One guest. Its interface is ens160; commands go to an agent that runs as root in it."""

    def __init__(self, name: str, number: int, wire: Wire, directory: Path) -> None:
        super().__init__(name)
        self._console = directory / f"{name}.console"
        version = (BUILD / "version").read_text().strip()
        shares = [f"local,path={path},mount_tag={tag},security_model=none,readonly=on,multidevs=remap"
                  for path, tag in (("/", "hostroot"), (BUILD / "modules", "hostmods"))]
        words = ["console=ttyS0", "panic=-1", "mitigations=off", "SYSTEMD_COLORS=0",
                 f"holdfast.root={ROOT}", f"holdfast.version={version}", f"holdfast.name={name}"]
        # Connected before the guest's first instruction: what a guest writes to a serial line that nobody has
        # connected to yet, QEMU throws away.
        self._agent, line = socket.socketpair()
        self._buffered = b""
        # It must not outlive whoever runs the tests, however that ends.
        self._qemu = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-smp", "1",
             "-m", str(MEMORY_MB), "-nodefaults", "-display", "none", "-no-reboot",
             "-kernel", BUILD / "vmlinuz", "-initrd", BUILD / "initrd", "-append", " ".join(words),
             "-virtfs", shares[0], "-virtfs", shares[1],
             "-netdev", wire.attach(name), "-device", f"virtio-net-pci,netdev=wire,mac=52:54:00:00:00:{number:02x}",
             "-serial", f"file:{self._console}", "-chardev", f"socket,id=agent,fd={line.fileno()}",
             "-serial", "chardev:agent"],
            stdin=subprocess.DEVNULL, start_new_session=True, pass_fds=[line.fileno()])
        line.close()

    def close(self) -> None:
        """Takes the power away."""
        self._qemu.kill()
        self._qemu.wait()
        self._agent.close()

    def console(self) -> str:
        """What the kernel, systemd and the agent have said on the console so far."""
        said = self._console.read_bytes() if self._console.exists() else b""
        return said.decode(errors="replace").replace("\r", "")

    def wait_booted(self, deadline: float) -> None:
        """Waits until systemd has started the agent, which greets, or until the monotonic clock says `deadline`."""
        self._answer(deadline)

    def run(self, argv: Sequence[str] | str, check: bool = True, timeout: float = 60,
            text: str = "") -> subprocess.CompletedProcess[str]:
        """Runs a command in the guest, with `text` as its input; standard error is part of its output."""
        words = shlex.split(argv) if isinstance(argv, str) else list(argv)
        request = {"argv": words, "timeout": timeout, "input": text}
        deadline = time.monotonic() + timeout + 10
        self._agent.settimeout(timeout + 10)
        with suppress(OSError):  # QEMU has ended, and the missing answer says so with all that is known
            self._agent.sendall(json.dumps(request).encode() + b"\n")
        answer = self._answer(deadline)
        if check and answer["status"] != 0:
            raise RuntimeError(f"{self.name}: {shlex.join(words)}: status {answer['status']}: {answer['output']}")
        return subprocess.CompletedProcess(words, int(str(answer["status"])), str(answer["output"]), "")

    def _answer(self, deadline: float) -> dict[str, object]:
        while b"\n" not in self._buffered:
            self._agent.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                received = self._agent.recv(1 << 16)
            except OSError:
                received = b""
            if not received:
                raise Timeout(self._silence())
            self._buffered += received
        line, _, self._buffered = self._buffered.partition(b"\n")
        answer: dict[str, object] = json.loads(line)
        return answer

    def _silence(self) -> str:
        try:
            # A QEMU that ends closes the line a moment before it is gone.
            state = f"QEMU has ended with status {self._qemu.wait(1)}"
        except subprocess.TimeoutExpired:
            state = "QEMU still runs"
        console = self.console()[-3000:] or "(nothing)"
        return f"{self.name} does not answer; {state}; the end of its console:\n{console}"

    def write(self, path: str, text: str, mode: int = 0o644, owner: str = "root") -> None:
        """Writes a file in the guest."""
        self.run(["install", "-D", "-m", f"{mode:o}", "-o", owner, "-g", owner, "/dev/stdin", path], text=text)

    def journal(self, unit: str) -> str:
        """What the unit has logged since the boot."""
        return self.run(["journalctl", "-u", unit, "--no-pager", "-o", "cat"]).stdout
