"""Checking large configurations with `-t`."""

import subprocess
import tempfile
from pathlib import Path

import build
from metric import Metric, Subject, Values
from shapes import SHAPES

LIMIT = 120
"""Seconds, after which a check is given up."""
GROWTH = (1, 2, 4)
_TOO_MUCH = {"keepalived": ["manual"]}
"""What takes minutes."""
_ONCE = {"one_instance": 1, "manual": 8}
_SIZES = {"virtual_servers": 2000, "instances": 2000, "instances_by_sequence": 2000, "addresses": 20000}
_TITLES = {
    "one_instance": "one instance",
    "virtual_servers": "{:,} virtual servers with 5 real servers each",
    "instances": "{:,} instances",
    "instances_by_sequence": "{:,} instances by ~SEQ",
    "addresses": "{:,} addresses",
    "manual": "the 65,024 instances of keepalived.conf(5)",
}
_CASES = {f"{shape}_{size}": (shape, size)
          for shape, first in {**_ONCE, **_SIZES}.items()
          for size in ([first] if shape in _ONCE else [first * factor for factor in GROWTH])}

class Refused(Exception):
    """A configuration that is not taken costs little, and says nothing about one that is."""


METRICS = [metric for key, (shape, size) in _CASES.items() for metric in (
    Metric(f"check_cpu_{key}", f"{_TITLES[shape].format(size)}, processor time", "ms", 1,
           bar=1 if shape in _ONCE else 1 / 3),
    Metric(f"check_time_{key}", "the same, time that passes", "ms", 1),
    Metric(f"check_peak_{key}", "the same, memory of the largest process", "KiB", 0, bar=1))]


def measure(subject: Subject) -> Values:
    """Each shape once, and as often as large."""
    values: Values = {}
    with tempfile.TemporaryDirectory() as directory:
        for key, (shape, size) in _CASES.items():
            if shape in _TOO_MUCH.get(subject.program.name, ()):
                continue
            file = Path(directory) / "keepalived.conf"
            file.write_text(SHAPES[shape](size))
            try:
                cpu, passed, peak = check(subject.program, file)
            except Refused as refused:
                print(f"{key}: {refused}")
                continue
            values[f"check_cpu_{key}"] = [cpu * 1e3]
            values[f"check_time_{key}"] = [passed * 1e3]
            values[f"check_peak_{key}"] = [peak]
    return values


def check(program: Path, file: Path) -> tuple[float, float, float]:
    """Seconds of processor time and of a clock, and KiB at most."""
    done = subprocess.run([build.program("cost"), program, "-t", "-f", file], capture_output=True, text=True, check=True,
                          timeout=LIMIT)
    status, cpu, passed, peak = done.stdout.split()
    if int(status) != 0:
        raise Refused(f"{program} -t ends with {status}")
    return float(cpu), float(passed), float(peak)
