"""Asks both daemons about many objects at once: starting a process for each would take too long."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scaffolding import GLOBALS, Object, support
from surroundings import Surroundings
from verdict import Verdict, ask_holdfast, ask_keepalived, without_consequences

MACHINE = Surroundings(interfaces=("bond0", "eth0", "eth1", "eth2"))


@dataclass(frozen=True)
class Disagreement:
    """An object that one daemon accepts and the other does not."""

    object: Object
    theirs: Verdict
    ours: Verdict

    def __str__(self) -> str:
        said = "\n".join(f"  {who} {verdict.status}: " + " | ".join(
            sorted(f"{remark.line}: {remark.text}" for remark in verdict.remarks if not remark.notice))
            for who, verdict in (("keepalived", self.theirs), ("Holdfast  ", self.ours)))
        return f"{self.object.keyword.path}: {self.object.line!r}\n{said}"


class Judges:
    """Both daemons, and a directory for the files."""

    def __init__(self, reference: Path, program: Path, directory: Path) -> None:
        self._reference, self._program, self._directory = reference, program, directory
        self._files = 0
        self.crashed: list[Object] = []
        """Objects that keepalived has no answer to."""

    def _ask(self, text: str) -> tuple[Verdict, Verdict]:
        self._files += 1
        path = self._directory / f"{self._files}.conf"
        path.write_text(text)
        theirs = without_consequences(ask_keepalived(self._reference, path, MACHINE), text)
        return theirs, ask_holdfast(self._program, path, MACHINE)

    def alone(self, one: Object) -> Disagreement | None:
        """The object in a file of its own: only this decides."""
        text = support(one.text) + one.text
        theirs, ours = self._ask(text)
        if theirs.crashed:
            self.crashed.append(one)
            return Disagreement(one, theirs, ours) if ours.crashed else None
        return Disagreement(one, theirs, ours) if theirs.status != ours.status else None

    def together(self, objects: Sequence[Object]) -> Iterator[Disagreement]:
        """The objects in one file, then those alone that the daemons seem to disagree about."""
        text, places = _in_one_file(objects)
        theirs, ours = self._ask(text)
        if theirs.crashed or theirs.aborted or ours.aborted:
            # One of them ends the reading: there is no answer about the others.
            if len(objects) > 1:
                half = len(objects) // 2
                yield from self.together(objects[:half])
                yield from self.together(objects[half:])
            elif (found := self.alone(objects[0])) is not None:
                yield found
            return
        for one, place in zip(objects, places):
            if _rejects(theirs, one, place) != _rejects(ours, one, place):
                found = self.alone(one)
                if found is not None:
                    yield found


def _in_one_file(objects: Sequence[Object]) -> tuple[str, list[tuple[int, int]]]:
    """The objects one after the other, and the first and last line of each. Lines of global_defs stand in
    one block together."""
    of_global_defs = [one for one in objects if one.keyword.block == "global_defs"]
    if of_global_defs:
        assert len(of_global_defs) == len(objects)
        before, after = GLOBALS.split("    HERE\n")
        texts = [one.line + "\n" for one in objects]
    else:
        texts = [one.text for one in objects]
        before, after = support("".join(texts)), ""
    places, line = [], before.count("\n") + 1
    for text in texts:
        places.append((line, line + text.count("\n") - 1))
        line += text.count("\n")
    text = before + "".join(texts) + after
    return (text + support(text) if of_global_defs else text), places


def _rejects(verdict: Verdict, one: Object, place: tuple[int, int]) -> bool:
    """Whether something is said about the object: about one of its lines, or with its name."""
    first, last = place
    names = re.compile("|".join(rf"(?<![\w.]){re.escape(name)}(?![\w.]|\.\d)" for name in one.names))
    return any(first <= remark.line <= last if remark.line else names.search(remark.text) is not None
               for remark in verdict.remarks if not remark.notice)
