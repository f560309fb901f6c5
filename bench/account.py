"""Processor time of a daemon and all that it starts, from a control group of its own."""

import os
from pathlib import Path

from harness.wait import wait_until


def _mounted() -> Path:
    """Where the control groups of version 2 are; their accounting needs no controller."""
    for line in Path("/proc/mounts").read_text().splitlines():
        _, place, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(place)
    raise RuntimeError("no cgroup2 file system is mounted, and processor time is read there")


class Account:
    """A control group: exact, to the microsecond, and it remembers who has ended. A context manager;
    leaving it removes the group, so whatever is in it has to have ended."""

    _made = 0

    def __init__(self) -> None:
        Account._made += 1
        self._group = _mounted() / f"holdfast-bench-{os.getpid()}-{Account._made}"

    def __enter__(self) -> "Account":
        self._group.mkdir()
        return self

    def __exit__(self, *_: object) -> None:
        wait_until(lambda: not self.members.read_text(), 10, f"{self._group} empty")
        self._group.rmdir()

    @property
    def members(self) -> Path:
        """The file that a process writes 0 to in order to join."""
        return self._group / "cgroup.procs"

    @property
    def prefix(self) -> list[str]:
        """What to put before a command so that it runs in the group."""
        return ["sh", "-c", f'echo 0 > {self.members} && exec "$@"', "sh"]

    def seconds(self) -> float:
        """Processor time used so far."""
        for line in (self._group / "cpu.stat").read_text().splitlines():
            name, value = line.split()
            if name == "usage_usec":
                return int(value) / 1e6
        raise RuntimeError(f"{self._group}/cpu.stat has no usage_usec")
