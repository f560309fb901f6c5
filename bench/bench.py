"""Measures Holdfast against Debian's keepalived, both in one run, and prints medians and their ratio."""

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

from harness.daemon import HOLDFAST, KEEPALIVED
from harness.wait import Timeout

import measures
from metric import Subject, Values
from report import Results


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="of each daemon, alternating (%(default)s)")
    parser.add_argument("--daemon", type=Path, default=HOLDFAST, metavar="PATH", help="what is measured (%(default)s)")
    parser.add_argument("--against", type=Path, default=KEEPALIVED, metavar="PATH",
                        help="what it is compared with (%(default)s)")
    parser.add_argument("--only", action="append", choices=measures.ALL, metavar="GROUP",
                        help=f"may be repeated: {', '.join(measures.ALL)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every value to FILE")
    parser.add_argument("--update", type=Path, metavar="PAGE", help="put the table into docs/performance.md")
    chosen = parser.parse_args()
    if os.geteuid() != 0:
        parser.error("this makes network namespaces: run it as root")
    for program in (chosen.daemon, chosen.against):
        if not os.access(program, os.X_OK):
            parser.error(f"{program} is not there: tools/build makes Holdfast, tools/setup installs keepalived")
    return chosen


def say(text: str) -> None:
    """Progress, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def measure(groups: list[str], subjects: list[Subject], runs: int) -> Results:
    """Everything, the subjects taking turns."""
    results = Results(subjects, {group: measures.ALL[group].METRICS for group in groups},
                      [{} for _ in subjects], runs, [])
    for run in range(runs):
        for group in groups:
            for subject, values in zip(subjects, results.values):
                say(f"run {run + 1} of {runs}: {group}: {subject.label}")
                try:
                    add(values, measures.ALL[group].measure(subject))
                except (Timeout, subprocess.TimeoutExpired) as failure:
                    results.failures.append(f"{group} of {subject.label}, run {run + 1}: {failure}")
    say("")
    return results


def add(values: Values, more: Values) -> None:
    """Appends the values of one more run."""
    for key, measured in more.items():
        values.setdefault(key, []).extend(measured)


def main() -> int:
    """Measures and reports; non-zero where something could not be measured."""
    chosen = arguments()

    def leave(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    same = chosen.daemon.name == chosen.against.name
    subjects = [Subject(chosen.daemon.name + (" (first)" if same else ""), chosen.daemon.resolve()),
                Subject(chosen.against.name + (" (second)" if same else ""), chosen.against.resolve())]
    results = measure(chosen.only or list(measures.ALL), subjects, chosen.runs)
    print(results.text())
    if chosen.json:
        chosen.json.write_text(results.json())
    if chosen.update:
        results.update(chosen.update)
    return 1 if results.failures else 0


if __name__ == "__main__":
    sys.exit(main())
