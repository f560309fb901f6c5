"""What /proc says of processes: read by the tests themselves, independently of the product."""

import contextlib
import os
import pwd
import signal
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """A process, by its number in the machine's own namespace."""

    pid: int

    @cached_property
    def status(self) -> dict[str, str]:
        """/proc/PID/status, by field name."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    @cached_property
    def arguments(self) -> list[str]:
        """The command line."""
        return Path(f"/proc/{self.pid}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]

    @cached_property
    def program(self) -> str:
        """The file name of the executable."""
        return os.path.basename(os.readlink(f"/proc/{self.pid}/exe"))

    def numbers(self, field: str) -> list[int]:
        """A status field that is a list of decimal numbers, such as Uid."""
        return [int(word) for word in self.status[field].split()]

    def capabilities(self, which: str) -> int:
        """A capability set as a mask; `which` is Inh, Prm, Eff, Bnd or Amb."""
        return int(self.status[f"Cap{which}"], 16)

    def descriptors(self) -> dict[int, str]:
        """Open descriptors and what they are."""
        found = {}
        for entry in Path(f"/proc/{self.pid}/fd").iterdir():
            # One that is closed between the two looks is not open.
            with contextlib.suppress(FileNotFoundError):
                found[int(entry.name)] = os.readlink(entry)
        return found

    def alive(self) -> bool:
        """Whether it exists and is not a zombie."""
        return is_alive(self.pid)

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Sends it a signal."""
        os.kill(self.pid, number)


def is_alive(pid: int) -> bool:
    """Whether the process exists and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children(pid: int) -> list[int]:
    """The processes that `pid` has started and not yet reaped."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def in_pid_namespace(pid: int) -> list[Process]:
    """The living processes of `pid`'s process namespace."""
    namespace = os.stat(f"/proc/{pid}/ns/pid").st_ino
    found = []
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and os.stat(f"/proc/{entry}/ns/pid").st_ino == namespace and is_alive(int(entry)):
                found.append(Process(int(entry)))
        except OSError:
            continue
    return sorted(found, key=lambda process: process.pid)


def chown(path: Path, owner: str) -> None:
    """Gives a file to a user and that user's group."""
    user = pwd.getpwnam(owner)
    os.chown(path, user.pw_uid, user.pw_gid)
