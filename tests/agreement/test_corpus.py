"""Configurations of other people, where --corpus or HOLDFAST_CORPUS names a directory of them."""

import os
from pathlib import Path

import pytest

from differences import between, explain, reviewed
from harness.daemon import KEEPALIVED
from surroundings import named_in
from verdict import Verdict, ask_holdfast, ask_keepalived, keepalived_remark, without_consequences

HERE = Path(__file__).parent
WANTED = reviewed(HERE / "corpus_differences.tsv")
RECORDED_AS = Path("/etc/keepalived/keepalived.conf")
"""Where the files were when the answers in REFERENCE.tsv were recorded."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each file."""
    if "path" not in metafunc.fixturenames:
        return
    corpus: Path | None = metafunc.config.getoption("--corpus")
    if corpus is None:
        metafunc.parametrize("path", [pytest.param(Path(), marks=pytest.mark.skip(
            reason="no corpus: neither --corpus nor HOLDFAST_CORPUS names a directory"))], ids=["none"])
        return
    files = sorted(corpus.resolve().glob("*.conf"))
    if not files:
        raise pytest.UsageError(f"--corpus: no configuration is in {corpus}")
    metafunc.parametrize("path", files, ids=[path.name for path in files])


def recorded(path: Path) -> Verdict:
    """The answer that REFERENCE.tsv has: exit status and the first messages, or what it was as process 1."""
    table = path.with_name("REFERENCE.tsv")
    for row in table.read_text().splitlines() if table.exists() else []:
        number, status, _, *messages, as_first = row.split("\t")
        if number == path.stem:
            status = as_first.partition("/")[0] or status
            said = {keepalived_remark(message, RECORDED_AS) for message in messages if message}
            return Verdict(int(status), frozenset(said))
    pytest.skip(f"{KEEPALIVED} is not installed, and no answer to {path.name} is recorded")


def test_is_judged_as_keepalived_does(path: Path, program: Path) -> None:
    """The same exit status, and at least as much said."""
    source = path.read_text(errors="replace")
    surroundings = named_in(source, path)
    installed = os.access(KEEPALIVED, os.X_OK)
    theirs = ask_keepalived(KEEPALIVED, path, surroundings) if installed else recorded(path)
    theirs = without_consequences(theirs, source)
    ours = ask_holdfast(program, path, surroundings)
    found, wanted = set(between(theirs, ours)), set(WANTED[path.name])
    # Not all that is said is recorded, so a row may be needed and not show.
    if found != wanted if installed else not found <= wanted:
        pytest.fail(explain(found, wanted, theirs, ours), pytrace=False)
