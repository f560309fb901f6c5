"""Our own configurations, written for the purpose: both daemons give the same answer to each file."""

from pathlib import Path

import pytest

from differences import between, explain, reviewed
from surroundings import Surroundings
from verdict import ask_holdfast, ask_keepalived, without_consequences

HERE = Path(__file__).parent
CONFIGURATIONS = HERE / "configurations"
MACHINE = Surroundings(interfaces=("bond0", "eth0", "eth1", "eth2"),
                       keys=("/etc/ssl/certs/ca.pem", "/etc/ssl/certs/lb.pem", "/etc/ssl/private/lb.key"))
WANTED = reviewed(HERE / "differences.tsv")


def named(path: Path) -> str:
    """How the list calls a file."""
    return str(path.relative_to(CONFIGURATIONS))


FILES = sorted(CONFIGURATIONS.glob("*/*.conf"))


@pytest.mark.parametrize("path", FILES, ids=named)
def test_is_judged_as_keepalived_does(path: Path, program: Path, reference: Path) -> None:
    """The same exit status, and at least as much said: what is in the folder good or tolerated is
    accepted, what is in the folder bad is not."""
    source = path.read_text()
    theirs = without_consequences(ask_keepalived(reference, path, MACHINE), source)
    assert (theirs.status == 0) == (path.parent.name != "bad"), theirs
    ours = ask_holdfast(program, path, MACHINE)
    found, wanted = set(between(theirs, ours)), set(WANTED[named(path)])
    if found != wanted:
        pytest.fail(explain(found, wanted, theirs, ours), pytrace=False)


def test_the_list_is_about_files_that_exist() -> None:
    """A row for a file that is gone is not needed any more."""
    assert set(WANTED) <= set(map(named, FILES))
