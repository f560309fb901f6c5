"""What Holdfast says differently, and the reviewed list of the differences that are wanted."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from verdict import Verdict

HUNG = 124


def _ended(verdict: Verdict) -> str:
    return "did not end" if verdict.status == HUNG else "crashed"


def between(theirs: Verdict, ours: Verdict) -> Iterator[str]:
    """Where the second verdict is not the first, or says less: one text each, as the list has it."""
    if theirs.crashed:
        # There is no answer to compare with; it is on the list because it is keepalived's mistake.
        yield f"keepalived {_ended(theirs)}"
        if ours.crashed:
            yield f"Holdfast {_ended(ours)}"
        return
    if theirs.status != ours.status:
        yield f"status {theirs.status}, ours {ours.status}"
    # Where something is missing, keepalived names the line where it noticed, such as a block's last.
    ours_say = {remark.text for remark in ours.remarks}
    unsaid = {remark for remark in theirs.remarks if remark.text not in ours_say}
    for file, line in sorted({(remark.file, remark.line) for remark in unsaid if remark.line} - ours.lines()):
        said = sorted(remark.text for remark in unsaid if (remark.file, remark.line) == (file, line))
        yield f"{'line' if not file else Path(file).name + ' line'} {line}: {' / '.join(said)}"
    for remark in sorted(unsaid, key=lambda remark: remark.text):
        if not remark.line:
            yield f"said: {remark.text}"


def reviewed(path: Path) -> dict[str, dict[str, str]]:
    """The list: for each file what differs, with the reason. Three columns between tabs."""
    wanted: dict[str, dict[str, str]] = defaultdict(dict)
    for number, row in enumerate(path.read_text().splitlines(), 1):
        if not row or row.startswith("#"):
            continue
        columns = row.split("\t")
        if len(columns) != 3 or not all(columns):
            raise ValueError(f"{path}:{number}: three columns are needed: file, what differs, reason")
        file, what, _ = columns
        if what in wanted[file]:
            raise ValueError(f"{path}:{number}: {file}: twice: {what}")
        wanted[file][what] = columns[2]
    return wanted


def explain(found: set[str], wanted: set[str], theirs: Verdict, ours: Verdict) -> str:
    """Why a comparison failed, for whoever has to look into it."""
    lines = [f"not on the list:  {what}" for what in sorted(found - wanted)]
    lines += [f"not needed any more, take it from the list:  {what}" for what in sorted(wanted - found)]
    for who, verdict in (("keepalived", theirs), ("Holdfast", ours)):
        lines.append(f"{who}, status {verdict.status}:")
        lines += [f"    {remark.file}:{remark.line}: {remark.text}"
                  for remark in sorted(verdict.remarks, key=lambda remark: (remark.file, remark.line, remark.text))]
    return "\n".join(lines)
