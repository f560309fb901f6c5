"""Running Holdfast, or keepalived in its place, in a node."""

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from . import proc
from .node import ROOT, Node
from .wait import Timeout, wait_until

HOLDFAST = ROOT / "build" / "stage" / "sbin" / "holdfast"
KEEPALIVED = Path("/usr/sbin/keepalived")
CONFIGURATION = "/run/test/keepalived.conf"


@contextmanager
def replaced(node: Node, worker: str, by: str) -> Iterator[None]:
    """Within it, who starts `worker` in the node, such as holdfast-vrrpd, starts the program `by` instead."""
    path = str(HOLDFAST.parents[1] / "libexec" / "holdfast" / worker)
    node.run(["mount", "--bind", by, path])
    yield
    node.run(["umount", "--lazy", path])


def idle(node: Node) -> str:
    """A program in the node that does nothing, whatever it is told."""
    path = "/run/test/idle"
    node.write(path, "#!/bin/sh\nexec sleep 1000\n", 0o755)
    return path


@dataclass(frozen=True)
class Line:
    """A line of the log, and when it was read (time.time())."""

    time: float
    text: str


class Log:
    """The console log of one run, read by a thread as it comes."""

    def __init__(self, descriptor: int) -> None:
        self._lines: list[Line] = []
        self._changed = threading.Condition()
        self._ended = False
        threading.Thread(target=self._read, args=(descriptor,), daemon=True).start()

    def _read(self, descriptor: int) -> None:
        with os.fdopen(descriptor, encoding="utf-8", errors="replace") as stream:
            for text in stream:
                self._append(Line(time.time(), text.rstrip("\n")))
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _append(self, line: Line) -> None:
        with self._changed:
            self._lines.append(line)
            self._changed.notify_all()

    def mark(self) -> int:
        """How many lines there are now; `since` below."""
        with self._changed:
            return len(self._lines)

    def lines(self, since: int = 0) -> list[Line]:
        """The lines from `since` on."""
        with self._changed:
            return self._lines[since:]

    def find(self, pattern: str, since: int = 0) -> list[Line]:
        """The lines from `since` on that match the regular expression."""
        return [line for line in self.lines(since) if re.search(pattern, line.text)]

    def wait(self, pattern: str, timeout: float, since: int = 0) -> Line:
        """Waits for the first line from `since` on that matches the regular expression."""
        deadline = time.monotonic() + timeout
        with self._changed:
            seen = since
            while True:
                for line in self._lines[seen:]:
                    if re.search(pattern, line.text):
                        return line
                seen = len(self._lines)
                left = deadline - time.monotonic()
                if left <= 0 or self._ended:
                    raise Timeout(f"not logged within {timeout:g} s: {pattern}\n{self._tail()}")
                self._changed.wait(left)

    def _tail(self) -> str:
        return "\n".join(f"  {line.text}" for line in self._lines[-40:])


class Daemon:
    """One run of the daemon in a node: `-n -l -D`, its own configuration file, its log collected."""

    def __init__(self, node: Node, program: Path, configuration: str | None,
                 options: Sequence[str] = (), prefix: Sequence[str] = ()) -> None:
        """Starts it. Without a `configuration`, `options` say all. `prefix` is put before the
        command, for setpriv or a shell."""
        self.node = node
        self.program = program
        arguments = ["-n", "-l", "-D"]
        if configuration is not None:
            node.write(CONFIGURATION, configuration)
            arguments += ["-f", CONFIGURATION]
        reader, writer = os.pipe()
        self._entering = node.spawn([*prefix, str(program), *arguments, *options], stdin=subprocess.DEVNULL,
                                    stdout=writer, stderr=writer)
        os.close(writer)
        self.log = Log(reader)

    @property
    def pid(self) -> int:
        """The first process: keepalived's parent, or the supervisor."""
        return wait_until(lambda: proc.children(self._entering.pid), 5, f"{self.program.name} started")[0]

    def processes(self) -> list[proc.Process]:
        """The first process and all that it started, of those that have not ended."""
        found, todo = [], [self.pid]
        while todo:
            pid = todo.pop()
            process = proc.Process(pid)
            # Its name is read now and kept: one that ends while a test looks can still be told from the others.
            with suppress(OSError):
                if process.program:
                    found.append(process)
            todo += proc.children(pid)
        return found

    def process(self, program: str) -> proc.Process:
        """The one process of that program, such as holdfast-vrrpd, waited for."""
        def search() -> list[proc.Process]:
            return [process for process in self.processes() if process.program == program]
        return wait_until(search, 5, f"a process of {program}")[0]

    def running(self) -> bool:
        """Whether the first process has not ended."""
        return self._entering.poll() is None

    def signal(self, number: int) -> None:
        """Sends the first process a signal."""
        os.kill(self.pid, number)

    def wait(self, timeout: float) -> int:
        """Waits for the end of the first process: its exit status, or 128 and the signal's number."""
        return self._entering.wait(timeout)

    def stop(self, timeout: float = 10) -> int:
        """Stops it as an operator would, and waits."""
        if self.running():
            self.signal(signal.SIGTERM)
        return self.wait(timeout)

    def crash(self) -> None:
        """Kills all of its processes at once, as a power cut would: nobody says goodbye."""
        processes = self.processes()
        for process in processes:
            process.kill(signal.SIGSTOP)
        for process in processes:
            process.kill(signal.SIGKILL)

        def gone() -> bool:
            # nsenter stops itself when its child is stopped, and would not see the child's end.
            self._entering.send_signal(signal.SIGCONT)
            return self._entering.poll() is not None

        wait_until(gone, 5, f"{self.program.name} killed")
