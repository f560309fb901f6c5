"""What a checker says about a configuration: keepalived or Holdfast, each in a machine of its own."""

import json
import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from surroundings import Surroundings

ROOT = Path(__file__).resolve().parents[2]
CONFIG_ID = "main"
TIMEOUT = 40
_KEEPALIVED_LINE = re.compile(r"(?:\((?:(?P<file>.*): )?Line (?P<line>\d+)\) )?(?P<text>.*)")
_CONSEQUENCE = re.compile(r"Unknown keyword |Unexpected '\{' - ignoring|Extra '\}' found|\*\*\* Configuration line starting ")
_NOT_A_BLOCK = re.compile(r"Unexpected '\{'|Group list already specified|garp_group already specified")
_ABORTED, _PROBLEM = 2, 5

@dataclass(frozen=True)
class Remark:
    """One message. Line 0: about no line."""

    line: int
    text: str
    file: str = ""
    notice: bool = False
    """Whether it is only for information: it changes no exit status."""


@dataclass(frozen=True)
class Verdict:
    """The exit status and all that was said, repetitions left out."""

    status: int
    remarks: frozenset[Remark]
    aborted: bool = False
    """Whether the reading ended before the file did."""

    @property
    def crashed(self) -> bool:
        """Whether the program was ended by a signal, or had to be."""
        return self.status < 0 or self.status >= 124

    def lines(self) -> set[tuple[str, int]]:
        """The lines that something was said about, each with its file (empty: the file itself)."""
        return {(remark.file, remark.line) for remark in self.remarks if remark.line}


def _check(argv: Sequence[str], path: Path, surroundings: Surroundings) -> tuple[int, str]:
    """Runs a checker on a file."""
    with tempfile.TemporaryDirectory() as cover:
        command = surroundings.command([ROOT, path.parent], Path(cover), [*argv, "-i", CONFIG_ID, "-f", str(path)])
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, errors="replace", timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            return 124, ""
    return done.returncode, done.stdout


def keepalived_remark(message: str, path: Path) -> Remark:
    """One line of keepalived's, of which some begin with the line that they are about."""
    match = _KEEPALIVED_LINE.fullmatch(message)
    assert match is not None
    file = match["file"] or ""
    return Remark(int(match["line"] or 0), match["text"].strip(), "" if file == str(path) else file)


def ask_keepalived(program: Path, path: Path, surroundings: Surroundings) -> Verdict:
    """What keepalived says."""
    status, output = _check([str(program), "-t"], path, surroundings)
    remarks = {keepalived_remark(line, path) for line in output.splitlines() if line.strip()}
    # The same is said with and without a line, by different readings of the file.
    lined = {remark.text for remark in remarks if remark.line}
    return Verdict(status, frozenset(remark for remark in remarks if remark.line or remark.text not in lined),
                   status == _ABORTED)


def ask_holdfast(program: Path, path: Path, surroundings: Surroundings) -> Verdict:
    """What Holdfast says, its notices included."""
    status, output = _check([str(program), "-t", "--format=json"], path, surroundings)
    remarks = set()
    for line in output.splitlines():
        if not line.startswith("{"):
            remarks.add(Remark(0, line))
            continue
        said = json.loads(line)
        file = said.get("file", "")
        remarks.add(Remark(said.get("line", 0), said["message"], "" if file == str(path) else file,
                           said.get("severity") == "notice"))
    return Verdict(status, frozenset(remarks), status == _ABORTED)


def _words(line: str) -> str:
    """A line without what is quoted and without its comment."""
    return re.sub(r"[#!].*", "", re.sub(r'"[^"]*"', "", line))


def _outermost_end(lines: Sequence[str], first: int) -> int:
    """The line where the outermost block ends that line `first` is in; both count from 1."""
    depth = 0
    for number, line in enumerate(lines, 1):
        words = _words(line)
        depth = max(0, depth + words.count("{") - words.count("}"))
        if number >= first and depth == 0 and "}" in words:
            return number
    return len(lines)


def without_consequences(verdict: Verdict, source: str) -> Verdict:
    """The verdict without what is only said because a block was not known, or not wanted: keepalived reads its
    lines as if they were the outer block's, whose end it then takes the brace for, so that the rest of that is
    not known either, and may end at a line of one word. The mistake is the first one."""
    lines = source.split("\n")
    blocks = [(remark.line, _outermost_end(lines, remark.line)) for remark in verdict.remarks
              if _NOT_A_BLOCK.match(remark.text) and not remark.file and 0 < remark.line <= len(lines)]

    def follows(remark: Remark) -> bool:
        return (not remark.file and _CONSEQUENCE.match(remark.text) is not None
                and any(first < remark.line <= last for first, last in blocks))

    left = frozenset(remark for remark in verdict.remarks if not follows(remark))
    ended = any(remark.text.startswith("*** ") for remark in left)
    status = _PROBLEM if verdict.aborted and left and not ended else verdict.status
    return Verdict(status, left, verdict.aborted)
