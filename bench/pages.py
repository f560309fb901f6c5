"""Which pages of the machine's memory processes have, from /proc/PID/pagemap."""

import mmap
import re
from array import array
from collections.abc import Iterable
from pathlib import Path

_PRESENT = 1 << 63
_FRAME = (1 << 55) - 1
_RANGE = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) ", re.MULTILINE)
_KERNEL_HALF = 1 << 63


def resident(pids: Iterable[int]) -> int:
    """KiB of memory that at least one of the processes has mapped, a page of several of them once."""
    frames: set[int] = set()
    for pid in pids:
        with open(f"/proc/{pid}/pagemap", "rb", buffering=0) as pagemap:
            for low, high in _RANGE.findall(Path(f"/proc/{pid}/maps").read_text()):
                first, last = int(low, 16), int(high, 16)
                if first >= _KERNEL_HALF:
                    continue
                pagemap.seek(first // mmap.PAGESIZE * 8)
                entries = array("Q", pagemap.read((last - first) // mmap.PAGESIZE * 8))
                frames.update(entry & _FRAME for entry in entries if entry & _PRESENT)
    if frames <= {0}:
        raise RuntimeError("pagemap hides the pages' numbers: this needs CAP_SYS_ADMIN")
    return len(frames) * mmap.PAGESIZE // 1024
