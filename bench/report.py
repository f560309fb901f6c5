"""The measured values as a table, as JSON, and in a page of the documentation."""

import json
import os
import platform
import re
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from metric import Metric, Subject, Values

_MARKED = re.compile(r"(?<=<!-- measured -->\n).*(?=<!-- end of measured -->)", re.DOTALL)


@dataclass
class Results:
    """All that was measured in one call, of both subjects."""

    subjects: Sequence[Subject]
    metrics: dict[str, list[Metric]]
    """By group, in the order of the table."""
    values: list[Values]
    """One for each subject."""
    runs: int
    failures: list[str]

    def rows(self) -> list[tuple[str, ...]]:
        """The cells of the table, the heading first."""
        rows = [("", "", *(f"{subject.label}: median (min–max)" for subject in self.subjects), "ratio", "of the best")]
        for group, metrics in self.metrics.items():
            for metric in metrics:
                both = [values.get(metric.key, []) for values in self.values]
                rows.append((group, f"{metric.title}, {metric.unit}",
                             *(_range(metric, measured) for measured in both),
                             _ratio(both, statistics.median), _ratio(both, min) + _verdict(metric, both)))
        return rows

    def text(self) -> str:
        """For a terminal."""
        rows = self.rows()
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
        return "\n".join([*self.circumstances(), "", lines[0], "-" * sum(widths, 2 * len(widths)), *lines[1:]])

    def markdown(self) -> str:
        """For a page."""
        lines = ["| " + " | ".join(row) + " |" for row in self.rows()]
        return "\n".join(["", *(f"- {line}" for line in self.circumstances()), "", lines[0],
                          "|---" * len(self.rows()[0]) + "|", *lines[1:], "", ""])

    def update(self, page: Path) -> None:
        """Puts the table in the place that the page has for it."""
        text = page.read_text()
        if not _MARKED.search(text):
            raise RuntimeError(f"{page} has no place for a table")
        page.write_text(_MARKED.sub(lambda _: self.markdown(), text))

    def json(self) -> str:
        """Every value."""
        return json.dumps({"circumstances": self.circumstances(), "runs": self.runs, "failures": self.failures,
                           "values": {subject.label: values for subject, values in zip(self.subjects, self.values)}},
                          indent=1) + "\n"

    def circumstances(self) -> list[str]:
        """What was measured, where, how often."""
        return [*(f"{subject.label}: {version(subject.program)}" for subject in self.subjects), machine(),
                f"{self.runs} runs of each, alternating, {time.strftime('%Y-%m-%d')}; "
                f"load average {os.getloadavg()[1]:.1f} while this ran",
                *(f"NOT MEASURED: {failure}" for failure in self.failures)]


def _range(metric: Metric, values: list[float]) -> str:
    if not values:
        return "–"
    middle, low, high = (f"{value:.{metric.digits}f}" for value in
                         (statistics.median(values), min(values), max(values)))
    return f"{middle} ({low}–{high})"


def _ratio(both: list[list[float]], what: Callable[[list[float]], float]) -> str:
    if not all(both) or what(both[1]) <= 0:
        return "–"
    return f"{what(both[0]) / what(both[1]):.2f}"


def _verdict(metric: Metric, both: list[list[float]]) -> str:
    if metric.bar is None or not all(both):
        return ""
    return f" (bar {metric.bar:.2f}: {'met' if min(both[0]) <= metric.bar * min(both[1]) else 'not met'})"


def version(program: Path) -> str:
    """What the program says of itself."""
    done = subprocess.run([program, "--version"], capture_output=True, text=True)
    return ((done.stderr or done.stdout).splitlines() or ["unknown version"])[0].strip()


def machine() -> str:
    """The processor, the memory and the kernel."""
    name = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    return (f"{len(os.sched_getaffinity(0))} cores ({name.group(1) if name else platform.machine()}), "
            f"{int(memory.group(1)) / 2**20 if memory else 0:.1f} GiB, Linux {platform.release()}")
