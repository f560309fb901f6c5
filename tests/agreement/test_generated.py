"""Generated configurations: every keyword with every sample, and some together. Both daemons accept the
same ones."""

import dataclasses
import fnmatch
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from batches import Disagreement, Judges
from generator import every_line, files, some_objects, unknown_blocks
from keywords import Keyword, listed
from scaffolding import ALONE, OBJECTS, SYNONYMS, Object

HERE = Path(__file__).parent
AT_ONCE = 200
"""Objects of one seed."""


@dataclass(frozen=True)
class Wanted:
    """A row of the reviewed list."""

    path: str
    line: str
    reason: str

    def covers(self, one: Object) -> bool:
        """Whether the object is what the row is about: one of its lines is."""
        return (any(fnmatch.fnmatchcase(keyword.path, self.path) for keyword in (one.keyword, *one.others))
                and any(re.fullmatch(self.line, line.strip()) for line in one.text.splitlines()))


def reviewed(path: Path) -> list[Wanted]:
    """The list; three columns between tabs."""
    return [Wanted(*row.split("\t")) for row in path.read_text().splitlines() if row and not row.startswith("#")]


WANTED = reviewed(HERE / "generated_differences.tsv")
TOGETHER = WANTED + reviewed(HERE / "together_differences.tsv")
"""Those of several lines in one object are not in every run: nobody asks whether they are needed."""


@pytest.fixture(scope="session")
def keywords(request: pytest.FixtureRequest) -> list[Keyword]:
    """The tables of the daemon under test."""
    return listed(request.config.getoption("--daemon"))


@pytest.fixture
def judges(program: Path, reference: Path, tmp_path: Path) -> Judges:
    """Both daemons."""
    return Judges(reference, program, tmp_path)


def disagreements(judges: Judges, objects: Iterable[Object]) -> Iterator[Disagreement]:
    """What they disagree about."""
    for together in files(list(objects)):
        if len(together) > 1:
            yield from judges.together(together)
        elif (found := judges.alone(together[0])) is not None:
            yield found


def report(found: list[Disagreement], crashed: list[Object]) -> str:
    """Why a test failed, and what keepalived has no answer to."""
    return "\n".join([f"{len(found)} disagreements, {len(crashed)} crashes of keepalived", *map(str, found),
                      *(f"keepalived crashes: {one.keyword.path}: {one.line!r}" for one in crashed)])


@pytest.mark.parametrize("block", [*ALONE, *OBJECTS], ids=lambda block: block or "root")
def test_every_line(block: str, keywords: list[Keyword], judges: Judges) -> None:
    """Each keyword of the block with each sample."""
    objects = list(every_line([dataclasses.replace(keyword, block=block) for keyword in keywords
                               if keyword.block == SYNONYMS.get(block, block)]))
    assert objects, f"the tables have nothing in {block}"
    found = list(disagreements(judges, objects))
    unwanted = [one for one in found if not any(row.covers(one.object) for row in WANTED)]
    if unwanted:
        pytest.fail(report(unwanted, judges.crashed), pytrace=False)
    unneeded = [row for row in WANTED if any(row.covers(one) for one in objects)
                and not any(row.covers(one.object) for one in found)]
    assert not unneeded, f"not needed any more in {block}, take it from the list: {unneeded}"


def test_every_block_is_generated(keywords: list[Keyword]) -> None:
    """A block that is new in the tables needs an object in scaffolding.py."""
    assert not unknown_blocks(keywords)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each seed."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(1, metafunc.config.getoption("--seeds") + 1))


def test_some_lines_together(seed: int, keywords: list[Keyword], judges: Judges) -> None:
    """A few lines in one object, some misspelt, repeated, or in the wrong block."""
    found = list(disagreements(judges, some_objects(keywords, seed, AT_ONCE)))
    unwanted = [one for one in found if not any(row.covers(one.object) for row in TOGETHER)]
    if unwanted:
        pytest.fail(report(unwanted, judges.crashed), pytrace=False)
