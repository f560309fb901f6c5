"""Builds with both compilers, runs every test there is, and adds up what the runners say."""

import argparse
import json
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
FUZZ_SECONDS = 20
WORKERS = 10
"""System tests wait on protocol timers most of the time, so more of them run than there are processors."""


@dataclass
class Tally:
    """What the runners said, added up."""

    passed: int = 0
    failed: int = 0
    skipped: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def fail(self, what: str) -> None:
        """Counts one failure."""
        self.failed += 1
        self.failures.append(what)


def step(title: str, started: float) -> None:
    """Says what begins now."""
    print(f"\n=== {title} ({time.monotonic() - started:.0f} s)", flush=True)


def build(kind: str, tally: Tally) -> bool:
    """One build; a failure counts as a failed test."""
    if subprocess.run([ROOT / "tools" / "build", kind]).returncode == 0:
        tally.passed += 1
        return True
    tally.fail(f"build {kind}")
    return False


def unit_tests(kind: str, tally: Tally) -> None:
    """meson's tests of one build: the cases of each program, not just the programs."""
    directory = BUILD / kind
    subprocess.run(["meson", "test", "-C", directory, "--no-rebuild", "--print-errorlogs"])
    for line in (directory / "meson-logs" / "testlog.json").read_text().splitlines():
        result = json.loads(line)
        name = f"{kind}: {result['name']}"
        if result["result"] == "SKIP":
            tally.skipped.append(f"{name}: {result.get('stdout', '').strip().splitlines()[-1:] or 'no reason given'}")
        elif result["result"] not in ("OK", "EXPECTEDFAIL"):
            tally.fail(name)
        else:
            cases = re.search(r"\[  PASSED  \] (\d+) test", result.get("stdout", ""))
            tally.passed += int(cases.group(1)) if cases else 1


def fuzz(seconds: int, tally: Tally) -> None:
    """A run of each fuzzer from its corpus, two at a time; what it finds stays in build/fuzz."""
    programs = sorted((BUILD / "fuzz" / "tests" / "fuzz").glob("*_fuzz"))
    for first in range(0, len(programs), 2):
        running = [(program, start_fuzzer(program, seconds)) for program in programs[first:first + 2]]
        for program, process in running:
            output = process.communicate()[0]
            executions = re.search(r"stat::number_of_executed_units:\s*(\d+)", output)
            if process.returncode == 0 and executions and int(executions.group(1)) > 0:
                print(f"{program.name}: {executions.group(1)} runs")
                tally.passed += 1
            else:
                print(output)
                tally.fail(f"fuzz {program.name}")
    if not programs:
        tally.fail("fuzz: no program was built")


def start_fuzzer(program: Path, seconds: int) -> "subprocess.Popen[str]":
    """Starts one, with a corpus of its own before the tree's, which it only reads."""
    found = program.with_name(program.name + ".corpus")
    found.mkdir(exist_ok=True)
    corpus = ROOT / "tests" / "fuzz" / "corpus" / program.name.removesuffix("_fuzz")
    return subprocess.Popen([program, f"-max_total_time={seconds}", "-print_final_stats=1", "-rss_limit_mb=1024",
                             f"-artifact_prefix={program}.", found, *([corpus] if corpus.is_dir() else [])],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def python_tests(name: str, directories: list[str], options: list[str], tally: Tally) -> None:
    """pytest over some directories of tests/, added up from its own report."""
    report = BUILD / f"{name}.xml"
    report.unlink(missing_ok=True)
    subprocess.run([sys.executable, "-m", "pytest", "-c", ROOT / "tests" / "pytest.ini", "-q", f"--junit-xml={report}",
                    *options, *(ROOT / "tests" / directory for directory in directories)],
                   env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"})
    if not report.exists():
        tally.fail(f"{name}: pytest wrote no report")
        return
    cases = list(ElementTree.parse(report).iter("testcase"))
    for case in cases:
        title = f"{case.get('classname')}.{case.get('name')}"
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            tally.fail(title)
        elif skipped is not None:
            tally.skipped.append(f"{title}: {skipped.get('message')}")
        else:
            tally.passed += 1
    if not cases:
        tally.fail(f"{name}: no test was collected")


def run(quick: bool, daemon: str | None, fuzz_seconds: int) -> Tally:
    """Everything, in the order that fails soonest."""
    started = time.monotonic()
    tally = Tally()
    options = [f"--daemon={daemon}"] if daemon else []
    if not daemon:
        step("build with g++", started)
        if not build("gcc", tally):
            return tally
        step("unit tests and simulation", started)
        unit_tests("gcc", tally)
    step("system, interop, hostile and packaging tests", started)
    directories = ["system", "interop"] if daemon else ["system", "interop", "hostile", "packaging"]
    python_tests("system", directories, [f"-n{WORKERS}", *options], tally)
    if not daemon:
        step("agreement with keepalived -t", started)
        python_tests("agreement", ["agreement"], [f"-n{os.cpu_count() or 1}"], tally)
    if not quick:
        step("tests under a real systemd, in QEMU", started)
        python_tests("vm", ["vm"], options, tally)
    if not daemon:
        step("build with clang, and with clang's fuzzer", started)
        build("clang", tally)
        if build("fuzz", tally):
            step("fuzzers", started)
            fuzz(fuzz_seconds, tally)
    step("done", started)
    return tally


def main() -> int:
    """Runs, reports, and ends non-zero on any failure."""
    parser = argparse.ArgumentParser(prog="tools/test", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out what needs QEMU")
    parser.add_argument("--daemon", help="only the tests of a running daemon, and with this one")
    parser.add_argument("--fuzz-seconds", type=int, default=FUZZ_SECONDS, metavar="N",
                        help=f"how long each fuzzer runs ({FUZZ_SECONDS})")
    arguments = parser.parse_args()
    tally = run(arguments.quick, arguments.daemon, arguments.fuzz_seconds)
    for line in tally.skipped:
        print(f"skipped: {line}")
    for line in tally.failures:
        print(f"FAILED: {line}")
    print(f"{tally.passed} passed, {tally.failed} failed, {len(tally.skipped)} skipped")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
